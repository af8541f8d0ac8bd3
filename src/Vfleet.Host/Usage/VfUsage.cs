using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Usage;

/// <summary>Why a VF counts as in use.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Reason">In words that name the owner as far as it is known.</param>
public sealed record VfInUse(VirtualFunction Vf, string Reason)
{
    /// <summary>True where nothing but passing frames tells, which a look a moment later may not see.</summary>
    public bool IsTrafficOnly { get; init; }

    /// <summary>The VF and the reason.</summary>
    public override string ToString() => $"{Vf.Label}: {Reason}";
}

/// <summary>Tells which VFs are in use, whoever put them to use.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Where records are.</param>
public sealed class VfUsage(IKernel kernel, HostOptions options)
{
    /// <summary>Those of the VFs that are in use, in their order.</summary>
    /// <param name="vfs">The VFs, with namespaces located.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async ValueTask<Outcome<IReadOnlyList<VfInUse>>> FindAsync(IReadOnlyList<VirtualFunction> vfs, CancellationToken cancel = default)
    {
        // Only the records of these VFs: another VF's that cannot be read must not stop work on them.
        IAttachmentStore store = options.AttachmentsOrFiles;
        Dictionary<string, string> held = new(StringComparer.Ordinal);
        foreach (VirtualFunction vf in vfs)
        {
            if (!HeldBy(store, vf).Try(out string? holder, out Fault? fault))
                return fault;
            if (holder is not null)
                held[vf.Label] = holder;
        }
        ForeignMarks marks = new(kernel, options.ForeignMarks);
        foreach (VirtualFunction vf in vfs.Where(vf => !held.ContainsKey(vf.Label)))
        {
            if (!marks.HolderOf(vf).Try(out string? holder, out Fault? fault))
                return fault;
            if (holder is not null)
                held[vf.Label] = holder;
        }
        Outcome<Dictionary<int, string>> seen = await TenantsAsync(vfs, cancel).ConfigureAwait(false);
        if (!seen.Try(out Dictionary<int, string>? tenants, out Fault? unreadable))
            return unreadable;
        if (!KeptReady(store, vfs).Try(out HashSet<string>? ready, out unreadable))
            return unreadable;
        Outcome<HashSet<int>> sampled = await BusyInterfacesAsync(vfs.Where(vf => !ready.Contains(vf.Label)), cancel).ConfigureAwait(false);
        if (!sampled.Try(out HashSet<int>? busy, out unreadable))
            return unreadable;
        OpenNodes nodes = new(kernel.Files);
        List<VfInUse> used = [];
        foreach (VirtualFunction vf in vfs)
        {
            string? reason = held.GetValueOrDefault(vf.Label) ?? InterfaceReason(vf, tenants, busy);
            // What cannot be looked at is not free.
            if (reason is null && !NodeReason(vf, nodes).Try(out reason, out unreadable))
                return unreadable;
            if (reason is not null)
                used.Add(new VfInUse(vf, reason) { IsTrafficOnly = vf.Link is { } link && reason == TrafficOn(link) });
        }
        return used;
    }

    /// <summary>
    /// Who works through a VF this moment and would lose it to a change of driver or a reset: its interface is in a namespace, or a device node
    /// of it is open. Asks the kernel anew, and neither records nor counters.
    /// </summary>
    /// <returns>The reason in words, or null where nobody does; a fault where it cannot be known.</returns>
    internal Outcome<string?> WorkOn(VirtualFunction vf) =>
        vf.Address is { } address && NamespaceSearch.IsReallyElsewhere(kernel.Files, address)
            ? Outcome<string?>.Of("its interface is in another namespace")
            : NodeReason(vf, new OpenNodes(kernel.Files));

    /// <summary>What is written down about who has a VF, in words; null where nothing is.</summary>
    internal static Outcome<string?> HeldBy(IAttachmentStore store, VirtualFunction vf)
    {
        if (!store.Find(vf.Label).Try(out AttachmentRecord? record, out Fault? fault))
            return fault;
        if (record is null)
            return store.HolderOf(vf.Label);
        string name = record.InterfaceName is null ? "" : $" as {record.InterfaceName}";
        return $"attached to {record.NamespacePath}{name} since {record.RequestedAt:yyyy-MM-dd HH:mm:ss}Z";
    }

    /// <summary>Of those whose interface is up, those that are for their next owner's sake.</summary>
    private static Outcome<HashSet<string>> KeptReady(IAttachmentStore store, IReadOnlyList<VirtualFunction> vfs)
    {
        HashSet<string> ready = new(StringComparer.Ordinal);
        foreach (VirtualFunction vf in vfs.Where(vf => vf.Link?.IsUp == true))
        {
            if (!store.IsKeptReady(vf.Label).Try(out bool isKept, out Fault? fault))
                return fault;
            if (isKept)
                ready.Add(vf.Label);
        }
        return ready;
    }

