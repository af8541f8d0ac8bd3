using System.Globalization;
using System.IO.Pipes;

namespace Vfleet.Cli.Lab.Guest;

/// <summary>Who else holds a pipe that we read from: a background process that outlives its command may keep it open for ever.</summary>
internal static class PipeHolders
{
    /// <summary>True where a process other than ours has one of the pipes open, so that their end may never come.</summary>
    internal static bool OtherThanUs(IEnumerable<Stream> pipes)
    {
        string[] names = [.. pipes.Select(NameOf).OfType<string>()];
        return names.Length > 0 && Directory.EnumerateDirectories("/proc")
            .Where(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && pid != Environment.ProcessId)
            .Any(directory => Holds(directory, names));
    }

    private static bool Holds(string process, string[] names)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(descriptor => names.Contains(new FileInfo(descriptor).LinkTarget, StringComparer.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or it is not ours to look at: then it is no descendant of a command of ours.
            return false;
        }
    }

    /// <summary>As /proc shows it: <c>pipe:[1234]</c>.</summary>
    private static string? NameOf(Stream stream) => stream is PipeStream pipe
        ? new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}")).LinkTarget
        : null;
}
