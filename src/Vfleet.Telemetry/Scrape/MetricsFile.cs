using System.Diagnostics.CodeAnalysis;

namespace Vfleet.Telemetry.Scrape;

/// <summary>A file of metrics for node_exporter's textfile collector, which reads whole files whose names end in <c>.prom</c>.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public static class MetricsFile
{
    private const string Ending = ".prom";
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Puts text in the place of a file at once: whoever reads it sees the one before or this one, whole.</summary>
    /// <param name="path">The file; its folder has to be there.</param>
    /// <param name="text">What it holds.</param>
    /// <returns>Usage where the collector would not read such a file, NotFound without its folder; the file is as it was.</returns>
    public static Outcome<Unit> Write(string path, ReadOnlyMemory<byte> text)
    {
        string full = Path.GetFullPath(path);
        if (!full.EndsWith(Ending, StringComparison.Ordinal))
            return Fault.Usage($"{path} does not end in {Ending}", "node_exporter passes over other files; call it vfleet.prom", path);
        if (Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder))
            return Fault.NotFound($"the folder of {path} is not there", "make it, or name node_exporter's own folder", path);
        // Another name than the collector reads, and one that nobody can have laid a link under.
        string draft = $"{full}.{Path.GetRandomFileName()}.tmp";
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Readable };
            using (FileStream file = new(draft, options))
            {
                file.Write(text.Span);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, full, overwrite: true);
            return Unit.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only way to refuse.
            if (File.Exists(draft))
                File.Delete(draft);
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Refused, $"{path} could not be written")
            {
                Cause = e.Message,
                Target = path,
                Remedy = "the file is as it was; look at the folder's rights and free space",
            };
        }
    }
}
