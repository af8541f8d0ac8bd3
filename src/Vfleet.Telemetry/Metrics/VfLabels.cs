using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Metrics;

/// <summary>Labels of VFs.</summary>
internal static class VfLabels
{
    private const string Kubernetes = "cni", Docker = "docker";

    /// <summary>What tells a VF from any other; the rest is joined from <c>vfleet_vf_info</c>.</summary>
    public static LabelSet Of(string host, VirtualFunction vf) =>
        LabelSet.Of(("host", host), ("pf", vf.Pf.Label), ("vf", Text(vf.Index)), ("bdf", vf.Address?.ToString()));

    /// <summary>What tells a PF from any other.</summary>
    public static LabelSet Of(string host, PhysicalFunction pf) => LabelSet.Of(("host", host), ("pf", pf.Label), ("bdf", pf.Address?.ToString()));

    /// <summary>The same with the pool and whom the VF is for.</summary>
    /// <param name="host">Name of the machine.</param>
    /// <param name="vf">The VF.</param>
    /// <param name="pool">Its pool.</param>
    /// <param name="allocation">Who has it, or had it; null for nobody.</param>
    public static LabelSet Of(string host, VirtualFunction vf, string? pool, LedgerAllocation? allocation)
    {
        LabelSet labels = Of(host, vf).With(("numa_node", Text(vf.NumaNode)), ("pool", pool));
        return allocation is null ? labels : WithOwner(labels, allocation);
    }

    /// <summary>An allocation, however many VFs it has.</summary>
    public static LabelSet Of(string host, LedgerAllocation allocation) => WithOwner(LabelSet.Of(("host", host), ("pool", allocation.Pool)), allocation);

    private static LabelSet WithOwner(LabelSet labels, LedgerAllocation allocation)
    {
        (string? space, string? pod) = PodOf(allocation);
        return labels.With(("tenant", allocation.Tenant), ("owner", allocation.Owner.Name), ("namespace", space), ("pod", pod),
            ("container", allocation.FrontDoor == Docker ? allocation.Owner.Name : null), ("allocation", allocation.Id));
    }

    /// <summary>Namespace and name of the pod a VF is for; nulls for another owner.</summary>
    public static (string? Namespace, string? Pod) PodOf(LedgerAllocation? allocation) =>
        allocation is { FrontDoor: Kubernetes, Owner.Name: var name } && name.Split('/') is [var space, var pod]
            ? (space, pod)
            : (null, null);

    /// <summary>A number as a label's value.</summary>
    public static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
