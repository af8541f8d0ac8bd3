using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Host.Attach;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Pools;

namespace Vfleet.Cli.Commands;

/// <summary>A VF on its way into a network namespace: what <c>attach</c> and <c>run</c> have in common.</summary>
internal static class HandOut
{
    /// <summary>What an attach would do.</summary>
    public static async Task<Outcome<AttachResult>> PlanAsync(
        HostSession session, AllocationRequest request, AttachOrder order, CancellationToken cancel)
    {
        if (request.Pool is not null)
        {
            if (!session.NodeToLookAt().Try(out LocalNode? node, out Fault? fault))
                return fault;
            Outcome<IReadOnlyList<PoolMember>> planned = await node.PlanAsync(request, cancel).ConfigureAwait(false);
            if (!planned.Try(out IReadOnlyList<PoolMember>? members, out fault))
                return fault;
            request = request with { Vf = members[0].Vf.Label };
        }
        return await session.Host.Attacher.AttachAsync(order.For(request.Vf!), dryRun: true, cancel).ConfigureAwait(false);
    }

    /// <summary>Attaches a VF.</summary>
    public static async Task<Outcome<NodeAttachment>> AttachAsync(
        HostSession session, AllocationRequest request, AttachOrder order, CancellationToken cancel)
    {
        if (!session.Node().Try(out LocalNode? node, out Fault? fault))
            return fault;
        // What dead owners left must not stand in the way of the look that follows.
        if ((await node.ReclaimAsync(cancel).ConfigureAwait(false)).Fault is { } stuck)
            return stuck;
        // Refused before anything is held: else a wrong word would cost the VF a reset on its way back.
        if (request.Vf is { } vf
            && (await session.Host.Attacher.AttachAsync(order.For(vf), dryRun: true, cancel).ConfigureAwait(false)).Fault is { } refusal)
            return refusal;
        order = order with
        {
            WriteDown = (each, overridden) =>
                session.WritesAsync($"attach {request.Vf ?? each} to {order.NamespacePath}", overridden, cancel),
        };
        return await node.AttachAsync(request, order, cancel).ConfigureAwait(false);
    }

    /// <summary>Prints warnings.</summary>
    public static void Warn(IEnumerable<string> warnings)
    {
        foreach (string warning in warnings)
            Console.Error.WriteLine($"vfleet: warning: {warning}");
    }

    /// <summary>What the workload gets, in words.</summary>
    public static string Words(AttachResult result) => result.InterfaceName is null
        ? string.Join(" and ", result.DeviceNodes) : $"{result.InterfaceName}, MAC {result.Mac}, MTU {result.Mtu}";

    /// <summary>The same for programs.</summary>
    public static JsonObject Json(AttachResult result, string? allocation, bool dryRun) => new()
    {
        ["vf"] = result.Vf,
        ["namespace"] = result.NamespacePath,
        ["netdev"] = result.InterfaceName,
        ["mac"] = result.Mac?.ToString(),
        ["mtu"] = result.Mtu,
        ["addresses"] = new JsonArray([.. result.Addresses.Select(address => (JsonNode)address.ToString())]),
        ["deviceNodes"] = new JsonArray([.. result.DeviceNodes.Select(node => (JsonNode)node)]),
        ["dryRun"] = dryRun,
        ["allocation"] = allocation,
    };

    /// <summary>A VF that was taken back and is not clean.</summary>
    public static Fault Quarantined(string vf, string evidence) => new(FaultKind.Kernel, $"{vf} was taken back and is quarantined")
    {
        Cause = evidence,
        Remedy = $"look at it with `vfleet vf show {vf}`; `vfleet release {vf}` cleans it again",
        Target = vf,
    };
}
