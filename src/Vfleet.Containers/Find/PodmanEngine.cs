using System.Text.Json;

namespace Vfleet.Containers.Find;

/// <summary>
/// podman of root, by its files: the storage lists names and ids (<c>DRIVER-containers/containers.json</c>; those that end with the boot in
/// <c>volatile-containers.json</c>), and conmon leaves the process in <c>userdata/pidfile</c> of the run root. CRI-O keeps the same files.
/// </summary>
/// <param name="files">The machine's files.</param>
/// <param name="places">Where the storage is.</param>
public sealed class PodmanEngine(IFileTree files, ContainerPlaces places) : IContainerEngine
{
    private const string Folder = "-containers";

    /// <inheritdoc/>
    public string Name => "podman";

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<FoundContainer>>> FindAsync(string name, CancellationToken cancel) => Task.FromResult(Find(name));

    private Outcome<IReadOnlyList<FoundContainer>> Find(string name)
    {
        string settings = places.StorageSettings.Where(files.Exists).Select(path => files.ReadText(path).Or(null)).FirstOrDefault() ?? "";
        string root = Setting(settings, "graphroot") ?? places.StorageRoot, runRoot = Setting(settings, "runroot") ?? places.StorageRunRoot;
        if (!files.List(root).Try(out IReadOnlyList<string>? folders, out Fault? fault))
            return fault.Kind == FaultKind.NotFound ? Fault.NotFound($"no {root}", target: root) : fault;
        List<FoundContainer> found = [];
        foreach (string folder in folders.Where(folder => folder.EndsWith(Folder, StringComparison.Ordinal)))
        {
            string[] lists =
            [
                $"{root}/{folder}/containers.json", $"{root}/{folder}/volatile-containers.json",
                $"{runRoot}/{folder}/volatile-containers.json",
            ];
            foreach (string list in lists.Where(files.Exists))
            {
                if (!files.ReadText(list).Try(out string? text, out fault)
                    || !Read(list, text, name).Try(out List<(string Id, string Name)>? named, out fault))
                    return fault;
                found.AddRange(named.Select(each => new FoundContainer(Name, each.Name, each.Id,
                    ContainerProcess.Read(files, $"{runRoot}/{folder}/{each.Id}/userdata/pidfile", each.Id))));
            }
        }
        return found;
    }

    private static Outcome<List<(string Id, string Name)>> Read(string path, string text, string name)
    {
        List<(string, string)> named = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            foreach (JsonElement each in document.RootElement.EnumerateArray())
            {
                string id = each.GetProperty("id").GetString()!;
                string[] names = each.TryGetProperty("names", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                    ? [.. list.EnumerateArray().Select(one => one.GetString()!)]
                    : [];
                if (names.Contains(name) || ContainerProcess.IsId(id, name))
                    named.Add((id, names.FirstOrDefault(id)));
            }
            return named;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Half written, or of a version that writes it otherwise.
            return Fault.Unsupported($"{path} is not understood: {e.Message}", target: path);
        }
    }

    /// <summary>The value of a line <c>key = "value"</c> (containers-storage.conf(5)); null where it is not set.</summary>
    private static string? Setting(string text, string key)
    {
        foreach (string line in text.Split('\n'))
        {
            int sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0 && line[..sign].Trim() == key && line[(sign + 1)..].Trim().Trim('"', '\'') is ['/', ..] path)
                return path;
        }
        return null;
    }
}
