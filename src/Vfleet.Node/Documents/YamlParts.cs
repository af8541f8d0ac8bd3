namespace Vfleet.Node.Documents;

/// <summary>
/// Cuts a text where documents begin. A line that begins with <c>---</c> begins a document wherever it stands, in quotes and block
/// texts too (YAML 1.2.2, 9.1.2), so each part can be parsed alone and a broken one does not hide the next.
/// </summary>
internal static class YamlParts
{
    /// <summary>The parts, each with the number of lines before it.</summary>
    public static IEnumerable<(int Line, string Text)> Of(string text)
    {
        string whole = text.StartsWith('\uFEFF') ? text[1..] : text;
        int start = 0;
        int startLine = 0;
        int line = 0;
        bool hasContent = false;
        for (int at = 0; at < whole.Length; line++)
        {
            int end = whole.IndexOf('\n', at);
            end = end < 0 ? whole.Length : end + 1;
            if (hasContent && BeginsDocument(whole.AsSpan(at, end - at)))
            {
                yield return (startLine, whole[start..at]);
                (start, startLine, hasContent) = (at, line, false);
            }

            hasContent |= HasContent(whole.AsSpan(at, end - at));
            at = end;
        }

        yield return (startLine, whole[start..]);
    }

    private static bool BeginsDocument(ReadOnlySpan<char> row) =>
        row.StartsWith("---", StringComparison.Ordinal) && (row.Length == 3 || char.IsWhiteSpace(row[3]));

    /// <summary>False for blank lines, comments and directives: a directive belongs to the document that begins behind it.</summary>
    private static bool HasContent(ReadOnlySpan<char> row)
    {
        ReadOnlySpan<char> trimmed = row.Trim();
        return trimmed.Length > 0 && trimmed[0] != '#' && trimmed[0] != '%';
    }
}
