using System.Globalization;
using System.Text;
using Vfleet.Telemetry.Objectives;

namespace Vfleet.Telemetry.Rules;

/// <summary>
/// Rules of Prometheus for objectives: shares of errors over each window, the budget and what is left of it, and alerts for a budget that
/// burns too fast. Series are named as sloth names them. Equivalent to <c>sloth generate</c>.
/// </summary>
public static class SloRules
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "vfleet-slo.rules.yaml";

    private const string Runbook = "docs/runbooks.md#vfleetslo";
    private const string Record = "record", Alert = "alert";

    /// <summary>The rules as a file; the same objectives make the same bytes.</summary>
    public static string Write(IEnumerable<Objective> objectives) => RuleFile.Write(
        "Made by `vfleet slo generate`. Do not change it here: change the objectives, and make it anew.",
        objectives.Select(Group));

    /// <summary>Name of an objective's alerts: <c>VfleetSlo</c> and the objective's name without dashes.</summary>
    public static string AlertName(Objective objective)
    {
        StringBuilder name = new("VfleetSlo");
        foreach (string part in objective.Name.Split('-', StringSplitOptions.RemoveEmptyEntries))
            name.Append(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(part[0])}{part[1..]}");
        return name.ToString();
    }

    /// <summary>One group each: rules of a group are evaluated one after the other, and each of them reads what those before it
    /// recorded.</summary>
    private static RuleGroup Group(Objective objective) => new($"{objective.Service}-slo-{objective.Name}",
        [.. Errors(objective), .. Budget(objective), .. Alerts(objective)]);

    private static IEnumerable<Rule> Errors(Objective objective)
    {
        if (objective.Indicator is ThresholdIndicator threshold)
            yield return Recorded(objective, "slo:sli_error:sample", $"({threshold.Value.Trim()}) {Broken(threshold.Operator)} "
                + ObjectiveChecks.Number(threshold.Limit));
        foreach (string window in BurnRates.Windows)
        {
            string query = (objective.Indicator, window) switch
            {
                (ThresholdIndicator, _) => $"avg_over_time(slo:sli_error:sample{Selector(objective)}[{window}])",
                // 30 days of what is counted would be read again and again.
                (_, BurnRates.Period) => $"avg_over_time({ErrorsOver("5m")}{Selector(objective)}[{window}])",
                (RatioIndicator ratio, _) => Share(ratio, window),
                _ => throw new InvalidOperationException($"no rule for {objective.Indicator}"),
            };
            yield return Recorded(objective, ErrorsOver(window), query, ("slo_window", window));
        }
    }

    /// <summary>Where nothing happened there is no share, which is neither good nor bad.</summary>
    private static string Share(RatioIndicator ratio, string window)
    {
        string share = $"""
            (
              {Indent(ObjectiveChecks.Fill(ratio.Part, window))}
            )
            /
            ((
              {Indent(ObjectiveChecks.Fill(ratio.Total, window))}
            ) > 0)
            """;
        return ratio.IsGood ? $"1 - (\n  {Indent(share)}\n)" : share;
    }

    private static string Indent(string query) => query.Replace("\n", "\n  ", StringComparison.Ordinal);

    private static IEnumerable<Rule> Budget(Objective objective)
    {
        string on = $"on (slo, slo_service) group_left () slo:error_budget:ratio{Selector(objective)}";
        yield return Recorded(objective, "slo:objective:ratio", $"vector({ObjectiveChecks.Number(objective.Target / 100)})");
        yield return Recorded(objective, "slo:error_budget:ratio", $"vector({ObjectiveChecks.Number(objective.Budget)})");
        yield return Recorded(objective, "slo:time_period:days", $"vector({Objective.WindowDays})");
        yield return Recorded(objective, "slo:current_burn_rate:ratio",
            $"max without (slo_window) ({ErrorsOver("5m")}{Selector(objective)}) / {on}");
        yield return Recorded(objective, "slo:period_burn_rate:ratio",
            $"max without (slo_window) ({ErrorsOver(BurnRates.Period)}{Selector(objective)}) / {on}");
        yield return Recorded(objective, "slo:period_error_budget_remaining:ratio",
            $"1 - slo:period_burn_rate:ratio{Selector(objective)}");
    }

    private static IEnumerable<Rule> Alerts(Objective objective)
    {
        foreach (bool pages in (bool[])[true, false])
        {
            BurnRate[] rates = [.. BurnRates.All.Where(rate => rate.Pages == pages)];
            string severity = pages && objective.IsCritical ? "page" : "ticket";
            string pace = pages ? "3 times as fast as planned, or faster" : "as fast as planned, or faster";
            // One that is not critical has a ticket for both; the fast one has a label of its own, so that they are two alerts.
            yield return new Rule(Alert, AlertName(objective), string.Join("\nor\n", rates.Select(rate => Burns(objective, rate))),
                [("severity", severity), .. Labels(objective), ("burn", pages ? "fast" : "slow"), .. TeamAnd(objective)],
                [
                    ("summary", $"{objective.Name}: the error budget burns {pace}"),
                    ("description", Description(objective)),
                    ("runbook", objective.Runbook ?? Runbook),
                ]);
        }
    }

    private static string Burns(Objective objective, BurnRate rate)
    {
        string limit = $"({ObjectiveChecks.Number(rate.Factor)} * {ObjectiveChecks.Number(objective.Budget)})";
        return $"""
            (
              max without (slo_window) ({ErrorsOver(rate.Short)}{Selector(objective)} > {limit})
              and
              max without (slo_window) ({ErrorsOver(rate.Long)}{Selector(objective)} > {limit})
            )
            """;
    }

    private static string Description(Objective objective)
    {
        string wanted = $"{ObjectiveChecks.Number(objective.Target)} % over {Objective.WindowDays} days";
        string what = objective.Description is { } text ? $"{text.TrimEnd('.')}. " : "";
        // Braces would be taken for a template of Prometheus.
        return $"{what.Replace("{{", "{ {", StringComparison.Ordinal)}Wanted: {wanted}. Bad now: {{{{ $value | humanizePercentage }}}}.";
    }

    private static IEnumerable<(string Name, string Value)> TeamAnd(Objective objective)
    {
        if (!objective.Labels.ContainsKey("team"))
            yield return ("team", "{{ or $labels.tenant \"platform\" }}");
        foreach ((string name, string value) in objective.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
            yield return (name, value.Replace("{{", "{ {", StringComparison.Ordinal));
    }

    private static Rule Recorded(Objective objective, string name, string query, params (string, string)[] labels) =>
        new(Record, name, query, [.. Labels(objective), .. labels], []);

    private static (string Name, string Value)[] Labels(Objective objective) =>
        [("slo", objective.Name), ("slo_service", objective.Service)];

    private static string Selector(Objective objective) => $"{{slo=\"{objective.Name}\", slo_service=\"{objective.Service}\"}}";

    private static string ErrorsOver(string window) => $"slo:sli_error:ratio_rate{window}";

    /// <summary>The comparison that holds while a value is out of its limit; 1 then, else 0.</summary>
    private static string Broken(ThresholdOperator wanted) => wanted switch
    {
        ThresholdOperator.AtMost => "> bool",
        ThresholdOperator.Below => ">= bool",
        ThresholdOperator.AtLeast => "< bool",
        _ => "<= bool",
    };
}
