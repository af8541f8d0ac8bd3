using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>One value that differs.</summary>
/// <param name="Path">The field, such as <c>spec.nicSelector.pfNames[0]</c>.</param>
/// <param name="Old">The old value as JSON; null where it was not there.</param>
/// <param name="New">The new value as JSON; null where it is not there.</param>
public sealed record DocumentChange(string Path, string? Old, string? New)
{
    /// <summary><c>PATH: OLD -> NEW</c>, with a dash for what is not there.</summary>
    public override string ToString() => $"{Path}: {Old ?? "-"} -> {New ?? "-"}";
}

/// <summary>What differs between two documents, field by field and not line by line.</summary>
public static class DocumentDiff
{
    /// <summary>The differences, in the order the fields are written. A document that is null has no fields.</summary>
    public static IReadOnlyList<DocumentChange> Of(Document? before, Document? after)
    {
        List<DocumentChange> changes = [];
        Compare("", Tree(before), Tree(after), changes);
        return changes;
    }

    private static JsonObject? Tree(Document? document) => document is null ? null : DocumentKind.Of(document).Write(document);

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<DocumentChange> changes)
    {
        if (before is JsonObject or null && after is JsonObject or null && (before ?? after) is JsonObject)
            CompareObjects(path, before as JsonObject, after as JsonObject, changes);
        else if (before is JsonArray or null && after is JsonArray or null && (before ?? after) is JsonArray)
            CompareLists(path, before as JsonArray, after as JsonArray, changes);
        else if (before?.ToJsonString() != after?.ToJsonString())
            changes.Add(new DocumentChange(path, before?.ToJsonString(), after?.ToJsonString()));
    }

    private static void CompareObjects(string path, JsonObject? before, JsonObject? after, List<DocumentChange> changes)
    {
        IEnumerable<string> names = (before ?? []).Select(entry => entry.Key).Union((after ?? []).Select(entry => entry.Key),
            StringComparer.Ordinal);
        foreach (string name in names)
            Compare(Step(path, name), before?[name], after?[name], changes);
    }

    private static void CompareLists(string path, JsonArray? before, JsonArray? after, List<DocumentChange> changes)
    {
        for (int i = 0; i < Math.Max(before?.Count ?? 0, after?.Count ?? 0); i++)
            Compare($"{path}[{i}]", i < before?.Count ? before[i] : null, i < after?.Count ? after[i] : null, changes);
    }

    // Names of labels hold dots and slashes.
    private static string Step(string path, string name) =>
        name.All(char.IsAsciiLetterOrDigit) ? (path.Length == 0 ? name : $"{path}.{name}") : $"{path}[\"{name}\"]";
}
