using System.Text;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>The end of a log, for error texts and for noticing what the guest said.</summary>
internal static class LogTail
{
    private const int WindowBytes = 64 * 1024;
    private const int LastWords = 5;

    private static readonly string[] Causes = ["Kernel panic", "BUG:", "Oops", "Out of memory", "boot failed", "Unhandled exception", "sysrq:"];

    /// <summary>The last lines, without control sequences of a terminal; empty where there is no log.</summary>
    internal static string Read(string path, int lines) => string.Join('\n', Clean(ReadEnd(path)).TakeLast(lines));

    /// <summary>What a dead guest's console says about its end: the lines that name a cause, wherever they are, and the last few.</summary>
    internal static string Obituary(string path)
    {
        string[] lines = [.. Clean(ReadEnd(path))];
        IEnumerable<string> causes = lines.SkipLast(LastWords).Where(line => Causes.Any(cause => line.Contains(cause, StringComparison.Ordinal)));
        return string.Join('\n', causes.Take(LastWords).Concat(lines.TakeLast(LastWords)));
    }

    internal static bool Contains(string path, string text) => ReadEnd(path).Contains(text, StringComparison.Ordinal);

    private static IEnumerable<string> Clean(string text) => text
        .Split('\n')
        .Select(line => new string([.. line.Where(character => !char.IsControl(character) || character == '\t')]).Trim())
        .Where(line => line.Length > 0);

    private static string ReadEnd(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(WindowBytes, file.Length), SeekOrigin.End);
            using StreamReader reader = new(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }
}
