using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>
/// What a field may hold: how it is read, written and described. The reader, the writer and the schemas all come from it.
/// </summary>
/// <typeparam name="T">The value in our terms.</typeparam>
internal abstract class ValueKind<T>
{
    /// <summary>Reads a value; false where it is none, and the problem has been told.</summary>
    public abstract bool TryRead(DocumentNode node, string path, Reading reading, [MaybeNullWhen(false)] out T value);

    /// <summary>The value as a document holds it; null where nothing has to be written.</summary>
    public abstract JsonNode? Write(T value);

    /// <summary>The value's JSON Schema.</summary>
    public abstract JsonObject Schema();

    /// <summary>Tells of a value of a wrong type.</summary>
    protected static bool Mistyped(DocumentNode node, string path, Reading reading, string wanted, string? remedy = null)
    {
        reading.Problem(node, $"{path}: {wanted} was expected, and here is {node.Describe()}", remedy);
        return false;
    }

    /// <summary>Text, with the problem told where it is none. Kubernetes takes an unquoted number for a number, so we do too.</summary>
    protected static bool TryText(DocumentNode node, string path, Reading reading, out string text)
    {
        text = (node as ScalarNode)?.Value ?? "";
        if (node is not ScalarNode scalar)
            return Mistyped(node, path, reading, "text");
        bool isOther = scalar.IsNumber || scalar.IsNull || (scalar.IsPlain && scalar.Value.ToLowerInvariant() is "true" or "false");
        return !isOther || Mistyped(node, path, reading, "text", $"write it in quotes: \"{Quoted.Short(text)}\"");
    }
}
