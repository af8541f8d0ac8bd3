using Vfleet.Host.Inventory;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Telemetry.Drivers;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Reads drivers' own counters of PFs and VFs, each in the namespace where its interface is, by the driver's map. Names are asked for once for each
/// interface. Not safe for concurrent use.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="maps">What the counters mean.</param>
internal sealed class DeviceCounterReader(IKernel kernel, CounterMaps maps)
{
    private Dictionary<Interface, Known> _known = [];

    /// <summary>Counters by device: a PF by its device name, a VF by what it is called. What cannot be read now is left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DeviceCounter>> Read(MachineInventory machine)
    {
        Dictionary<string, IReadOnlyList<DeviceCounter>> found = new(StringComparer.Ordinal);
        Dictionary<Interface, Known> seen = [];
        foreach (PhysicalFunction pf in machine.Pfs)
        {
            if (pf.Name is { } name)
                Read(pf.DeviceName, pf.Driver, new Interface(null, pf.InterfaceIndex, name), found, seen);
        }
        foreach (VirtualFunction vf in machine.Vfs)
        {
            if (vf.Link is { } link)
                Read(vf.Label, vf.Driver, new Interface(vf.NamespacePath, link.Index, link.Name), found, seen);
        }
        _known = seen;
        return found;
    }

    private void Read(
        string device, string? driver, Interface place, Dictionary<string, IReadOnlyList<DeviceCounter>> found, Dictionary<Interface, Known> seen)
    {
        if (maps.Of(driver) is not { } map)
            return;
        // A namespace or an interface that goes away while it is read counts for nobody any more.
        using NetworkNamespace? within = place.Namespace is { } path ? kernel.OpenNamespace(path).Or(null) : null;
        if (place.Namespace is not null && within is null)
            return;
        Known? known = _known.GetValueOrDefault(place) ?? Learn(map, within, place.Name);
        if (known is null)
            return;
        seen[place] = known;
        ulong[] values = new ulong[known.Statistics.Names.Count];
        if (known.Layout.IsEmpty)
            return;
        if (known.Statistics.In(within).Read(values).Succeeded)
            found[device] = known.Layout.Read(values);
        else
            seen.Remove(place);
    }

    private Known? Learn(CounterMap map, NetworkNamespace? within, string name) =>
        DriverStatistics.Open(kernel, within, name).Or(null) is { } statistics
            ? new Known(statistics, CounterLayout.Of(map, statistics.Names))
            : null;

    /// <summary>An interface as long as it is the same one.</summary>
    private readonly record struct Interface(string? Namespace, int Index, string Name);

    private sealed record Known(DriverStatistics Statistics, CounterLayout Layout);
}
