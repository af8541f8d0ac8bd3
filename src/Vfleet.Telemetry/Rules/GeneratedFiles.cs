using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Vfleet.Telemetry.Rules;

/// <summary>Files that are made for Prometheus and Grafana, which read them whenever they like.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public static class GeneratedFiles
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Puts files into a folder, each whole: all are written before the first takes its place.</summary>
    /// <param name="folder">The folder; it has to be there.</param>
    /// <param name="files">Names without folders, and texts.</param>
    /// <returns>Their paths. NotFound without the folder; where one cannot be written, none is replaced.</returns>
    public static Outcome<IReadOnlyList<string>> Write(string folder, IReadOnlyList<(string Name, string Text)> files)
    {
        if (!Directory.Exists(folder))
            return Fault.NotFound($"no folder {folder}", "make it first, or name another", folder);
        string ending = $".{Path.GetRandomFileName()}.new";
        string[] paths = [.. files.Select(file => Path.Combine(folder, file.Name))];
        if (Array.Find(paths, Directory.Exists) is { } taken)
            return Fault.Refused($"{taken} is a directory, and no file can take its place",
                remedy: "move it away, or name another folder", target: taken);
        try
        {
            foreach ((string path, (_, string text)) in paths.Zip(files))
            {
                FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Readable };
                using FileStream draft = new(path + ending, options);
                draft.Write(Encoding.UTF8.GetBytes(text));
                draft.Flush(flushToDisk: true);
            }
            foreach (string path in paths)
                File.Move(path + ending, path, overwrite: true);
            return paths;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to refuse.
            foreach (string path in paths)
                Remove(path + ending);
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Refused,
                $"{folder} could not be written to")
            {
                Cause = e.Message,
                Target = folder,
                Remedy = "look at the folder's rights and free space",
            };
        }
    }

    private static void Remove(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure is told already; nobody reads a draft.
        }
    }
}
