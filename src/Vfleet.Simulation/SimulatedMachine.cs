using System.Globalization;
using Vfleet.Linux.Probes;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Netlink;
using Vfleet.Simulation.Pci;
using Vfleet.Simulation.Profiles;
using Vfleet.Simulation.Vfio;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation;

/// <summary>
/// The state of a simulated machine, and the hands a test has on it. One lock guards everything;
/// what takes time waits on the clock outside of it.
/// </summary>
public sealed class SimulatedMachine
{
    private int _boots;

    internal SimulatedMachine(MachineProfile profile, SimulationOptions options)
    {
        Profile = profile;
        Clock = options.Clock;
        Privileged = options.Privileged;
        Iommu = options.Iommu;
        RenamesUp = options.RenamesUp;
        Timing = options.RealisticTiming ? profile.Timing : MachineTiming.Instant;
        Faults = new FaultSchedule(injection => FaultEffects.Apply(this, injection));
        Events = new EventHub();
        Namespaces = new NamespaceTable(this);
        Links = new LinkTable(this);
        Pci = new PciBus(this);
        Netdevsim = new NetdevsimBus(this);
        Driving = new DriverBinder(this);
        Sriov = new SriovSwitch(this);
        Modules = new ModuleTable(this);
        Cables = new Cables(this);
        Vfio = new VfioTable(this);
        Packets = new PacketHub(this);
    }

    /// <summary>The faults that are on.</summary>
    public FaultSchedule Faults { get; }

    /// <summary>/proc/sys/kernel/random/boot_id; another one after <see cref="Reboot"/>.</summary>
    internal string BootId { get; private set; } = "5b0e7e3a-94a6-4d1f-8d55-0c1f6a3c2b01";

    internal Lock Gate { get; } = new();

    internal MachineProfile Profile { get; }

    internal TimeProvider Clock { get; }

    internal bool Privileged { get; }

    internal bool Iommu { get; }

    internal bool RenamesUp { get; }

    internal MachineTiming Timing { get; }

    internal EventHub Events { get; }

    internal NamespaceTable Namespaces { get; }

    internal LinkTable Links { get; }

    internal PciBus Pci { get; }

    internal NetdevsimBus Netdevsim { get; }

    internal DriverBinder Driving { get; }

    internal SriovSwitch Sriov { get; }

    internal ModuleTable Modules { get; }

    internal Cables Cables { get; }

    internal VfioTable Vfio { get; }

    internal PacketHub Packets { get; }

    /// <summary>Texts a test put over the machine's own files.</summary>
    internal Dictionary<string, string?> FileOverrides { get; } = new(StringComparer.Ordinal);

    /// <summary>What processes hold open, in the order of opening.</summary>
    /// <summary>What targets of probes answer, over whatever interface.</summary>
    public Dictionary<ProbeTarget, Outcome<ProbeReply>> ProbeTargets { get; } = [];

    internal List<(int Pid, string Path)> OpenFiles { get; } = [];

    /// <summary>Devices of every bus.</summary>
    internal IEnumerable<SimulatedDevice> Devices => Pci.Devices.Concat<SimulatedDevice>(Netdevsim.Devices);

    /// <summary>How often a function was reset, through sysfs or VFIO.</summary>
    public int ResetCount(PciAddress address) => OnFunction(address, device => device.Resets);

    /// <summary>How often a VF's native driver was asked to take it.</summary>
    public int NativeProbeCount(PciAddress address) => OnFunction(address, device => device.NativeProbes);

    /// <summary>Starts a process, in a named namespace or in a fresh one of its own.</summary>
    /// <param name="pid">Its number, 2 or more; a process that has it ends.</param>
    /// <param name="namespaceName">The namespace; null for a fresh one.</param>
    /// <param name="command">Its name in /proc/PID/stat, 1 to 15 bytes.</param>
    public void AddProcess(int pid, string? namespaceName = null, string command = "sleep")
    {
        lock (Gate)
            Namespaces.AddProcess(pid, namespaceName is null ? null : Namespaces.ByName(namespaceName), command);
    }

    /// <summary>Ends a process whose parent does not ask for it: it stays as a zombie, without a namespace.</summary>
    public void LeaveZombie(int pid)
    {
        lock (Gate)
        {
            Namespaces.LeaveZombie(pid);
            OpenFiles.RemoveAll(file => file.Pid == pid);
        }
    }

    /// <summary>Ends a process, and its namespace when nothing else holds it.</summary>
    public void EndProcess(int pid)
    {
        lock (Gate)
        {
            Namespaces.RemoveProcess(pid);
            OpenFiles.RemoveAll(file => file.Pid == pid);
        }
    }

