using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Host.Attach;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Node.Release;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet attach</c> and <c>vfleet detach</c>.</summary>
internal static class AttachCommands
{
    public static Command CreateAttach()
    {
        Argument<string?> vf = new("VF") { Description = "PCI address such as 0000:01:10.0, or PF/index", Arity = ArgumentArity.ZeroOrOne };
        OwnerOptions owner = new();
        AttachOptions how = new();
        Command attach = new("attach", "Hand a VF to a network namespace, a process or a running container") { vf };
        how.AddTo(attach);
        owner.AddTo(attach);
        attach.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            string? named = parsed.GetValue(vf);
            if (!how.ReadOrder(parsed).Try(out AttachOrder? order, out Fault? fault))
                return fault;
            if (how.Missing(parsed, named, "name a VF, or give --pool") is { } missing)
                return missing;
            if (!(await owner.FindAsync(parsed, session, cancel).ConfigureAwait(false)).Try(out OwnerPlace? whom, out fault))
                return fault;
            if (whom.NamespacePath is not { } path)
                return Fault.Usage("give one of --netns, --pid and --container");
            order = order with { NamespacePath = path };
            AllocationRequest request = how.ReadRequest(parsed, named, order, whom.Owner, owner.Tenant(parsed));
            return parsed.GetValue(GlobalOptions.DryRun)
                ? await PlanAsync(session, request, order, cancel).ConfigureAwait(false)
                : await AttachAsync(session, request, order, cancel).ConfigureAwait(false);
        }));
        return attach;
    }

    public static Command CreateDetach()
    {
        Argument<string> vf = VfCommands.VfArgument();
        Command detach = new("detach", "Take a VF back and restore what it was before") { vf, GlobalOptions.DryRun };
        detach.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, session =>
            DetachAsync(session, parsed.GetValue(vf)!, parsed.GetValue(GlobalOptions.DryRun), cancel)));
        return detach;
    }

    private static async Task<Fault?> PlanAsync(HostSession session, AllocationRequest request, AttachOrder order, CancellationToken cancel)
    {
        if (request.Pool is not null)
        {
            if (!session.NodeToLookAt().Try(out LocalNode? node, out Fault? closed))
                return closed;
            Outcome<IReadOnlyList<PoolMember>> planned = await node.PlanAsync(request, cancel).ConfigureAwait(false);
            if (!planned.Try(out IReadOnlyList<PoolMember>? members, out closed))
                return closed;
            request = request with { Vf = members[0].Vf.Label };
        }
        Outcome<AttachResult> done = await session.Host.Attacher.AttachAsync(order.For(request.Vf!), dryRun: true, cancel)
            .ConfigureAwait(false);
        if (!done.Try(out AttachResult? result, out Fault? fault))
            return fault;
        Print(session, result, null, dryRun: true);
        return null;
    }

    private static async Task<Fault?> AttachAsync(HostSession session, AllocationRequest request, AttachOrder order,
        CancellationToken cancel)
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
        Outcome<NodeAttachment> done = await node.AttachAsync(request, order, cancel).ConfigureAwait(false);
        if (!done.Try(out NodeAttachment? attached, out fault))
            return fault;
        AttachResult first = attached.Vfs[0];
        Print(session, first with { Warnings = [.. first.Warnings, .. attached.Warnings] }, attached.Allocation.Id, dryRun: false);
        return null;
    }

    private static void Print(HostSession session, AttachResult result, string? allocation, bool dryRun)
    {
        foreach (string warning in result.Warnings)
            Console.Error.WriteLine($"vfleet: warning: {warning}");
        string what = result.InterfaceName is null ? string.Join(" and ", result.DeviceNodes) : $"{result.InterfaceName}, MAC {result.Mac}, MTU {result.Mtu}";
        JsonObject json = Json(result, dryRun);
        json["allocation"] = allocation;
        session.Output.Done($"{result.Vf} {(dryRun ? "would be" : "is")} in {result.NamespacePath} as {what}{(allocation is null ? "" : $", allocation {allocation}")}", json);
    }

    private static async Task<Fault?> DetachAsync(HostSession session, string vf, bool dryRun, CancellationToken cancel)
    {
        Outcome<DetachResult> looked = await session.Host.Detacher.DetachAsync(vf, dryRun: true, cancel).ConfigureAwait(false);
        // Somebody may have died between taking the VF back and cleaning it: then the release has to go on.
        if (!looked.Try(out DetachResult? result, out Fault? fault)
            && (fault.Kind != FaultKind.NotFound || fault.Target is null || !IsReleasing(session, fault.Target)))
            return fault;
        if (!(dryRun ? session.NodeToLookAt() : session.Node()).Try(out LocalNode? node, out Fault? closed))
            return closed;
        string name = result?.Vf ?? fault!.Target!;
        Outcome<ReleasePlan> found = await node.PlanReleaseAsync(name, force: false, cancel).ConfigureAwait(false);
        if (!found.Try(out ReleasePlan? plan, out closed))
            return closed;
        if (plan.Vfs.Count > 1)
        {
            return Fault.Refused($"{name} belongs with {plan.Vfs.Count - 1} more VFs to {plan.Allocation!.Id}",
                $"they were allocated together for {plan.Allocation.Owner.Name}",
                $"`vfleet release {plan.Allocation.Id}` takes all of them back", name);
        }
        if (!dryRun)
        {
            Outcome<ReleaseResult> released = await node.ReleaseAsync(plan, "detach", cancel).ConfigureAwait(false);
            if (!released.Try(out ReleaseResult? back, out closed))
                return closed;
            result = back.Detached.Count > 0 ? back.Detached[0] : new DetachResult { Vf = name };
            if (back.Quarantined.Count > 0)
                return Quarantined(back.Quarantined[0].Vf, back.Quarantined[0].Evidence);
        }
        // In a dry run of what is half released already there is only its name to tell.
        result ??= new DetachResult { Vf = name };
        foreach (string warning in result.Warnings)
            await Console.Error.WriteLineAsync($"vfleet: warning: {warning}").ConfigureAwait(false);
        session.Output.Done(
            $"{result.Vf} {(dryRun ? "would be taken" : "is")} back from {result.NamespacePath}{(result.NamespaceWasGone ? " (which was gone)" : "")}{(result.InterfaceName is null ? "" : $", as {result.InterfaceName}")}",
            new JsonObject
            {
                ["vf"] = result.Vf,
                ["namespace"] = result.NamespacePath,
                ["namespaceWasGone"] = result.NamespaceWasGone,
                ["netdev"] = result.InterfaceName,
                ["dryRun"] = dryRun,
                ["allocation"] = plan.Allocation?.Id,
            });
        return null;
    }

    private static Fault Quarantined(string vf, string evidence) => new(FaultKind.Kernel, $"{vf} was taken back and is quarantined")
    {
        Cause = evidence,
        Remedy = $"look at it with `vfleet vf show {vf}`; `vfleet release {vf}` cleans it again",
        Target = vf,
    };

    private static bool IsReleasing(HostSession session, string vf) =>
        session.Records.Ledger().Or(null)?.Read(view => view.Vf(vf)?.State == VfState.Releasing).Or(false) == true;

    private static JsonObject Json(AttachResult result, bool dryRun) => new()
    {
        ["vf"] = result.Vf,
        ["namespace"] = result.NamespacePath,
        ["netdev"] = result.InterfaceName,
        ["mac"] = result.Mac?.ToString(),
        ["mtu"] = result.Mtu,
        ["addresses"] = new JsonArray([.. result.Addresses.Select(address => (JsonNode)address.ToString())]),
        ["deviceNodes"] = new JsonArray([.. result.DeviceNodes.Select(node => (JsonNode)node)]),
        ["dryRun"] = dryRun,
    };
}
