using System.Text.Json;
using System.Text.Unicode;
using Vfleet.Cni.Protocol;

namespace Vfleet.Cni.Config;

/// <summary>
/// Keys of a JSON object as today's plugins read them: without regard to case, the last of several counts, null is as if it were not there.
/// Source: Go's encoding/json, which they use.
/// </summary>
internal readonly struct CniJson(JsonElement element)
{
    /// <summary>The object.</summary>
    public JsonElement Element { get; } = element;

    /// <summary>Reads an object.</summary>
    /// <param name="bytes">What should be one.</param>
    /// <param name="wrong">Why it is none.</param>
    /// <returns>The object; null where it is none. All of its texts can be read.</returns>
    public static CniJson? Parse(ReadOnlyMemory<byte> bytes, out string? wrong)
    {
        wrong = Utf8.IsValid(bytes.Span) ? null : "it is no UTF-8";
        if (wrong is not null)
            return null;
        try
        {
            JsonElement root = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 }).RootElement;
            ReadTexts(root);
            wrong = root.ValueKind == JsonValueKind.Object ? null : "it is no JSON object";
            return wrong is null ? new CniJson(root) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The parser's ways to say that this is no JSON, and that an escaped half of a character has no other half.
            wrong = e.Message;
            return null;
        }
    }

    /// <summary>A key's value; null where it is not there or null.</summary>
    public JsonElement? Find(string key)
    {
        JsonElement? found = null;
        foreach (JsonProperty property in Element.EnumerateObject())
        {
            if (property.Name.Equals(key, StringComparison.OrdinalIgnoreCase))
                found = property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
        }
        return found;
    }

    /// <summary>A text; null where the key is not there.</summary>
    public string? Text(string key, ref CniError? wrong) => Of(key, JsonValueKind.String, "a text", ref wrong)?.GetString();

    /// <summary>A whole number; null where the key is not there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="least">Smallest value.</param>
    /// <param name="most">Largest value.</param>
    /// <param name="wrong">Set where it is no such number, and nothing was wrong before.</param>
    public int? Number(string key, int least, int most, ref CniError? wrong)
    {
        if (Of(key, JsonValueKind.Number, "a whole number", ref wrong) is not { } value)
            return null;
        if (value.TryGetInt64(out long number) && number >= least && number <= most)
            return (int)number;
        wrong ??= Wrong($"{key} {value.GetRawText()} is out of range: it is a whole number from {least} to {most}");
        return null;
    }

    /// <summary>True or false; null where the key is not there.</summary>
    public bool? Flag(string key, ref CniError? wrong)
    {
        if (Find(key) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        wrong ??= Wrong($"{key} {value.GetRawText()} is neither true nor false");
        return null;
    }

    /// <summary>An object; null where the key is not there.</summary>
    public CniJson? Object(string key, ref CniError? wrong) =>
        Of(key, JsonValueKind.Object, "an object", ref wrong) is { } found ? new CniJson(found) : null;

    /// <summary>The elements of a list; none where the key is not there.</summary>
    public IEnumerable<JsonElement> List(string key, ref CniError? wrong) =>
        Of(key, JsonValueKind.Array, "a list", ref wrong) is { } list ? list.EnumerateArray() : [];

    /// <summary>An error about the configuration's content.</summary>
    public static CniError Wrong(string message, string? details = null) => new(CniCode.InvalidConfiguration, message, details);

    private JsonElement? Of(string key, JsonValueKind kind, string what, ref CniError? wrong)
    {
        if (Find(key) is not { } value)
            return null;
        if (value.ValueKind == kind)
            return value;
        wrong ??= new CniError(CniCode.Undecodable, $"{key} {Shorten(value.GetRawText())} is not {what}");
        return null;
    }

    /// <summary>The parser leaves escapes until a text is asked for; whoever asks later must not meet an exception.</summary>
    private static void ReadTexts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            _ = element.GetString();
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                ReadTexts(item);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                _ = property.Name;
                ReadTexts(property.Value);
            }
        }
    }

    private static string Shorten(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
