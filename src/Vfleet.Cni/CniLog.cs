using System.Globalization;
using System.Text;
using Vfleet.Cni.Config;
using Vfleet.Linux.Real;

namespace Vfleet.Cni;

/// <summary>What a line is about. Each level has the lines of those before it too.</summary>
internal enum CniLogLevel
{
    /// <summary>A defect.</summary>
    Panic,

    /// <summary>The call failed.</summary>
    Error,

    /// <summary>It succeeded, and something has to be known all the same.</summary>
    Warning,

    /// <summary>What was changed.</summary>
    Info,

    /// <summary>Each step.</summary>
    Debug,
}

/// <summary>Lines of one call, for whoever reads the log of the runtime or the configuration's file.</summary>
/// <param name="otherwise">Standard error.</param>
/// <param name="time">The clock.</param>
/// <param name="variable">The environment of the call.</param>
internal sealed class CniLog(TextWriter otherwise, TimeProvider time, Func<string, string?> variable) : IDisposable
{
    private CniLogLevel _most = CniLogLevel.Warning;
    private AppendedFile? _file;

    /// <summary>
    /// Goes by a configuration from now on. Runtimes show standard error to people, so there only what they have to know is said unless more
    /// is asked for.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <returns>Why its file cannot be written; lines go to standard error then.</returns>
    public Fault? Use(NetworkConfig config)
    {
        _most = config.LogLevel ?? (config.LogFile is null ? CniLogLevel.Warning : CniLogLevel.Info);
        return config.LogFile is not { } path || AppendedFile.Open(path).Try(out _file, out Fault? fault) ? null : fault;
    }

    /// <summary>Writes one line, where its level is wanted. What cannot be written to the file goes to standard error.</summary>
    /// <param name="level">What it is about.</param>
    /// <param name="message">What happened.</param>
    public void Write(CniLogLevel level, string message)
    {
        if (level > _most)
            return;
        string at = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        string line = $"time={at} level={level.ToString().ToLowerInvariant()} cni=sriov command={Word(variable("CNI_COMMAND"))} "
            + $"container={Word(variable("CNI_CONTAINERID"))} ifname={Word(variable("CNI_IFNAME"))} msg={Quoted(message)}";
        if (_file is null)
            otherwise.WriteLine(line);
        else if (_file.WriteLine(line).Fault is { } fault)
            otherwise.WriteLine($"{line} logFile={Quoted(fault.Error)}");
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>A text of others ends neither its field nor the line, and what it would do to a terminal it cannot do.</summary>
    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"", text.Length + 2);
        foreach (char c in text)
            quoted.Append(c switch { '"' => '\'', '\\' => '/', _ when IsBreak(c) => ' ', _ => c });
        return quoted.Append('"').ToString();
    }

    /// <summary>The same without quotes: a word of the environment, which nobody has looked at where the call is refused for it.</summary>
    private static string Word(string? text)
    {
        StringBuilder word = new();
        foreach (char c in text ?? "")
            word.Append(c is '"' or '\\' or '=' || IsBreak(c) || char.IsWhiteSpace(c) ? '?' : c);
        return word.ToString();
    }

    private static bool IsBreak(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
