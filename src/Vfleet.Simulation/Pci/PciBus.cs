using Vfleet.Simulation.Drivers;

namespace Vfleet.Simulation.Pci;

/// <summary>The PCI functions and drivers of the machine. Runs under the machine's gate unless a method says otherwise.</summary>
internal sealed class PciBus(SimulatedMachine machine)
{
    private readonly SortedDictionary<PciAddress, PciDevice> _devices = [];
    private readonly SortedDictionary<string, SimulatedDriver> _drivers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, List<PciDevice>> _groups = [];
    private readonly SortedSet<int> _freeGroups = [];
    private int _groupsEver;

    public IEnumerable<PciDevice> Devices => _devices.Values;

    public IEnumerable<SimulatedDriver> Drivers => _drivers.Values;

    public IReadOnlyDictionary<int, List<PciDevice>> Groups => _groups;

    public PciDevice? Find(PciAddress address) => _devices.GetValueOrDefault(address);

    /// <summary>By the name sysfs has for it; the short form is none.</summary>
    public PciDevice? Find(string name) =>
        PciAddress.TryParse(name, out PciAddress address) && Find(address) is { } device && device.Name == name ? device : null;

    public SimulatedDriver? Driver(string name) => _drivers.GetValueOrDefault(name);

    public void Register(SimulatedDriver driver) => _drivers[driver.Name] = driver;

    /// <summary>The lowest number no group has, as the kernel gives them out.</summary>
    public int NextGroup()
    {
        if (_freeGroups.Count == 0)
            return _groupsEver++;
        int lowest = _freeGroups.Min;
        _freeGroups.Remove(lowest);
        return lowest;
    }

    public void Add(PciDevice device)
    {
        _devices.Add(device.Address, device);
        if (device.IommuGroup is { } group)
        {
            if (!_groups.TryGetValue(group, out List<PciDevice>? members))
                _groups.Add(group, members = []);
            members.Add(device);
        }
        machine.Events.DeviceAdded(device);
    }

    /// <summary>Takes a function away, its driver first.</summary>
    public void Remove(PciDevice device)
    {
        Detach(device);
        device.Removed = true;
        _devices.Remove(device.Address);
        if (device.IommuGroup is { } group && _groups.TryGetValue(group, out List<PciDevice>? members))
        {
            members.Remove(device);
            if (members.Count == 0)
            {
                _groups.Remove(group);
                _freeGroups.Add(group);
            }
        }
        machine.Events.DeviceRemoved(device);
    }

    /// <summary>Lets the driver of a function go.</summary>
    public void Detach(PciDevice device)
    {
        if (device.Driver is not { } driver)
            return;
        driver.Remove(machine, device);
        device.Driver = null;
        device.Affinities.Clear();
        machine.Events.DeviceChanged(device, "unbind");
    }

    public IEnumerable<PciDevice> Below(PciDevice? bridge) => _devices.Values.Where(device => device.Bridge == bridge);
}
