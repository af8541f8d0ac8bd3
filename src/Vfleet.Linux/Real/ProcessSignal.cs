using System.Runtime.InteropServices;

namespace Vfleet.Linux.Real;

/// <summary>Signals for other processes.</summary>
public static class ProcessSignal
{
    /// <summary>Sends one. Equivalent to <c>kill -SIGNAL PROCESS</c> (kill(2)).</summary>
    /// <param name="process">The process.</param>
    /// <param name="signal">SIGHUP, SIGINT, SIGQUIT or SIGTERM.</param>
    /// <returns>NotFound where there is no such process.</returns>
    public static Outcome<Unit> Send(int process, PosixSignal signal)
    {
        int number = signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, PosixSignal.SIGQUIT => 3, _ => 15 };
        return Native.Kill(process, number) == 0
            ? Unit.Done
            : Fault.FromErrno(Native.LastError, $"kill -{number} {process}", $"process {process}");
    }

    /// <summary>Ends a process that is not asked. Equivalent to <c>kill -9 PROCESS</c>; nothing where there is none any more.</summary>
    internal static void Kill(int process) => _ = Native.Kill(process, 9);

    /// <summary>
    /// True where this process's group has its terminal's foreground: what keys send there, Ctrl-C above all, every process of the group
    /// gets by itself. Equivalent to comparing PGID and TPGID of <c>ps -o pgid,tpgid</c>.
    /// </summary>
    public static bool HasTerminal
    {
        get
        {
            int terminal = Native.Open("/dev/tty", Native.OpenRead | Native.OpenNonblock | Native.OpenCloexec, 0);
            if (terminal < 0)
                return false;
            int foreground = Native.TerminalGroup(terminal);
            _ = Native.Close(terminal);
            return foreground == Native.ProcessGroup();
        }
    }
}
