using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Vfleet.Agent.Metrics;

/// <summary>
/// Reads files that are replaced while the agent runs. The contents tell whether they changed: the time of a file does not where it is a link
/// to a link, as those of a mounted secret.
/// </summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
internal static class SecretFile
{
    private const int Longest = 256 * 1024;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>How long what was read is not read again, however many ask.</summary>
    public static TimeSpan Fresh { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The text of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isSecret">Refused where other users may read or write it.</param>
    public static Outcome<string> Read(string path, bool isSecret)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // Of the open file: another one may be at the path by now.
            if (isSecret && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
                return Fault.Refused($"{path} is a secret that every user may read or write", null, $"chmod 600 {path}", path);
            if (file.Length > Longest)
                return Fault.Usage($"{path} is longer than {Longest / 1024} kB", target: path);
            byte[] bytes = new byte[file.Length];
            return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // The file system's only ways to say that there is none, that it is no file, or that it may not be read.
            return new Fault(e switch
            {
                FileNotFoundException or DirectoryNotFoundException => FaultKind.NotFound,
                UnauthorizedAccessException => FaultKind.NotPermitted,
                ArgumentException or NotSupportedException => FaultKind.Usage,
                _ => FaultKind.Kernel,
            }, $"{path} cannot be read") { Cause = e.Message, Target = path };
        }
    }
}
