using System.CommandLine;
using System.Text.Json;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Agent.Loop;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet reconcile</c></summary>
internal static class ReconcileCommand
{
    public static Command Create()
    {
        Command reconcile = new("reconcile", "Make one pass now: through the agent, or alone where none runs") { AgentPlace.Socket };
        reconcile.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            using AgentClient agent = new(parsed.GetValue(AgentPlace.Socket)!);
            Outcome<PassReport> done = await agent.ReconcileAsync(cancel).ConfigureAwait(false);
            if (done.Fault is { Kind: FaultKind.NotFound })
                done = await AloneAsync(session, cancel).ConfigureAwait(false);
            if (!done.Try(out PassReport? pass, out Fault? fault))
                return fault;
            session.Output.Done(StatusCommand.Pass(pass), JsonSerializer.SerializeToNode(pass, AgentJson.Default.PassReport)!.AsObject());
            return pass.Fault is { } failed ? AgentClient.FaultOf(failed) : null;
        }));
        return reconcile;
    }

    private static async Task<Outcome<PassReport>> AloneAsync(HostSession session, CancellationToken cancel)
    {
        if (!session.Node().Try(out LocalNode? node, out Fault? fault))
            return fault;
        TimeProvider time = session.Host.Options.Time;
        (DateTimeOffset at, long start) = (time.GetUtcNow(), time.GetTimestamp());
        Outcome<PassSummary> made = await new NodePass(node).PassAsync(cancel).ConfigureAwait(false);
        return made.Map(done =>
            Reports.Of(new PassRecord(at, time.GetElapsedTime(start), "asked for", done.Changes, null) { Notes = done.Notes }));
    }
}
