using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>
/// JSON Schemas of the kinds, for editors and for checks before Vfleet sees a document. They come from the tables the reader uses.
/// </summary>
public static class SchemaWriter
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>The schemas, each with the name of its file.</summary>
    public static IReadOnlyList<(string File, string Text)> All { get; } =
        [.. DocumentKind.All.Select(kind => ($"{kind.Name}.json", Write(kind)))];

    private static string Write(DocumentKind kind)
    {
        JsonObject schema = new() { ["$schema"] = Dialect, ["title"] = $"{kind.Name} of {kind.ApiVersion}" };
        foreach ((string name, JsonNode? value) in kind.Schema())
            schema[name] = value?.DeepClone();
        using MemoryStream bytes = new();
        // The relaxed encoder: no browser reads this as HTML, and people read patterns.
        using (Utf8JsonWriter writer = new(bytes,
            new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            schema.WriteTo(writer);
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
