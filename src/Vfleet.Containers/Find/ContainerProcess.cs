using System.Globalization;

namespace Vfleet.Containers.Find;

/// <summary>A container's process as an engine wrote it down, and whether it is still that container's.</summary>
internal static class ContainerProcess
{
    private const int ShortestId = 4, ParentField = 1;

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
        if ((files.ReadText($"{folder}/cgroup").Or(null) ?? "").Contains(id, StringComparison.Ordinal))
            return process;
        string stat = files.ReadText($"{folder}/stat").Or(null) ?? "";
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string monitor = fields.Length > ParentField ? files.ReadText($"/proc/{fields[ParentField]}/cmdline").Or(null) ?? "" : "";
        return monitor.Split('\0').Contains(id) ? process : null;
    }

    /// <summary>A process's number, where it is one that runs.</summary>
    public static int? Running(IFileTree files, string? text) =>
        int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && process > 0
        && ProcessIdentity.Read(files, process).Or(null) is not null
            ? process
            : null;
}
