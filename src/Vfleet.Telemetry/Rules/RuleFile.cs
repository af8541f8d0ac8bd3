using System.Text;
using System.Text.RegularExpressions;

namespace Vfleet.Telemetry.Rules;

/// <summary>A rule of Prometheus.</summary>
/// <param name="Kind"><c>record</c> or <c>alert</c>.</param>
/// <param name="Name">The series it records, or the alert's name.</param>
/// <param name="Query">Its query; may have several lines.</param>
/// <param name="Labels">Labels that are added.</param>
/// <param name="Annotations">An alert's annotations.</param>
internal sealed record Rule(
    string Kind, string Name, string Query, IReadOnlyList<(string Name, string Value)> Labels,
    IReadOnlyList<(string Name, string Value)> Annotations);

/// <summary>Rules that are evaluated one after the other.</summary>
internal sealed record RuleGroup(string Name, IReadOnlyList<Rule> Rules);

/// <summary>Writes a file of rules as Prometheus reads it. The same rules make the same bytes.</summary>
internal static partial class RuleFile
{
    private static readonly string[] Reserved = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

    /// <summary>The file.</summary>
    /// <param name="comment">Its first line.</param>
    /// <param name="groups">Its groups.</param>
    public static string Write(string comment, IEnumerable<RuleGroup> groups)
    {
        StringBuilder text = new($"# {comment}\ngroups:\n");
        foreach (RuleGroup group in groups)
        {
            text.Append($"  - name: {Scalar(group.Name)}\n    rules:\n");
            foreach (Rule rule in group.Rules)
                Write(text, rule);
        }
        return text.ToString();
    }

    private static void Write(StringBuilder text, Rule rule)
    {
        text.Append($"      - {rule.Kind}: {rule.Name}\n        expr: |\n");
        foreach (string line in rule.Query.Split('\n'))
            text.Append(line.Length == 0 ? "\n" : $"          {line}\n");
        Write(text, "labels", rule.Labels);
        Write(text, "annotations", rule.Annotations);
    }

    private static void Write(StringBuilder text, string what, IReadOnlyList<(string Name, string Value)> pairs)
    {
        if (pairs.Count == 0)
            return;
        text.Append($"        {what}:\n");
        foreach ((string name, string value) in pairs)
            text.Append($"          {name}: {Scalar(value)}\n");
    }

    private static string Scalar(string text)
    {
        if (Plain().IsMatch(text) && !Reserved.Contains(text.ToLowerInvariant()))
            return text;
        StringBuilder quoted = new("\"");
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\ufeff' => quoted.Append($"\\u{(int)letter:x4}"),
                _ => quoted.Append(letter),
            };
        }
        return quoted.Append('"').ToString();
    }

    // Begins with a letter, so that it is no number.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_./-]*\z")]
    private static partial Regex Plain();
}
