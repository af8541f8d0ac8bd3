using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>Text of a shape.</summary>
/// <param name="pattern">The shape; null for any.</param>
/// <param name="says">The shape in words.</param>
internal sealed class TextKind(Regex? pattern, string says) : ValueKind<string>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out string value)
    {
        if (!TryText(node, path, reading, out value))
            return false;
        // A dollar sign lets a line break pass at the end.
        if (pattern is null || (pattern.IsMatch(value) && !value.EndsWith('\n')))
            return true;
        reading.Problem(node, $"{path}: \"{Quoted.Short(value)}\" is not {says}", $"write {says}");
        return false;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(string value) => JsonValue.Create(value);

    /// <inheritdoc/>
    public override JsonObject Schema() =>
        pattern is null ? new() { ["type"] = "string" } : new() { ["type"] = "string", ["pattern"] = pattern.ToString() };
}

/// <summary>One of some words that stand for values. Several words may stand for the same one; the first of them is written.</summary>
internal sealed class WordKind<T>(params (string Word, T Value)[] words) : ValueKind<T>
    where T : notnull
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!TryText(node, path, reading, out string text))
            return false;
        int found = Array.FindIndex(words, word => word.Word == text);
        if (found < 0)
        {
            string[] known = [.. words.Select(word => word.Word)];
            reading.Problem(node, $"{path}: \"{Quoted.Short(text)}\" is none of {string.Join(", ", known)}",
                Nearest.Of(text, known) is { } near ? $"did you mean {near}?" : $"write one of {string.Join(", ", known)}");
            return false;
        }

        value = words[found].Value;
        if (((ScalarNode)node).Switch is not null)
            reading.Note(NoteKind.Warning, node,
                $"{path}: kubectl reads {text} without quotes as a switch and refuses it; write \"{text}\"");
        return true;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(T value) => JsonValue.Create(words.First(word => word.Value.Equals(value)).Word);

    /// <inheritdoc/>
    public override JsonObject Schema() =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)JsonValue.Create(word.Word))]) };
}

/// <summary>Text that holds a JSON object, as networks hand it to plugins.</summary>
internal sealed class JsonTextKind : ValueKind<string>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out string value)
    {
        if (!TryText(node, path, reading, out value))
            return false;
        try
        {
            using JsonDocument json = JsonDocument.Parse(value);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return true;
            reading.Problem(node, $"{path}: the text is JSON and no object", "write an object, such as '{}'");
        }
        catch (JsonException broken)
        {
            reading.Problem(node, $"{path}: the text is no JSON (its line {broken.LineNumber + 1}, byte {broken.BytePositionInLine})",
                "write an object, such as '{}'");
        }

        return false;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(string value) => JsonValue.Create(value);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "string", ["contentMediaType"] = "application/json" };
}

/// <summary>A PF, or some of its VFs: <c>eth0#0-3</c>.</summary>
internal sealed class PfPartKind(Regex pattern, bool isAddress) : ValueKind<PfPart>
{
    private const int MostVfs = ushort.MaxValue;
    private const int LongestPart = 1024;

    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, [MaybeNullWhen(false)] out PfPart value)
    {
        value = null;
        if (!TryText(node, path, reading, out string text))
            return false;
        string shape = isAddress ? "a PCI address such as 0000:3b:00.0 or 0000:3b:00.0#0-3" : "a PF such as eth0, eth0#0-3 or eth0#0,2-7";
        if (!pattern.IsMatch(text) || text.EndsWith('\n'))
        {
            reading.Problem(node, $"{path}: \"{Quoted.Short(text)}\" is not {shape}", $"write {shape}");
            return false;
        }

        string[] halves = text.Split('#');
        if (text.Length > LongestPart)
        {
            reading.Problem(node, $"{path}: the list of ranges is longer than {LongestPart} characters",
                "write neighbouring VFs as one range");
            return false;
        }

        string pf = isAddress && PciAddress.TryParse(halves[0], out PciAddress address) ? address.ToString() : halves[0];
        List<IndexRange> ranges = [];
        foreach (string part in halves.Length == 1 ? [] : halves[1].Split(','))
        {
            int[] ends = [.. part.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            IndexRange range = new(ends[0], ends[^1]);
            if (range.First > range.Last || range.Last >= MostVfs)
            {
                reading.Problem(node, $"{path}: {part} is no range of VFs",
                    $"write the smaller index first; the largest possible is {MostVfs - 1}");
                return false;
            }

            ranges.Add(range);
        }

        value = new PfPart(pf, ranges);
        return true;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(PfPart value) => JsonValue.Create(value.ToString());

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = pattern.ToString() };
}
