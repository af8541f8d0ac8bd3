using System.Text.Json.Nodes;
using Vfleet.Node.Documents;

namespace Vfleet.Node.Plans;

/// <summary>A document as the ledger keeps it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">YAML; of a device plugin's configuration the text as it was given.</param>
public sealed record KeptDocument(string Kind, string Name, string Text)
{
    /// <summary>The kinds that can be kept.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [.. DocumentKind.All.Select(kind => kind.Name), NodeDefinitions.DevicePluginKind];

    /// <summary>As people name it: <c>PoolPolicy/fast</c>.</summary>
    public string Label => $"{Kind}/{Name}";

    /// <summary>A kind by its name, in any case and in the plural too.</summary>
    /// <returns>Usage where there is none, with the nearest one.</returns>
    public static Outcome<string> FindKind(string name)
    {
        string? found = Kinds.FirstOrDefault(kind => Forms(kind).Contains(name, StringComparer.OrdinalIgnoreCase));
        if (found is not null)
            return found;
        return Fault.Usage($"unknown kind \"{name}\"",
            Nearest.Of(name, Kinds) is { } near ? $"did you mean {near}?" : $"known are {string.Join(", ", Kinds)}", name);
    }

    /// <summary>The document in our terms; null for a device plugin's configuration, and where a newer version wrote it.</summary>
    public Document? Read() =>
        Kind != NodeDefinitions.DevicePluginKind && DocumentReader.Read([(Label, Text)]).Documents is [var document, ..] ? document : null;

    /// <summary>The document as an object; null where <see cref="Read"/> is.</summary>
    public JsonObject? ToJson() => Read() is { } document ? DocumentKind.Of(document).Write(document) : null;

    private static string[] Forms(string kind) => [kind, $"{kind}s", kind.EndsWith('y') ? $"{kind[..^1]}ies" : kind];
}

/// <summary>What becomes of a document.</summary>
public enum DocumentVerb
{
    /// <summary>It was not there.</summary>
    Added,

    /// <summary>It is there and says something else.</summary>
    Changed,

    /// <summary>It is there and says the same.</summary>
    Unchanged,

    /// <summary>It is forgotten.</summary>
    Removed,
}

/// <summary>A document beside the one that is applied.</summary>
/// <param name="Document">The document.</param>
/// <param name="Verb">What becomes of it.</param>
/// <param name="Changes">The fields that differ.</param>
public sealed record DocumentDelta(KeptDocument Document, DocumentVerb Verb, IReadOnlyList<DocumentChange> Changes)
{
    internal static DocumentDelta Of(KeptDocument? before, KeptDocument? after)
    {
        DocumentVerb verb = after is null ? DocumentVerb.Removed
            : before is null ? DocumentVerb.Added
            : before.Text == after.Text ? DocumentVerb.Unchanged : DocumentVerb.Changed;
        return new DocumentDelta((after ?? before)!, verb, verb == DocumentVerb.Unchanged ? [] : Compare(before, after));
    }

    private static IReadOnlyList<DocumentChange> Compare(KeptDocument? before, KeptDocument? after)
    {
        if ((after ?? before)!.Kind != NodeDefinitions.DevicePluginKind)
            return DocumentDiff.Of(before?.Read(), after?.Read());
        Dictionary<string, string> old = Resources(before), now = Resources(after);
        return
        [
            .. from name in old.Keys.Union(now.Keys, StringComparer.Ordinal)
               let was = old.GetValueOrDefault(name)
               let next = now.GetValueOrDefault(name)
               where was != next
               select new DocumentChange($"resource {name}", was, next),
        ];
    }

    private static Dictionary<string, string> Resources(KeptDocument? config) => config is null
        ? new Dictionary<string, string>(StringComparer.Ordinal)
        : DevicePluginConfig.Read(config.Name, config.Text).Resources.ToDictionary(
            resource => resource.Pool.Name, resource => SelectorWords.Of(resource.Pool), StringComparer.Ordinal);
}
