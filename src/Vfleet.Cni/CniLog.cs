using System.Globalization;

namespace Vfleet.Cni;

/// <summary>Lines for whoever reads the runtime's log.</summary>
internal static class CniLog
{
    /// <summary>Writes one line.</summary>
    /// <param name="file">A file to append to; null for <paramref name="otherwise"/>.</param>
    /// <param name="otherwise">Standard error.</param>
    /// <param name="time">The clock.</param>
    /// <param name="level">error or warning.</param>
    /// <param name="variable">The environment of the call.</param>
    /// <param name="message">What happened.</param>
    public static void Write(string? file, TextWriter otherwise, TimeProvider time, string level, Func<string, string?> variable, string message)
    {
        string at = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        string line = $"time={at} level={level} cni=sriov command={variable("CNI_COMMAND")} container={variable("CNI_CONTAINERID")} ifname={variable("CNI_IFNAME")} msg=\"{message.ReplaceLineEndings(" ").Replace('"', '\'')}\"";
        try
        {
            if (file is not null)
            {
                File.AppendAllText(file, line + "\n");
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A log that cannot be written must not fail the pod; the line goes where the runtime sees it.
            line = $"{line} logFile=\"{e.Message}\"";
        }
        otherwise.WriteLine(line);
    }
}
