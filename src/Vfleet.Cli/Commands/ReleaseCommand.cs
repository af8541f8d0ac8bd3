using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Release;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet release</c>: ends an allocation, or frees a VF that is quarantined.</summary>
internal static class ReleaseCommand
{
    public static Command Create()
    {
        Argument<string> what = new("ALLOCATION") { Description = "An allocation's id, or one of its VFs; or a VF that is quarantined" };
        Command release = new("release", "Take an allocation's VFs back and clean them")
        {
            what, GlobalOptions.DryRun, GlobalOptions.Force,
        };
        release.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, session =>
            ReleaseAsync(session, parsed.GetValue(what)!, parsed.GetValue(GlobalOptions.Force), parsed.GetValue(GlobalOptions.DryRun),
                cancel)));
        return release;
    }

    private static async Task<Outcome<int>> ReleaseAsync(HostSession session, string what, bool force, bool dryRun,
        CancellationToken cancel)
    {
        if (!(dryRun ? session.NodeToLookAt() : session.Node()).Try(out LocalNode? node, out Fault? fault))
            return fault;
        Outcome<ReleasePlan> found = await node.PlanReleaseAsync(what, force, cancel).ConfigureAwait(false);
        if (!found.Try(out ReleasePlan? plan, out fault))
            return fault;
        if (dryRun)
        {
            session.Output.Done(
                $"{string.Join(", ", plan.Vfs)} would be taken back{(plan.Allocation is { } its ? $" from {its.Owner.Name}" : "")}; nothing was changed",
                Json(plan, ReleaseResult.Nothing, dryRun));
            return 0;
        }
        if (force)
        {
            IReadOnlyList<string> overridden = await OverriddenAsync(node, plan, what, cancel).ConfigureAwait(false);
            if ((await session.WritesAsync($"release {what}", overridden, cancel).ConfigureAwait(false)).Fault is { } unwritten)
                return unwritten;
        }
        Outcome<ReleaseResult> done = await ProgressBar.RunAsync(async report =>
        {
            report("release", 0, 1);
            return await node.ReleaseAsync(plan, cancel: cancel).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (!done.Try(out ReleaseResult? result, out fault))
            return fault;
        foreach (string warning in (string[])[.. result.Detached.SelectMany(each => each.Warnings), .. result.Warnings])
            await Console.Error.WriteLineAsync($"vfleet: warning: {warning}").ConfigureAwait(false);
        foreach ((string vf, string evidence) in result.Quarantined)
            await Console.Error.WriteLineAsync($"vfleet: warning: {vf} is quarantined: {evidence}; look at it, then `vfleet release {vf}`")
                .ConfigureAwait(false);
        session.Output.Done(result.Free.Count == 0
            ? "no VF became free" : $"{string.Join(", ", result.Free)}: free", Json(plan, result, dryRun));
        return result.Quarantined.Count == 0 ? 0 : (int)FaultKind.Kernel;
    }

    /// <summary>What the same command would have been refused for, or would have done, without force.</summary>
    private static async Task<IReadOnlyList<string>> OverriddenAsync(LocalNode node, ReleasePlan plan, string what,
        CancellationToken cancel)
    {
        if (plan.Quarantined is { } row)
            return [$"{row.Vf} is quarantined and is not cleaned: {row.Evidence}"];
        return (await node.PlanReleaseAsync(what, force: false, cancel).ConfigureAwait(false)).Fault is { } refusal
            ? [ForceLog.Words(refusal)]
            : [];
    }

    private static JsonObject Json(ReleasePlan plan, ReleaseResult result, bool dryRun) => new()
    {
        ["allocation"] = plan.Allocation?.Id,
        ["vfs"] = new JsonArray([.. plan.Vfs.Select(vf => (JsonNode)vf)]),
        ["free"] = new JsonArray([.. result.Free.Select(vf => (JsonNode)vf)]),
        ["quarantined"] = new JsonArray(
            [.. result.Quarantined.Select(each => (JsonNode)new JsonObject { ["vf"] = each.Vf, ["evidence"] = each.Evidence })]),
        ["dryRun"] = dryRun,
    };
}
