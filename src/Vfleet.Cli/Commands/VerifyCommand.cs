using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Verify;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet verify</c>: every invariant that can be checked on this machine; nothing is repaired.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Command verify = new("verify", "Check that owners, VFs and history are as the ledger says; repairs nothing");
        verify.SetAction((parsed, cancel) =>
            HostSession.RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, session => RunAsync(session, cancel)));
        return verify;
    }

    /// <returns>0 where every invariant holds, else the code of "refused".</returns>
    private static async Task<Outcome<int>> RunAsync(HostSession session, CancellationToken cancel)
    {
        if (!session.Node().Try(out LocalNode? node, out Fault? fault))
            return fault;
        Outcome<NodeVerdict> verified = await new NodeVerifier(node).VerifyAsync(cancel).ConfigureAwait(false);
        if (!verified.Try(out NodeVerdict? verdict, out fault))
            return fault;
        if (session.Output.IsForPeople)
        {
            foreach (Violation each in verdict.Violations)
                session.Output.Line($"✗ {each.Invariant} {each.Target}: {each.Problem}");
            foreach (string each in verdict.Unclear)
                session.Output.Line($"? {each}");
            if (verdict.Violations.Count == 0)
                session.Output.Line($"✓ {verdict.Vfs} VFs, {verdict.Allocations} open allocations, {verdict.Rows} rows of history: every invariant holds");
        }
        else
        {
            session.Output.Object(Json(verdict));
        }
        return verdict.Violations.Count == 0 ? 0 : (int)FaultKind.Refused;
    }

    private static JsonObject Json(NodeVerdict verdict) => new()
    {
        ["ok"] = verdict.Violations.Count == 0,
        ["vfs"] = verdict.Vfs,
        ["allocations"] = verdict.Allocations,
        ["rows"] = verdict.Rows,
        ["violations"] = new JsonArray([.. verdict.Violations.Select(each => (JsonNode)new JsonObject
        {
            ["invariant"] = each.Invariant,
            ["target"] = each.Target,
            ["problem"] = each.Problem,
        })]),
        ["unclear"] = new JsonArray([.. verdict.Unclear.Select(each => (JsonNode)each)]),
    };
}
