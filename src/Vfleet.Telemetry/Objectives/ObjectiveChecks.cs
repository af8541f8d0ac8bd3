using System.Text.RegularExpressions;
using Vfleet.Node.Documents;
using Vfleet.Telemetry.Rules;
using DocumentReading = Vfleet.Node.Documents.Reading;

namespace Vfleet.Telemetry.Objectives;

/// <summary>What holds of objectives, however they are written. Problems name the field and its place.</summary>
/// <param name="reading">Where problems are told.</param>
/// <param name="allowsUnknown">True where metrics need not be Vfleet's.</param>
internal sealed partial class ObjectiveChecks(DocumentReading reading, bool allowsUnknown)
{
    private const string Placeholder = "{{.window}}";

    private readonly Dictionary<(string Service, string Name), int> _names = [];

    /// <summary>A share of good events in percent.</summary>
    public void Target(string path, decimal target)
    {
        if (target is <= 0 or >= 100)
            Tell(path, $"{Number(target)} % is no objective", target >= 100
                ? "write less than 100, such as 99.9: an objective of 100 % leaves no budget, and every failure would page"
                : "write more than 0, such as 99.9");
        else if (BurnRates.Fastest * (100 - target) / 100 >= 1 && Find(path) is { } at)
            reading.Note(NoteKind.Warning, at,
                $"{path}: with {Number(target)} % the alert for a burn rate of {Number(BurnRates.Fastest)} can never fire; it would take more "
                + "than 100 % of errors");
    }

    /// <summary>The time an objective is kept over.</summary>
    public void Window(string path, string? window)
    {
        if (window is null)
            return;
        if (!PromDuration.TryParse(window, out TimeSpan read))
            Tell(path, $"\"{Quoted.Short(window)}\" is no duration", "write 30d");
        else if (read != TimeSpan.FromDays(Objective.WindowDays))
            Tell(path, $"{Quoted.Short(window)} is not 30 days", "write 30d: burn rates and their windows are made for it");
    }

    /// <summary>Names are unique in a service: rules of two would be mixed.</summary>
    public void Unique(string path, string service, string name)
    {
        if (!_names.TryAdd((service, name), Find(path)?.Line ?? 0))
            Tell(path, $"objective {name} is there twice, first in line {_names[(service, name)]}", "give one of them another name");
    }

    /// <summary>Labels that alerts are to carry.</summary>
    public void Labels(string path, IReadOnlyDictionary<string, string>? labels)
    {
        foreach ((string name, string value) in labels ?? new Dictionary<string, string>())
        {
            string place = $"{path}[\"{Quoted.Short(name)}\"]";
            if (!PromNames.IsLabel(name) || name.StartsWith("__", StringComparison.Ordinal))
                Tell(place, $"\"{Quoted.Short(name)}\" is no name of a label", "write a-z A-Z 0-9 _, no digit and no __ at the beginning");
            else if (PromNames.Reserved.Contains(name))
                Tell(place, $"label {name} is set by the rules themselves", "give it another name");
            else if (value.Length == 0)
                Tell(place, $"label {name} has no value", "remove it, or write one");
        }
    }

    /// <summary>A query whose ranges are windows.</summary>
    public void Windowed(string path, string? query)
    {
        if (query is null)
            return;
        if (!Template().IsMatch(query))
            Tell(path, $"the query has no {Placeholder}", $"write it in the place of each range, as in rate(x_total[{Placeholder}])");
        Query(path, query);
    }

    /// <summary>A query for a value now.</summary>
    public void Instant(string path, string? query)
    {
        if (query is null)
            return;
        if (Template().Match(query) is { Success: true } match)
            Tell(path, $"a value that is compared with a limit has no {Placeholder}", "write a range of its own, such as [5m]", query,
                match.Index);
        else
            Query(path, query);
    }

    /// <summary>A query with its windows.</summary>
    public static string Fill(string query, string window) => Template().Replace(query.Trim(), window);

    /// <summary>A number as rules and messages have it.</summary>
    public static string Number(decimal value) =>
        value.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Tells of a problem where a field stands.</summary>
    public void Tell(string path, string message, string? remedy = null, string? query = null, int offset = 0)
    {
        DocumentNode? at = Find(path);
        bool isOneLine = query is not null && !query.Contains('\n', StringComparison.Ordinal);
        // A text of several lines does not know where each begins; its own place and the character in it say enough.
        int column = (at?.Column ?? 0) + (isOneLine && at is ScalarNode scalar ? offset + (scalar.IsPlain ? 0 : 1) : 0);
        string where = query is null || isOneLine ? "" : $" (character {offset + 1})";
        reading.Problem(at?.Line ?? 0, column, $"{path}: {message}{where}", remedy);
    }

    private void Query(string path, string query)
    {
        // As long as what it stands for, so that places stay.
        string filled = Template().Replace(query, match => "5m".PadRight(match.Length));
        QueryReader read = QueryReader.Read(filled);
        foreach (QueryProblem problem in read.Problems)
            Tell(path, problem.Message, problem.Remedy, query, problem.Offset);
        if (allowsUnknown || read.Problems.Count > 0)
            return;
        if (read.Metrics.Count + read.Patterns.Count == 0)
            Tell(path, "the query names no metric", "a rule on it would measure nothing");
        foreach (QueryWord unknown in read.Metrics.Where(metric => !MetricCatalog.Known.Contains(metric.Text)))
        {
            string near = Nearest.Of(unknown.Text, MetricCatalog.Known) is { } known ? $"did you mean {known}? " : "";
            Tell(path, $"Vfleet tells no metric {Quoted.Short(unknown.Text)}, so the rule would match nothing",
                $"{near}With --allow-unknown-metrics it is taken all the same", query, unknown.Offset);
        }
        foreach (QueryWord pattern in read.Patterns)
            Tell(path, "a pattern for a metric's name is not looked through", "write the name, or give --allow-unknown-metrics", query,
                pattern.Offset);
    }

    private DocumentNode? Find(string path)
    {
        for (string at = path; at.Length > 0; at = at[..Math.Max(0, at.LastIndexOfAny(['.', '[']))])
        {
            if (reading.Places.TryGetValue(at, out DocumentNode? node))
                return node;
        }
        return null;
    }

    [GeneratedRegex(@"\{\{\s*\.window\s*\}\}")]
    private static partial Regex Template();
}
