using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Linux;
using Vfleet.Node.Plans;

namespace Vfleet.Cli.Views;

/// <summary>A plan as lines and as JSON. The JSON keys are a promise: docs/cli.md.</summary>
internal static class PlanView
{
    private const int MostNamed = 8;

    public static void Print(ResultWriter output, PolicyChange change)
    {
        foreach (DocumentDelta delta in change.Documents.Deltas.Where(delta => delta.Verb != DocumentVerb.Unchanged))
            output.Line(DocumentView.Line(delta));
        foreach (PfPlan pf in change.Plan.Pfs)
            Print(output, pf);
        foreach (Fault fault in Faults(change))
            output.Line($"refused: {Line(fault)}");
        foreach (string note in change.Plan.Notes)
            output.Line($"note: {note}");
        if (change.IsEmpty)
            output.Line("no changes");
        else if (change.Plan.Duration > TimeSpan.Zero)
            output.Line($"about {Seconds(change.Plan.Duration)} in all");
    }

    /// <summary>What was done, a line for each document and PF.</summary>
    public static void PrintDone(ResultWriter output, PolicyChange change, IReadOnlyList<string> changed)
    {
        foreach (DocumentDelta delta in change.Documents.Deltas.Where(delta => delta.Verb != DocumentVerb.Unchanged))
            output.Line(DocumentView.Line(delta));
        foreach (PfPlan pf in change.Plan.Pfs.Where(pf => changed.Contains(pf.Pf.Label)))
            output.Line($"{pf.Pf.Label}: {string.Join("; ", pf.Steps.Select(step => step.Text))}");
        if (change.IsEmpty)
            output.Line("no changes");
    }

    public static JsonObject Json(PolicyChange change) => new()
    {
        ["changes"] = !change.IsEmpty,
        ["destroys"] = change.Plan.IsDestructive,
        ["seconds"] = Math.Round(change.Plan.Duration.TotalSeconds, 1),
        ["documents"] = new JsonArray([.. change.Documents.Deltas.Select(delta => (JsonNode)DocumentView.Json(delta))]),
        ["pfs"] = new JsonArray([.. change.Plan.Pfs.Select(pf => (JsonNode)Json(pf))]),
        ["refusals"] = new JsonArray([.. Faults(change).Select(fault => (JsonNode)Json(fault, canBeForced: false))]),
        ["notes"] = Texts(change.Plan.Notes),
    };

    private static IEnumerable<Fault> Faults(PolicyChange change) => change.Plan.Faults.Concat(change.PoolLoss is { } loss ? [loss] : []);

    private static void Print(ResultWriter output, PfPlan pf)
    {
        if (pf.IsEmpty && pf.Notes.Count == 0)
            return;
        string time = pf.Steps.Count == 0 ? "" : $" about {Seconds(pf.Duration)}";
        output.Line($"{pf.Pf.Label}:{time}{(pf.IsDestructive ? ", destroys VFs" : "")}");
        foreach (PlanStep step in pf.Steps)
        {
            output.Line($"  {step.Text}");
            PrintHits(output, "destroys", step.Destroys);
            PrintHits(output, "rebinds", [.. step.Rebinds.Where(hit => hit.IsHeld)]);
        }
        foreach (PlanRefusal refusal in pf.Refusals)
            output.Line($"  refused: {Line(refusal.Fault)}");
        foreach (string note in pf.Notes)
            output.Line($"  note: {note}");
    }

    private static void PrintHits(ResultWriter output, string verb, IReadOnlyList<VfHit> hits)
    {
        foreach (VfHit hit in hits.OrderByDescending(hit => hit.IsHeld).Take(MostNamed))
            output.Line($"    {verb} {hit.Vf}{(hit.IsHeld ? $", IN USE: {hit.ToString()[(hit.Vf.Length + 2)..]}" : "")}");
        if (hits.Count > MostNamed)
            output.Line($"    and {hits.Count - MostNamed} more");
    }

    private static JsonObject Json(PfPlan pf) => new()
    {
        ["pf"] = pf.Pf.Label,
        ["bdf"] = pf.Pf.Address?.ToString(),
        ["destroys"] = pf.IsDestructive,
        ["seconds"] = Math.Round(pf.Duration.TotalSeconds, 1),
        ["steps"] = new JsonArray([.. pf.Steps.Select(step => (JsonNode)Json(step))]),
        ["refusals"] = new JsonArray([.. pf.Refusals.Select(refusal => (JsonNode)Json(refusal.Fault, refusal.CanBeForced))]),
        ["notes"] = Texts(pf.Notes),
    };

    private static JsonObject Json(PlanStep step) => new()
    {
        ["kind"] = step.Kind switch
        {
            PlanStepKind.Count => "count",
            PlanStepKind.EswitchMode => "eswitchMode",
            PlanStepKind.Mtu => "mtu",
            PlanStepKind.Bind => "bind",
            _ => "vfMtu",
        },
        ["text"] = step.Text,
        ["seconds"] = Math.Round(step.Duration.TotalSeconds, 1),
        ["destroys"] = new JsonArray([.. step.Destroys.Select(hit => (JsonNode)Json(hit))]),
        ["rebinds"] = new JsonArray([.. step.Rebinds.Select(hit => (JsonNode)Json(hit))]),
    };

    private static JsonObject Json(VfHit hit) => new()
    {
        ["vf"] = hit.Vf,
        ["allocation"] = hit.Allocation,
        ["owner"] = hit.Owner,
        ["tenant"] = hit.Tenant,
        ["stranger"] = hit.Stranger,
    };

    private static JsonObject Json(Fault fault, bool canBeForced) => new()
    {
        ["error"] = fault.Error,
        ["cause"] = fault.Cause,
        ["remedy"] = fault.Remedy,
        ["canBeForced"] = canBeForced,
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static string Line(Fault fault) =>
        $"{fault.Error}{(fault.Cause is null ? "" : $": {fault.Cause}")}{(fault.Remedy is null ? "" : $"; {fault.Remedy}")}";

    private static string Seconds(TimeSpan span) => span.TotalSeconds < 1
        ? "1 s"
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalSeconds):0} s");
}
