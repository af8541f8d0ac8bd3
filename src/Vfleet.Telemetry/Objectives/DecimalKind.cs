using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Node.Documents;
using DocumentReading = Vfleet.Node.Documents.Reading;

namespace Vfleet.Telemetry.Objectives;

/// <summary>A decimal number of any size that can be written without an exponent.</summary>
internal sealed class DecimalKind : ValueKind<decimal>
{
    // So that what is computed from it is exact.
    private const int LongestText = 16;

    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, DocumentReading reading, out decimal value)
    {
        value = 0;
        if (node is ScalarNode { IsNumber: true, Value: { Length: <= LongestText } text }
            && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out value))
            return true;
        bool isQuoted = node is ScalarNode { IsPlain: false };
        return Mistyped(node, path, reading, "a decimal number", isQuoted ? "write it without quotes" : "write digits, such as 99.9");
    }

    /// <inheritdoc/>
    public override JsonNode? Write(decimal value) => JsonValue.Create(value);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "number" };
}
