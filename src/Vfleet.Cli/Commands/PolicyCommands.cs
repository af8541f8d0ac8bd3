using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Documents;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet plan</c>, <c>vfleet apply</c> and <c>vfleet diff</c>: documents against this machine.</summary>
internal static class PolicyCommands
{
    public static Command CreatePlan()
    {
        Command plan = new("plan", "Show what documents would change on this machine") { DocumentFiles.Option };
        plan.SetAction((parsed, cancel) => RunAsync(parsed, changes: false, async (session, policies, update) =>
        {
            Outcome<PolicyChange> planned = await policies.PlanAsync(update, cancel: cancel).ConfigureAwait(false);
            if (!planned.Try(out PolicyChange? change, out Fault? fault))
                return fault;
            Show(session, change);
            return null;
        }, cancel));
        return plan;
    }

    public static Command CreateApply()
    {
        Command apply = new("apply", "Make this machine as documents want it")
        {
            DocumentFiles.Option, GlobalOptions.DryRun, GlobalOptions.Force,
        };
        apply.SetAction((parsed, cancel) => RunAsync(parsed, !parsed.GetValue(GlobalOptions.DryRun), async (session, policies, update) =>
        {
            bool isDry = parsed.GetValue(GlobalOptions.DryRun), force = parsed.GetValue(GlobalOptions.Force);
            Outcome<IDisposable?> alone = isDry ? Outcome<IDisposable?>.Of(null)
                : (await policies.KeepAgentsOutAsync(cancel).ConfigureAwait(false)).Map(held => (IDisposable?)held);
            if (alone.Fault is { } late)
                return late;
            using IDisposable? held = alone.Value;
            if (!isDry && (await policies.FinishAsync(cancel).ConfigureAwait(false)).Fault is { } unfinished)
                return unfinished;
            Outcome<PolicyChange> planned = await policies.PlanAsync(update, cancel: cancel).ConfigureAwait(false);
            if (!planned.Try(out PolicyChange? change, out Fault? fault))
                return fault;
            if (isDry)
                Show(session, change);
            if (isDry || change.Refusal(force) is not null)
                return change.Refusal(force);
            return await CarryOutAsync(session, policies, change, "apply", force, cancel).ConfigureAwait(false);
        }, cancel));
        return apply;
    }

    public static Command CreateDiff()
    {
        Command diff = new("diff", "Show how documents differ from those that are applied") { DocumentFiles.Option };
        diff.SetAction((parsed, cancel) => RunAsync(parsed, changes: false, (session, _, update) =>
        {
            if (!session.Output.IsForPeople)
            {
                session.Output.List(update.Deltas, [], DocumentView.Json, "");
                return Task.FromResult<Fault?>(null);
            }
            foreach (DocumentDelta delta in update.Deltas.Where(delta => delta.Verb != DocumentVerb.Unchanged))
            {
                session.Output.Line(DocumentView.Line(delta));
                foreach (DocumentChange change in delta.Changes)
                    session.Output.Line($"  {change}");
            }
            if (update.IsEmpty)
                session.Output.Line("no differences");
            return Task.FromResult<Fault?>(null);
        }, cancel));
        return diff;
    }

    /// <summary>Asks where VFs are destroyed, carries a change out with progress, and prints what was done.</summary>
    public static async Task<Fault?> CarryOutAsync(
        HostSession session, NodePolicies policies, PolicyChange change, string command, bool force, CancellationToken cancel)
    {
        int destroyed = change.Plan.Destroys.DistinctBy(hit => hit.Vf).Count();
        string pfs = string.Join(", ", change.Plan.Pfs.Where(pf => pf.IsDestructive).Select(pf => pf.Pf.Label));
        if (destroyed > 0 && !session.Confirm($"{pfs}: {destroyed} VFs will be destroyed. Go on?"))
            return Fault.Refused($"{pfs}: nothing was changed", $"{destroyed} VFs would be destroyed, and nobody said yes",
                "give --yes; `vfleet plan` shows what would be done", pfs);
        foreach (string note in change.Plan.Notes.Concat(change.Plan.Pfs.SelectMany(pf => pf.Notes)))
            await Console.Error.WriteLineAsync($"vfleet: note: {PlainText.Of(note)}").ConfigureAwait(false);
        Outcome<IReadOnlyList<string>> done = await ProgressBar.RunAsync(report => policies.ApplyAsync(change, new PlanOptions
        {
            Force = force,
            Progress = at => report(Markup.Escape($"{at.Pf}: {at.Step}"), at.Done, at.Total),
            WriteDown = overridden => session.WritesAsync(command, overridden, cancel),
        }, cancel)).ConfigureAwait(false);
        if (!done.Try(out IReadOnlyList<string>? changed, out Fault? fault))
            return fault;
        if (!session.Output.IsForPeople)
        {
            JsonObject json = PlanView.Json(change);
            json["changed"] = new JsonArray([.. changed.Select(pf => (JsonNode)pf)]);
            session.Output.Object(json);
            return null;
        }
        PlanView.PrintDone(session.Output, change, changed);
        return null;
    }

    public static void Show(HostSession session, PolicyChange change)
    {
        if (session.Output.IsForPeople)
            PlanView.Print(session.Output, change);
        else
            session.Output.Object(PlanView.Json(change));
    }

    /// <summary>Reads the documents that were given, tells of all their problems at once, and goes on where there are none.</summary>
    private static Task<int> RunAsync(
        ParseResult parsed, bool changes, Func<HostSession, NodePolicies, DocumentUpdate, Task<Fault?>> work, CancellationToken cancel)
    {
        string format = parsed.GetValue(GlobalOptions.Output)!;
        return HostSession.RunWithCodeAsync(parsed, format, async session =>
        {
            string[] names = parsed.GetValue(DocumentFiles.Option) ?? [];
            if (names.Length == 0)
                return Fault.Usage("no documents were given", "name a file, a directory, or - for standard input with -f");
            if (!(await DocumentFiles.ReadAsync(names, cancel).ConfigureAwait(false)).Try(out IReadOnlyList<(string Source, string Text)>? texts, out Fault? fault)
                || !(changes ? session.Node() : session.NodeToLookAt()).Try(out LocalNode? node, out fault))
                return fault;
            NodePolicies policies = new(node);
            if (!policies.Applied().Try(out IReadOnlyList<LedgerDocument>? applied, out fault))
                return fault;
            DocumentUpdate update = DocumentUpdate.Of(texts, applied);
            if (format == OutputFormat.Json && update.Fault is { } wrong)
                return wrong;
            if (!DocumentFiles.Tell(update))
                return (int)FaultKind.Usage;
            if (DocumentFiles.Empty(update, names) is { } nothing)
                return nothing;
            return await work(session, policies, update).ConfigureAwait(false) is { } failed ? failed : 0;
        });
    }
}
