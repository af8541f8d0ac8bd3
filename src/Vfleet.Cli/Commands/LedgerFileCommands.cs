using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet ledger export</c>, <c>verify</c> and <c>rebuild</c>: the ledger's file as a whole.</summary>
internal static class LedgerFileCommands
{
    private const int Page = 1_000;
    private const string JsonLines = "jsonl";

    public static Command CreateExport()
    {
        Option<string> format = new("--format") { Description = "jsonl or csv", DefaultValueFactory = _ => JsonLines };
        format.AcceptOnlyFromAmong(JsonLines, "csv");
        Command export = new("export", "Print the whole history with its hashes") { format };
        export.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, session =>
            Task.FromResult(Export(session, parsed.GetValue(format) == JsonLines, cancel))));
        return export;
    }

    public static Command CreateVerify()
    {
        Command verify = new("verify", "Look for rows of history that were altered, removed or inserted");
        verify.SetAction((parsed, _) =>
            HostSession.RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, session => Task.FromResult(Verify(session))));
        return verify;
    }

    public static Command CreateRebuild()
    {
        Command rebuild = new("rebuild", "Set a damaged ledger aside and make a new one of what can be read of it")
        {
            GlobalOptions.DryRun, GlobalOptions.Force,
        };
        rebuild.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, session =>
            RebuildAsync(session, parsed.GetValue(GlobalOptions.Force), parsed.GetValue(GlobalOptions.DryRun), cancel)));
        return rebuild;
    }

    private static Fault? Export(HostSession session, bool isJson, CancellationToken cancel)
    {
        if (!session.Records.Ledger().Try(out NodeLedger? ledger, out Fault? fault))
            return fault;
        bool isFirst = true;
        for (long after = 0; ledger is not null;)
        {
            if (!ledger.Read(view => view.History(after, Page)).Try(out IReadOnlyList<HistoryRow>? rows, out fault))
                return fault;
            cancel.ThrowIfCancellationRequested();
            foreach (JsonObject row in rows.Select(HistoryView.WithHash))
            {
                if (!isJson && isFirst)
                    Console.Out.WriteLine(string.Join(',', row.Select(pair => pair.Key)));
                isFirst = false;
                Console.Out.WriteLine(isJson ? Line(row) : HistoryView.Csv(row));
            }
            if (rows.Count < Page)
                break;
            after = rows[^1].Sequence;
        }
        return null;
    }

    private static string Line(JsonObject row)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
            row.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <returns>0 where all is well, else the code of "refused".</returns>
    private static Outcome<int> Verify(HostSession session)
    {
        LedgerOptions options = new() { StateDirectory = session.Host.Options.StateDirectory, Time = session.Host.Options.Time };
        LedgerAnchors anchors = new(options);
        if (!session.Records.Ledger().Try(out NodeLedger? ledger, out Fault? fault))
            return fault;
        if (ledger is null)
            return Fault.NotFound($"there is no ledger {options.Path}", "the first command that hands a VF out makes one", options.Path);
        if (!anchors.Read().Try(out IReadOnlyList<LedgerAnchor>? kept, out fault)
            || !CheckpointSigner.Open(options).Try(out CheckpointSigner? signer, out fault)
            || !LedgerVerifier.Verify(ledger, kept, signer).Try(out LedgerVerdict? verdict, out fault))
            return fault;
        LedgerAnchor? anchor = null;
        // An anchor behind altered rows would vouch for them.
        if (verdict.Problems.Count == 0 && !anchors.Write(ledger).Try(out anchor, out fault))
            return fault;
        if (session.Output.IsForPeople)
            Print(session.Output, verdict, anchor);
        else
            session.Output.Object(Json(verdict, anchor));
        return verdict.Problems.Count == 0 ? 0 : (int)FaultKind.Refused;
    }

    private static void Print(ResultWriter output, LedgerVerdict verdict, LedgerAnchor? anchor)
    {
        foreach (string problem in verdict.Problems)
            output.Line($"✗ {problem}");
        if (verdict.Problems.Count == 0)
            output.Line($"✓ {verdict.Rows} rows of history, chained without a gap; {(anchor is null ? $"anchored up to row {verdict.AnchoredTo}" : $"row {anchor.Sequence} is the new anchor")}");
    }

    private static JsonObject Json(LedgerVerdict verdict, LedgerAnchor? anchor) => new()
    {
        ["ok"] = verdict.Problems.Count == 0,
        ["rows"] = verdict.Rows,
        ["anchoredTo"] = anchor?.Sequence ?? verdict.AnchoredTo,
        ["problems"] = Strings(verdict.Problems),
    };

    private static async Task<Fault?> RebuildAsync(HostSession session, bool force, bool dryRun, CancellationToken cancel)
    {
        LedgerOptions options = new() { StateDirectory = session.Host.Options.StateDirectory, Time = session.Host.Options.Time };
        LedgerRebuild rebuild = new(options, session.Me);
        if (!rebuild.Run(force, isDryRun: true).Try(out RebuildReport? report, out Fault? fault))
            return fault;
        if (!dryRun)
        {
            if (!session.Confirm($"{options.Path} will be set aside, and {report.Kept.Count} allocations kept. Go on?"))
                return Fault.Refused($"{options.Path} was not changed", "nobody said yes",
                    "give --yes; --dry-run shows what would be kept and lost", options.Path);
            Outcome<Unit> written =
                await session.WritesAsync(force, "ledger rebuild", forced => Task.FromResult(rebuild.Run(forced, isDryRun: true)), cancel)
                    .ConfigureAwait(false);
            if (!written.Try(out _, out fault) || !rebuild.Run(force, isDryRun: false).Try(out report, out fault))
                return fault;
            // VFs that the new ledger does not know are looked at, so that those in use are not handed out.
            if (!session.Node().Try(out Vfleet.Node.LocalNode? node, out fault))
                return fault;
            if ((await node.Census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false)).Fault is { } unread)
                return unread;
        }
        if (session.Output.IsForPeople)
            Print(session.Output, report, dryRun);
        else
            session.Output.Object(Json(report, dryRun));
        return null;
    }

    private static void Print(ResultWriter output, RebuildReport report, bool dryRun)
    {
        output.Line(dryRun ? $"would be set aside as {report.Aside}; nothing was changed" : $"set aside as {report.Aside}");
        foreach (string kept in report.Kept)
            output.Line($"  kept: {kept}");
        foreach (string held in report.Quarantined)
            output.Line($"  quarantined: {held}");
        foreach (string lost in report.Lost)
            output.Line($"  lost: {lost}");
    }

    private static JsonObject Json(RebuildReport report, bool dryRun) => new()
    {
        ["aside"] = report.Aside,
        ["kept"] = Strings(report.Kept),
        ["quarantined"] = Strings(report.Quarantined),
        ["lost"] = Strings(report.Lost),
        ["rows"] = report.HistoryRows,
        ["dryRun"] = dryRun,
    };

    private static JsonArray Strings(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
