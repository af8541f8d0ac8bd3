using System.Globalization;

namespace Vfleet.Linux;

/// <summary>Tells a process from a later one with the same number: by when it started.</summary>
public static class ProcessIdentity
{
    /// <summary>Number of the first field behind the name: the state (proc_pid_stat(5)).</summary>
    private const int StateField = 3, ThreadsField = 20, StartField = 22;

    /// <summary>
    /// When a process started, in clock ticks since boot (100 a second on every machine of today). Equivalent to field 22 of
    /// <c>cat /proc/PID/stat</c>; source: fs/proc/array.c, do_task_stat.
    /// </summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="pid">The process, in this process's own PID namespace.</param>
    /// <returns>
    /// Null where there is no such process, or it ended and waits for its parent; NotPermitted where /proc hides the processes of others.
    /// </returns>
    public static Outcome<long?> Read(IFileTree files, int pid)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat");
        Outcome<string> read = files.ReadText(path);
        if (!read.Try(out string? text, out Fault? fault))
            return IsGone(fault) ? Absent(files, path) : fault;
        return Parse(text, out long? start)
            ? start
            : Fault.FromErrno(Errno.EBADMSG, $"cat {path}", path, "it is no line of proc_pid_stat(5)");
    }

    /// <summary>Reads a line of /proc/PID/stat. The name in it may hold spaces and parentheses; only numbers follow it.</summary>
    internal static bool Parse(string text, out long? start)
    {
        start = null;
        string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!text.Contains(')', StringComparison.Ordinal) || fields.Length <= StartField - StateField)
            return false;
        if (!long.TryParse(fields[StartField - StateField], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks))
            return false;
        // A process whose first thread has ended looks like one that waits for its parent, but its other threads run.
        bool runs = fields[0] is not ("Z" or "X" or "x") || (fields[0] == "Z" && fields[ThreadsField - StateField] is not ("0" or "1"));
        start = runs ? ticks : null;
        return true;
    }

    private static bool IsGone(Fault fault) => fault.Errno is Errno.ENOENT or Errno.ESRCH;

    /// <summary>Mounted with hidepid=2, /proc shows nobody else's processes, and the first one is somebody else's (proc(5)).</summary>
    private static Outcome<long?> Absent(IFileTree files, string path) => files.Exists("/proc/1")
        ? Outcome<long?>.Of(null)
        : Fault.FromErrno(Errno.EACCES, $"cat {path}", path, "/proc hides the processes of others");
}
