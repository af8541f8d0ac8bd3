using System.Globalization;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Pci;

/// <summary>/sys/bus/netdevsim: devices that come and go by a write. Source: drivers/net/netdevsim/bus.c.</summary>
internal sealed class NetdevsimBus(SimulatedMachine machine)
{
    private const byte MacKind = 0x30;

    private readonly SortedDictionary<uint, NetdevsimDevice> _devices = [];

    public IEnumerable<NetdevsimDevice> Devices => _devices.Values;

    public NetdevsimDevice? Find(string name) => _devices.Values.FirstOrDefault(device => device.Name == name);

    /// <summary>Equivalent to <c>echo "ID PORTS QUEUES" &gt; new_device</c>.</summary>
    public Errno Add(string text)
    {
        string[] words = text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        uint ports = 1;
        if (words.Length is < 1 or > 3 || !TryNumber(words[0], out uint number) || number > int.MaxValue
            || (words.Length > 1 && !TryNumber(words[1], out ports)))
            return Errno.EINVAL;
        lock (machine.Gate)
        {
            if (_devices.ContainsKey(number))
                return Errno.EEXIST;
            NetdevsimDevice device = new(number)
            {
                Sriov = new SriovState { HardwareTotal = int.MaxValue, Total = int.MaxValue },
                Traits = machine.Profile.Traits,
            };
            _devices.Add(number, device);
            for (uint port = 1; port <= ports; port++)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"eni{number}np{port}");
                machine.Links.Create(device, name, MacAddresses.Local(MacKind, (ushort)number, (ushort)port), device.Traits!);
            }
            return Errno.None;
        }
    }

    /// <summary>Equivalent to <c>echo ID &gt; del_device</c>.</summary>
    public Errno Remove(string text)
    {
        if (!TryNumber(text.TrimEnd('\n'), out uint number))
            return Errno.EINVAL;
        lock (machine.Gate)
        {
            if (!_devices.Remove(number, out NetdevsimDevice? device))
                return Errno.ENOENT;
            machine.Links.RemoveOf(device);
            device.Removed = true;
            return Errno.None;
        }
    }

    /// <summary>Equivalent to <c>echo COUNT &gt; sriov_numvfs</c>; too many are ENOMEM here, not ERANGE.</summary>
    public Errno SetCount(NetdevsimDevice device, long count)
    {
        lock (machine.Gate)
        {
            SriovState sriov = device.Sriov!;
            if (count == sriov.Enabled)
                return Errno.None;
            if ((sriov.Enabled > 0 && count > 0) || machine.Faults.IsHit(SimulatedFault.Busy, device.Name))
                return Errno.EBUSY;
            if (count > device.MaximumVfs || machine.Faults.IsHit(SimulatedFault.OutOfMemory, device.Name))
                return Errno.ENOMEM;
            sriov.Settings = VfSettings.Fresh((int)count, device.Traits!);
            sriov.Enabled = (int)count;
            return Errno.None;
        }
    }

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
