using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;

namespace Vfleet.Telemetry.Recent;

/// <summary>
/// VFs with their counters, every few seconds: the machine is read whole each minute, and where it is not as it was; in between one list of links
/// for each network namespace that VFs are in tells what they count. Not safe for concurrent use.
/// </summary>
/// <param name="host">The machine.</param>
internal sealed class CounterSource(SriovHost host)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly TimeProvider _time = host.Options.Time;
    private MachineInventory? _machine;
    private long _at;

    /// <summary>Readings of the whole machine so far.</summary>
    public int WholeReadings { get; private set; }

    /// <summary>Reads.</summary>
    /// <param name="isAnew">VFs may be elsewhere by now, as after a hand-out.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Every VF with its newest counters.</returns>
    public async Task<Outcome<IReadOnlyList<VirtualFunction>>> ReadAsync(bool isAnew, CancellationToken cancel)
    {
        if (!isAnew && _machine is { } known && _time.GetElapsedTime(_at) < Longest)
        {
            if (await TryReadAsync(known, cancel).ConfigureAwait(false) is { } vfs)
                return vfs;
        }
        long at = _time.GetTimestamp();
        Outcome<MachineInventory> read = await host.Inventory.ReadWithoutRoutesAsync(VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        WholeReadings++;
        // Whatever was known is doubtful where the machine cannot be read.
        (_machine, _at) = (read.Or(null), at);
        return read.Map(machine => machine.Vfs);
    }

    /// <summary>Newer counters of VFs that are where they were; null where one is not, or that cannot be told.</summary>
    private async Task<VirtualFunction[]?> TryReadAsync(MachineInventory machine, CancellationToken cancel)
    {
        if (await LinksAsync(null, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false) is not { } own)
            return null;
        Dictionary<string, PhysicalFunction> pfs = new(StringComparer.Ordinal);
        foreach (PhysicalFunction pf in machine.Pfs)
        {
            LinkInfo? link = own.GetValueOrDefault(pf.DeviceName);
            if (link?.Index != (pf.Name is null ? null : pf.InterfaceIndex) || (link is not null && link.Vfs.Count != pf.VfSettings.Count))
                return null;
            pfs[pf.DeviceName] = link is null ? pf : pf with { VfSettings = link.Vfs };
        }
        Dictionary<string, Dictionary<string, LinkInfo>> spaces = new(StringComparer.Ordinal);
        foreach (string path in machine.Vfs.Select(vf => vf.NamespacePath).OfType<string>().Distinct())
        {
            if (await LinksAsync(path, VfDetail.None, cancel).ConfigureAwait(false) is not { } links)
                return null;
            spaces[path] = links;
        }
        VirtualFunction[] vfs = new VirtualFunction[machine.Vfs.Count];
        for (int i = 0; i < vfs.Length; i++)
        {
            VirtualFunction vf = machine.Vfs[i];
            Dictionary<string, LinkInfo> links = vf.NamespacePath is { } path ? spaces[path] : own;
            LinkInfo? link = vf.Address is { } address ? links.GetValueOrDefault(address.ToString()) : null;
            if (link?.Index != vf.Link?.Index)
                return null;
            PhysicalFunction pf = pfs[vf.Pf.DeviceName];
            vfs[i] = vf with { Pf = pf, Link = link, Settings = vf.Index < pf.VfSettings.Count ? pf.VfSettings[vf.Index] : null };
        }
        return vfs;
    }

    /// <summary>The first link of each device in a namespace; null where they cannot be listed.</summary>
    private async Task<Dictionary<string, LinkInfo>?> LinksAsync(string? path, VfDetail detail, CancellationToken cancel)
    {
        // Whatever is wrong here, the reading of the whole machine tells it.
        using NetworkNamespace? within = path is null ? null : host.Kernel.OpenNamespace(path).Or(null);
        if ((path is not null && within is null) || RouteClient.Open(host.Kernel, within).Or(null) is not { } route)
            return null;
        using (route)
        {
            if ((await route.ListLinksAsync(detail, cancel).ConfigureAwait(false)).Or(null) is not { } list)
                return null;
            Dictionary<string, LinkInfo> links = new(StringComparer.Ordinal);
            foreach (LinkInfo link in list)
            {
                if (link.ParentDevice is { } device)
                    links.TryAdd(device, link);
            }
            return links;
        }
    }
}
