using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Pools;

namespace Vfleet.Agent.Api;

/// <summary>Turns bodies of the API into requests of the node.</summary>
internal static class AllocationOrders
{
    /// <summary>A request for VFs.</summary>
    public static Outcome<AllocationRequest> Request(IKernel kernel, AllocationOrder order)
    {
        if (!OwnerOf(kernel, order.Owner, order.Namespace, order.ProcessId).Try(out Owner? owner, out Fault? fault)
            || !Choice<AllocationPolicy>("policy", order.Policy).Try(out AllocationPolicy? policy, out fault)
            || !Choice<NumaPolicy>("numa", order.Numa).Try(out NumaPolicy? numa, out fault))
            return fault;
        PciAddress near = default;
        if (order.Near is { } text && !PciAddress.TryParse(text, out near))
            return Fault.Usage($"near: \"{text}\" is no PCI address", "write it as 0000:01:00.0", text);
        return new AllocationRequest
        {
            Owner = owner,
            Tenant = order.Tenant,
            Pool = order.Pool,
            Vf = order.Vf,
            Count = order.Count ?? 1,
            Policy = policy,
            NumaNode = order.NumaNode,
            Numa = numa ?? NumaPolicy.Preferred,
            Near = order.Near is null ? null : near,
            DifferentPfs = order.DifferentPfs,
            GuaranteedMbps = order.GuaranteedMbps,
            RequestKey = order.RequestKey,
        };
    }

    /// <summary>An owner: a namespace or a process where one is named, else a name.</summary>
    public static Outcome<Owner> OwnerOf(IKernel kernel, string name, string? space, int? process)
    {
        if (space is not null && process is not null)
            return Fault.Usage("an owner is a namespace or a process, not both", "leave one of namespace and processId out");
        if (space is not null)
            return OwnerIdentity.OfNamespace(kernel, space, name);
        return process is { } pid ? OwnerIdentity.OfProcess(kernel, pid, name) : OwnerIdentity.OfName(name);
    }

    private static Outcome<T?> Choice<T>(string key, string? word)
        where T : struct, Enum
    {
        if (word is null)
            return Outcome<T?>.Of(null);
        foreach (T value in Enum.GetValues<T>())
        {
            if (Reports.Word(value) == word)
                return value;
        }
        return Fault.Usage($"{key} is no \"{word}\"", $"it is one of {string.Join(", ", Enum.GetValues<T>().Select(Reports.Word))}");
    }
}
