using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Isolation;
using Vfleet.Host.Preflight;
using Vfleet.Linux;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet preflight</c>: what keeps VFs from being made or used, and which promises a device keeps.</summary>
internal static class PreflightCommand
{
    private static readonly IReadOnlyList<Column<ProbeResult>> ProbeColumns =
    [
        new("", result => result.Holds ? "✓" : "✗"),
        new("PROBE", result => result.Name),
        new("PROMISE", result => result.Promise),
        new("EXPECTED", result => result.Expected),
        new("SEEN", result => result.Seen),
    ];

    public static Command Create()
    {
        Argument<string?> pf = new("PF") { Description = "Only this PF", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> isolation = new("--isolation") { Description = "Take two free VFs of the PF and measure what the device lets through between them" };
        Command preflight = new("preflight", "Tell what keeps VFs from being made or used, with cause and remedy") { pf, isolation, GlobalOptions.DryRun };
        preflight.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, session =>
        {
            string? name = parsed.GetValue(pf);
            return parsed.GetValue(isolation)
                ? MeasureAsync(session, name, parsed.GetValue(GlobalOptions.DryRun), cancel)
                : CheckAsync(session, name, cancel);
        }));
        return preflight;
    }

    /// <returns>0 where nothing is blocked, else the code of "the kernel or device cannot".</returns>
    private static async Task<Outcome<int>> CheckAsync(HostSession session, string? pf, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PreflightFinding>> read = await new PreflightReader(session.Kernel, session.Host.Options).CheckAsync(pf, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<PreflightFinding>? findings, out Fault? fault))
            return fault;
        if (session.Output.IsForPeople)
            Print(session.Output, findings);
        else
            session.Output.List(findings, [], Json, "");
        return findings.Any(finding => finding.Level == FindingLevel.Blocked) ? (int)FaultKind.Kernel : 0;
    }

    private static async Task<Outcome<int>> MeasureAsync(HostSession session, string? pf, bool dryRun, CancellationToken cancel)
    {
        if (pf is null)
            return Fault.Usage("--isolation needs the PF whose VFs it may borrow", "see `vfleet pf list`");
        if (dryRun)
            return await PlanAsync(session, pf, cancel).ConfigureAwait(false);
        SriovHost borrower = new(session.Kernel, session.Host.Options with { Attachments = session.Records.ForBorrowing() });
        Outcome<IsolationReport> measured = await ProgressBar.RunAsync(report =>
            new IsolationCheck(borrower).RunAsync(pf, step => report(step.Stage, step.Done, step.Total), cancel)).ConfigureAwait(false);
        if (!measured.Try(out IsolationReport? isolation, out Fault? fault))
            return fault;
        if (session.Output.IsForPeople)
        {
            session.Output.Line($"{isolation.Pf}: {isolation.First} and {isolation.Second}, {isolation.Reach}");
            session.Output.List(isolation.Results, ProbeColumns, Json, "nothing was measured");
        }
        else
        {
            session.Output.Object(Json(isolation));
        }
        return isolation.Holds ? 0 : (int)FaultKind.Kernel;
    }

    private static async Task<Outcome<int>> PlanAsync(HostSession session, string pf, CancellationToken cancel)
    {
        IsolationCheck check = new(session.Host);
        Outcome<(VirtualFunction First, VirtualFunction Second)> chosen = await check.ChooseAsync(pf, cancel).ConfigureAwait(false);
        if (!chosen.Try(out (VirtualFunction First, VirtualFunction Second) pair, out Fault? fault))
            return fault;
        session.Output.Done(
            $"{pair.First.Label} and {pair.Second.Label} of {pf} would be borrowed, measured and put back; nothing was changed",
            new JsonObject
            {
                ["pf"] = pair.First.Pf.Label,
                ["vfs"] = new JsonArray(pair.First.Label, pair.Second.Label),
                ["dryRun"] = true,
            });
        return 0;
    }

    /// <summary>Not a table: causes and remedies are sentences, and at 3 a.m. they are read on a phone.</summary>
    private static void Print(ResultWriter output, IReadOnlyList<PreflightFinding> findings)
    {
        foreach (PreflightFinding finding in findings)
        {
            string mark = finding.Level switch { FindingLevel.Ok => "✓", FindingLevel.Warning => "!", _ => "✗" };
            output.Line($"{mark} {finding.Subject}: {finding.Check}: {finding.Summary}");
            if (finding.Cause is not null)
                output.Line($"    cause:  {finding.Cause}");
            if (finding.Remedy is not null)
                output.Line($"    remedy: {finding.Remedy}");
        }
    }

    private static JsonObject Json(PreflightFinding finding) => new()
    {
        ["subject"] = finding.Subject,
        ["check"] = finding.Check,
        ["level"] = finding.Level.ToString().ToLowerInvariant(),
        ["summary"] = finding.Summary,
        ["cause"] = finding.Cause,
        ["remedy"] = finding.Remedy,
    };

    private static JsonObject Json(IsolationReport report) => new()
    {
        ["pf"] = report.Pf,
        ["vfs"] = new JsonArray(report.First, report.Second),
        ["holds"] = report.Holds,
        ["results"] = new JsonArray([.. report.Results.Select(Json)]),
    };

    private static JsonNode Json(ProbeResult result) => new JsonObject
    {
        ["name"] = result.Name,
        ["promise"] = result.Promise,
        ["expected"] = result.Expected,
        ["seen"] = result.Seen,
        ["holds"] = result.Holds,
    };
}
