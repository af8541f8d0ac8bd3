using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Host.Attach;
using Vfleet.Linux.Route;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Commands;

/// <summary>What a container got under CNI_IFNAME: the interface of a VF, a bond of two, or a VF on vfio-pci without any.</summary>
/// <param name="Name">Its name; null without an interface.</param>
/// <param name="Mac">Its MAC; null where unknown.</param>
/// <param name="Mtu">Its MTU in bytes; null where unknown.</param>
internal sealed record GivenInterface(string? Name, MacAddress? Mac, int? Mtu)
{
    /// <summary>Takes what was attached, and bonds it where the configuration says so.</summary>
    public static async Task<CniOutcome<GivenInterface>> OfAsync(CniRun run, NodeAttachment attachment, CancellationToken cancel)
    {
        if (run.Config.Bond is not { } bond)
        {
            AttachResult vf = attachment.Vfs[0];
            // A VF without an interface has the address that its PF gave it.
            return new GivenInterface(vf.InterfaceName, vf.Mac ?? vf.Now?.Settings?.Mac, vf.Mtu ?? vf.Now?.Pf.Mtu);
        }
        string[] members = [.. attachment.Vfs.Select(vf => vf.InterfaceName).OfType<string>()];
        if (members.Length < attachment.Vfs.Count)
            return CniJson.Wrong("a VF on vfio-pci cannot be bonded: it has no interface", "bond it where it is driven");
        Outcome<LinkInfo> made = await new WorkloadBond(run.Kernel)
            .MakeAsync(run.Call.Namespace, run.Call.InterfaceName, members, bond, run.Config.AllMulticast, cancel).ConfigureAwait(false);
        return made.Try(out LinkInfo? link, out Fault? fault) ? new GivenInterface(link.Name, link.Mac, link.Mtu) : CniError.Of(fault);
    }

    /// <summary>
    /// Removes the bond of an attachment, so that its members can go; nothing where it has none, or where its path leads to another
    /// namespace by now.
    /// </summary>
    public static async Task<Fault?> RemoveBondAsync(CniRun run, LedgerAllocation allocation, CancellationToken cancel)
    {
        Owner owner = allocation.Owner;
        if (allocation.Vfs.Count < 2 || owner.NamespacePath is not { } path || CniWorkload.Of(allocation) is not { } workload)
            return null;
        Outcome<Unit> removed = await new WorkloadBond(run.Kernel).RemoveAsync(path, workload.InterfaceName,
            space => space.Is(owner.NamespaceInode, owner.NamespaceCookie) != false, cancel).ConfigureAwait(false);
        return removed.Fault;
    }
}