    /// <summary>
    /// Boots anew: processes, named namespaces and VFs are gone, and the boot has another id. PFs keep their interfaces as they are, and nobody
    /// makes VFs: that is the work of whoever did it before.
    /// </summary>
    public void Reboot()
    {
        lock (Gate)
        {
            foreach (int pid in Namespaces.Processes.Where(pid => pid != 1).ToArray())
                Namespaces.RemoveProcess(pid);
            foreach (string name in Namespaces.Names.ToArray())
                Namespaces.RemoveName(name);
            OpenFiles.Clear();
            _boots++;
            BootId = string.Create(CultureInfo.InvariantCulture, $"5b0e7e3a-94a6-4d1f-8d55-{_boots:x12}");
        }
        foreach (PciDevice pf in Pci.Devices.Where(device => device.Sriov is not null).ToArray())
        {
            Sriov.Set(pf, 0);
            pf.Sriov!.AutoProbe = true;
        }
    }

    /// <summary>Pulls or plugs the cable of a PF.</summary>
    public void SetCable(PciAddress port, bool plugged)
    {
        lock (Gate)
        {
            if (Pci.Find(port) is { } device)
                Cables.Set(device, plugged);
        }
    }

    /// <summary>Gives a device a devlink health reporter, or changes it.</summary>
    /// <param name="device">The PF.</param>
    /// <param name="name">The reporter, such as <c>fw</c>.</param>
    /// <param name="healthy">False for state error.</param>
    /// <param name="errors">Errors so far.</param>
    public void SetHealthReporter(PciAddress device, string name, bool healthy, ulong errors)
    {
        lock (Gate)
        {
            if (Pci.Find(device) is { } found)
                found.Reporters[name] = new SimulatedReporter(healthy, errors);
        }
    }

    /// <summary>Gives a device's driver a counter of its own (<c>ethtool -S</c>), or changes it.</summary>
    public void SetDriverCounter(PciAddress device, string name, ulong value)
    {
        lock (Gate)
        {
            if (Pci.Find(device) is { } found)
                found.DriverCounters[name] = value;
        }
    }

    /// <summary>Takes a function away, with its VFs, as when a card is pulled.</summary>
    public void Unplug(PciAddress address)
    {
        lock (Gate)
        {
            if (Pci.Find(address) is { } device)
                Sriov.Unplug(device);
        }
    }

    /// <summary>Plugs a card's function that was taken away; its driver finds it, as when a card is plugged into a running machine.</summary>
    /// <param name="address">Where it was.</param>
    public void Plug(PciAddress address)
    {
        if (Profiles.MachineBuilder.PlugAgain(this, address) is { } device)
            Driving.Introduce(device);
    }

    /// <summary>Opens a VFIO group as another process would; disposing closes it.</summary>
    /// <returns>EBUSY when it is open already.</returns>
    public Outcome<IDisposable> HoldVfioGroup(int group)
    {
        Errno refusal = Vfio.Hold(group);
        return refusal == Errno.None ? new VfioHold(this, group) : Fault.FromErrno(refusal, "open", $"/dev/vfio/{group}");
    }

    /// <summary>Gives the initial namespace a default route. Equivalent to <c>ip route add default dev DEV</c>.</summary>
    public void AddDefaultRoute(string interfaceName)
    {
        lock (Gate)
        {
            if (Namespaces.Initial.ByName(interfaceName) is { } link)
                Namespaces.Initial.Routes.Add(new SimulatedRoute(AddressFamily.Inet, [], 0, [], link.Index, 0));
        }
    }

    /// <summary>Puts a VLAN upon an interface. Equivalent to <c>ip link add link DEV name NAME type vlan id 7</c>.</summary>
    public void AddVlan(string interfaceName, string name)
    {
        lock (Gate)
        {
            if (Namespaces.Initial.ByName(interfaceName) is { } lower)
                Links.AddVlan(lower, name);
        }
    }

    /// <summary>A process opens a file; it stays open as long as the process lives.</summary>
    public void OpenFile(int pid, string path)
    {
        lock (Gate)
            OpenFiles.Add((pid, path));
    }

    /// <summary>Puts a text in the place of a file, such as <c>/sys/kernel/security/lockdown</c>; null makes the file disappear.</summary>
    public void SetFile(string path, string? text)
    {
        lock (Gate)
            FileOverrides[path] = text;
    }

    /// <summary>Lets simulated time pass; never under the gate.</summary>
    internal void Wait(TimeSpan span)
    {
        if (span <= TimeSpan.Zero)
            return;
        using ManualResetEventSlim over = new(false);
        using ITimer timer = Clock.CreateTimer(state => ((ManualResetEventSlim)state!).Set(), over, span, Timeout.InfiniteTimeSpan);
        over.Wait();
    }

    private int OnFunction(PciAddress address, Func<PciDevice, int> read)
    {
        lock (Gate)
            return Pci.Find(address) is { } device ? read(device) : 0;
    }
}
