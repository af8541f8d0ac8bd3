namespace Vfleet.Cli.Lab.Image;

/// <summary>Reads apt's two source formats (sources.list(5)): one line per source, and deb822 stanzas.</summary>
internal static class AptSourceParser
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>How options of the one-line form are called in the other.</summary>
    private static readonly Dictionary<string, string> FieldOfOption = new(StringComparer.OrdinalIgnoreCase)
    {
        ["arch"] = "Architectures",
        ["lang"] = "Languages",
        ["target"] = "Targets",
        ["pdiffs"] = "PDiffs",
        ["by-hash"] = "By-Hash",
        ["signed-by"] = "Signed-By",
        ["trusted"] = "Trusted",
        ["allow-insecure"] = "Allow-Insecure",
        ["check-valid-until"] = "Check-Valid-Until",
        ["snapshot"] = "Snapshot",
    };

    /// <summary>A <c>.list</c> file; lines that are no binary source are left out.</summary>
    internal static IEnumerable<AptSource> ParseList(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string source = line.Split('#', 2)[0].Trim();
            if (source.StartsWith("deb ", StringComparison.Ordinal) || source.StartsWith("deb\t", StringComparison.Ordinal))
            {
                if (ParseLine(source[3..].Trim()) is { } parsed)
                    yield return parsed;
            }
        }
    }

    /// <summary>A <c>.sources</c> file; disabled stanzas and those without binaries are left out.</summary>
    internal static IEnumerable<AptSource> ParseDeb822(string text)
    {
        List<KeyValuePair<string, string>> fields = [];
        foreach (string line in text.Split('\n').Select(line => line.TrimEnd('\r')).Append(""))
        {
            if (line.StartsWith('#'))
                continue;
            if (line.Trim().Length == 0)
            {
                if (ToSource(fields) is { } source)
                    yield return source;
                fields = [];
            }
            else if (Blanks.Contains(line[0]) && fields.Count > 0)
            {
                fields[^1] = new(fields[^1].Key, $"{fields[^1].Value}\n{line}");
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields.Add(new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
            }
        }
    }

    private static AptSource? ParseLine(string rest)
    {
        List<KeyValuePair<string, string>> options = [];
        if (rest.StartsWith('['))
        {
            int end = rest.IndexOf(']', StringComparison.Ordinal);
            if (end < 0)
                return null;
            foreach (string option in Words(rest[1..end]))
            {
                string[] pair = option.Split('=', 2);
                if (pair.Length == 2 && FieldOfOption.TryGetValue(pair[0], out string? field))
                    options.Add(new(field, pair[1].Replace(',', ' ')));
            }

            rest = rest[(end + 1)..];
        }

        string[] words = Words(rest);
        return words.Length < 2 ? null : new AptSource([words[0]], [words[1]], words[2..], options);
    }

    private static AptSource? ToSource(List<KeyValuePair<string, string>> fields)
    {
        string[] Field(string name) => Words(fields.LastOrDefault(field => Is(field.Key, name)).Value ?? "");

        bool isBinary = Field("Types").Contains("deb", StringComparer.Ordinal);
        bool isEnabled = !Field("Enabled").Any(word => Is(word, "no") || Is(word, "false") || word == "0");
        if (!isBinary || !isEnabled || Field("URIs").Length == 0 || Field("Suites").Length == 0)
            return null;
        string[] own = ["Types", "URIs", "Suites", "Components", "Enabled"];
        return new AptSource(
            Field("URIs"),
            Field("Suites"),
            Field("Components"),
            [.. fields.Where(field => !own.Any(name => Is(field.Key, name)))]);
    }

    private static bool Is(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static string[] Words(string text) =>
        text.Split([.. Blanks, '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
