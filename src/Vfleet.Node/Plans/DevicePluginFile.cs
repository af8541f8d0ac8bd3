using Vfleet.Node.Documents;

namespace Vfleet.Node.Plans;

/// <summary>A device plugin's <c>config.json</c> among other documents: known by its <c>resourceList</c>, named like its file.</summary>
internal static class DevicePluginFile
{
    /// <summary>True for a text that is one.</summary>
    public static bool Is(string text)
    {
        // Cheap first: a text of a hundred documents is not parsed twice.
        if (!text.Contains("resourceList", StringComparison.OrdinalIgnoreCase))
            return false;
        IReadOnlyList<DocumentNode> documents = YamlLoader.Load(text, new Reading("", isLenient: true));
        return documents.Count > 0 && documents[0] is MapNode map && map.Find("kind") is null
            && map.Entries.Any(entry => entry.Key.Value.Equals("resourceList", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads one, and tells of its problems and of another one with its name.</summary>
    public static KeptDocument Read(
        string source, string text, IReadOnlyList<KeptDocument> before, List<DocumentProblem> problems, List<DocumentNote> notes)
    {
        DevicePluginConfig config = DevicePluginConfig.Read(source, text);
        problems.AddRange(config.Problems);
        notes.AddRange(config.Notes);
        KeptDocument kept = new(NodeDefinitions.DevicePluginKind, NameOf(source), text);
        if (before.Any(other => other.Label == kept.Label))
            problems.Add(new DocumentProblem(source, 0, 0, $"{kept.Label} is there twice",
                "a configuration is named like its file; rename one of them"));
        return kept;
    }

    private static string NameOf(string source)
    {
        string name = source == "-" ? "stdin" : Path.GetFileNameWithoutExtension(source);
        return name.Length == 0 ? "config" : name;
    }
}