    private string? InterfaceReason(VirtualFunction vf, Dictionary<int, string> tenants, HashSet<int> busy)
    {
        if (vf.NamespacePath is not null)
            return $"its interface {vf.Link?.Name} is in namespace {vf.NamespacePath}";
        if (vf.Link is { } link)
        {
            if (tenants.GetValueOrDefault(link.Index) is { } tenant)
                return $"its interface {link.Name} carries {tenant}";
            if (link.Master != 0)
                return $"its interface {link.Name} belongs to a bridge or bond";
            if (busy.Contains(link.Index))
                return TrafficOn(link);
            return null;
        }
        return vf.IsInterfaceElsewhere && vf.Address is { } place && NamespaceSearch.IsReallyElsewhere(kernel.Files, place)
            ? "its interface is in a namespace that could not be found"
            : null;
    }

    private static string TrafficOn(LinkInfo link) => $"its interface {link.Name} is up with traffic";

    private Outcome<string?> NodeReason(VirtualFunction vf, OpenNodes nodes)
    {
        if (!KnownDrivers.IsVfio(vf.Driver))
            return nodes.HolderOf(vf);
        if (vf.IommuGroup is not { } group)
            return Outcome<string?>.Of(null);
        Outcome<bool> open = kernel.IsVfioGroupOpen(group);
        // Without its node the group cannot be open.
        if (open.Fault is { Kind: not FaultKind.NotFound } unknown)
            return unknown;
        return Outcome<string?>.Of(open.Or(false) ? $"VFIO group {group} is open, as by a virtual machine or DPDK" : null);
    }

    /// <summary>What stands on interfaces of the host: addresses, and interfaces such as VLANs and macvlans, in words.</summary>
    private async ValueTask<Outcome<Dictionary<int, string>>> TenantsAsync(IReadOnlyList<VirtualFunction> vfs, CancellationToken cancel)
    {
        Dictionary<int, string> found = [];
        if (!vfs.Any(vf => vf.Link is not null && vf.NamespacePath is null))
            return found;
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<List<AddressInfo>> listed = await route.ListAddressesAsync(cancel).ConfigureAwait(false);
            if (!listed.Try(out List<AddressInfo>? addresses, out fault))
                return fault;
            // Link-local addresses come by themselves when an interface goes up, and say nothing about use.
            foreach (AddressInfo address in addresses.Where(address => !address.IsLinkLocal))
                found.TryAdd(address.InterfaceIndex, address.Address.ToString());
            Outcome<List<LinkInfo>> read = await route.ListLinksAsync(cancel: cancel).ConfigureAwait(false);
            if (!read.Try(out List<LinkInfo>? links, out fault))
                return fault;
            foreach (LinkInfo upper in links.Where(link => link.LowerIndex != 0 && link.LowerIndex != link.Index))
                found.TryAdd(upper.LowerIndex, $"the interface {upper.Name}");
            return found;
        }
    }

    private async ValueTask<Outcome<HashSet<int>>> BusyInterfacesAsync(IEnumerable<VirtualFunction> vfs, CancellationToken cancel)
    {
        int[] up = [.. vfs.Where(vf => vf is { NamespacePath: null, Link.IsUp: true }).Select(vf => vf.Link!.Index)];
        if (up.Length == 0)
            return Outcome<HashSet<int>>.Of([]);
        Outcome<Dictionary<int, ulong>> before = await PacketsAsync(up, cancel).ConfigureAwait(false);
        await Task.Delay(options.TrafficSample, options.Time, cancel).ConfigureAwait(false);
        Outcome<Dictionary<int, ulong>> after = await PacketsAsync(up, cancel).ConfigureAwait(false);
        if (!before.Try(out Dictionary<int, ulong>? first, out Fault? fault) || !after.Try(out Dictionary<int, ulong>? second, out fault))
            return fault;
        return up.Where(index => second.GetValueOrDefault(index) != first.GetValueOrDefault(index)).ToHashSet();
    }

    private async ValueTask<Outcome<Dictionary<int, ulong>>> PacketsAsync(int[] indexes, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Dictionary<int, ulong> packets = [];
            foreach (int index in indexes)
            {
                // An interface that left meanwhile is not up here any more.
                if ((await route.GetLinkAsync(index, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false)).Or(null)?.Packets is { } count)
                    packets[index] = count;
            }
            return packets;
        }
    }
}
