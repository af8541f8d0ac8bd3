using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Host.Attach;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
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
        Outcome<AttachResult> planned = await HandOut.PlanAsync(session, request, order, cancel).ConfigureAwait(false);
        if (!planned.Try(out AttachResult? result, out Fault? fault))
            return fault;
        Print(session, result, null, dryRun: true);
        return null;
    }

    private static async Task<Fault?> AttachAsync(HostSession session, AllocationRequest request, AttachOrder order,
        CancellationToken cancel)
    {
        Outcome<NodeAttachment> done = await HandOut.AttachAsync(session, request, order, cancel).ConfigureAwait(false);
        if (!done.Try(out NodeAttachment? attached, out Fault? fault))
            return fault;
        AttachResult first = attached.Vfs[0];
        Print(session, first with { Warnings = [.. first.Warnings, .. attached.Warnings] }, attached.Allocation.Id, dryRun: false);
        return null;
    }

    private static void Print(HostSession session, AttachResult result, string? allocation, bool dryRun)
    {
        HandOut.Warn(result.Warnings);
        string id = allocation is null ? "" : $", allocation {allocation}";
        session.Output.Done($"{result.Vf} {(dryRun ? "would be" : "is")} in {result.NamespacePath} as {HandOut.Words(result)}{id}",
            HandOut.Json(result, allocation, dryRun));
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
            HandOut.Warn(back.Warnings);
            if (back.Quarantined.Count > 0)
                return HandOut.Quarantined(back.Quarantined[0].Vf, back.Quarantined[0].Evidence);
        }
        // In a dry run of what is half released already there is only its name to tell.
        result ??= new DetachResult { Vf = name };
        HandOut.Warn(result.Warnings);
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

    private static bool IsReleasing(HostSession session, string vf) =>
        session.Records.Ledger().Or(null)?.Read(view => view.Vf(vf)?.State == VfState.Releasing).Or(false) == true;
}
