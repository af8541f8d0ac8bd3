using System.Globalization;
using System.Text;

namespace Vfleet.Agent.Log;

/// <summary>How much a line matters; the value is syslog's priority.</summary>
public enum LogLevel
{
    /// <summary>Something failed, and nobody but a person can help.</summary>
    Error = 3,

    /// <summary>Something failed and is tried again, or was refused.</summary>
    Warning = 4,

    /// <summary>What happened.</summary>
    Info = 6,
}

/// <summary>
/// One line for each event: <c>LEVEL MESSAGE KEY=VALUE…</c>. Under systemd the journal takes the level from a prefix such as
/// <c>&lt;6&gt;</c>
/// (sd-daemon(3)). Safe for concurrent use.
/// </summary>
/// <param name="output">Where lines go, standard error as a rule.</param>
/// <param name="isJournal">True where the journal reads them.</param>
public sealed class AgentLog(TextWriter output, bool isJournal)
{
    private const int LongestValue = 2048;
    private readonly Lock _lock = new();

    /// <summary>
    /// True where a descriptor of this process leads to the journal: systemd names device and inode of its stream, which a child whose
    /// output
    /// goes elsewhere inherits too.
    /// </summary>
    /// <param name="files">The files of the kernel this process runs on.</param>
    /// <param name="stream">The variable JOURNAL_STREAM.</param>
    public static bool IsJournal(IFileTree files, string? stream) =>
        stream?.Split(':') is [_, { Length: > 0 } inode] && files.ReadLink("/proc/self/fd/2").Or(null) == $"socket:[{inode}]";

    /// <summary>Writes what happened.</summary>
    public void Info(string message, params ReadOnlySpan<(string Key, object? Value)> fields) => Write(LogLevel.Info, message, fields);

    /// <summary>Writes what went wrong and is tried again, or was refused.</summary>
    public void Warn(string message, params ReadOnlySpan<(string Key, object? Value)> fields) => Write(LogLevel.Warning, message, fields);

    /// <summary>Writes what failed.</summary>
    public void Error(string message, Fault fault, params ReadOnlySpan<(string Key, object? Value)> fields) =>
        Write(LogLevel.Error, message,
            [.. fields, ("error", fault.Error), ("cause", fault.Cause), ("remedy", fault.Remedy), ("target", fault.Target)]);

    private void Write(LogLevel level, string message, ReadOnlySpan<(string Key, object? Value)> fields)
    {
        StringBuilder line = new();
        if (isJournal)
            line.Append(CultureInfo.InvariantCulture, $"<{(int)level}>");
        line.Append(level.ToString().ToLowerInvariant()).Append(' ').Append(message);
        foreach ((string key, object? value) in fields)
        {
            if (Text(value) is { } text)
                line.Append(' ').Append(key).Append('=').Append(Quoted(text));
        }
        lock (_lock)
        {
            output.WriteLine(line.ToString());
            output.Flush();
        }
    }

    private static string? Text(object? value) => value switch
    {
        TimeSpan span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.#}ms"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };

    /// <summary>A value that could be taken for two, or for the end of the line, is quoted: others name namespaces and owners.</summary>
    private static string Quoted(string text)
    {
        if (text.Length > LongestValue)
            text = string.Concat(text.AsSpan(0, LongestValue), "…");
        if (text.Length > 0 && !text.Any(letter => letter is ' ' or '"' or '=' or '\\' || char.IsControl(letter)))
            return text;
        StringBuilder quoted = new("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\')
                quoted.Append('\\').Append(letter);
            else if (char.IsControl(letter))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }
}
