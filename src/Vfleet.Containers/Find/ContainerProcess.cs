using System.Globalization;

namespace Vfleet.Containers.Find;

/// <summary>A container's process as an engine wrote it down, and whether it is still that container's.</summary>
internal static class ContainerProcess
{
    private const int ShortestId = 4, ParentField = 1;
    private const string Scope = ".scope";
    private static readonly string[] Engines = ["docker-", "libpod-", "crio-", "cri-containerd-", "nerdctl-"];

    /// <summary>Whether a text is the beginning of an id, as people copy it from a list.</summary>
    public static bool IsId(string id, string text) => text.Length >= ShortestId && id.StartsWith(text, StringComparison.Ordinal);

    /// <summary>
    /// The process of a file that outlives its container, as after a stop: null where it does not run, or where neither its control group
    /// nor the monitor that started it is the container's, because then another process has its number.
    /// </summary>
    public static int? Read(IFileTree files, string path, string id)
    {
        if (Running(files, files.ReadText(path).Or(null)) is not { } process)
            return null;
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}");
        if ((files.ReadText($"{folder}/cgroup").Or(null) ?? "").Split('/', '\n').Any(segment => IsGroup(segment, id)))
            return process;
        string stat = files.ReadText($"{folder}/stat").Or(null) ?? "";
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string monitor = fields.Length > ParentField ? files.ReadText($"/proc/{fields[ParentField]}/cmdline").Or(null) ?? "" : "";
        return monitor.Split('\0').Contains(id) ? process : null;
    }

    /// <summary>
    /// Whether a folder of control groups is a container's: its id, with the engine's name before it, and as a unit of systemd's with
    /// <c>.scope</c> behind it. Ids that people give may be parts of each other.
    /// </summary>
    private static bool IsGroup(string segment, string id)
    {
        string name = segment.EndsWith(Scope, StringComparison.Ordinal) ? segment[..^Scope.Length] : segment;
        return name == id || Engines.Any(engine => name == engine + id) || name.EndsWith($":cri-containerd:{id}", StringComparison.Ordinal);
    }

    /// <summary>A process's number, where it is one that runs.</summary>
    public static int? Running(IFileTree files, string? text) =>
        int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && process > 0
        && ProcessIdentity.Read(files, process).Or(null) is not null
            ? process
            : null;
}
