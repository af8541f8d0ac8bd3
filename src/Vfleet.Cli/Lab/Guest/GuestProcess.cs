using System.Diagnostics;
using System.Globalization;
using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Lab.Guest;

/// <summary>Starts a command in a session of its own, so that its process group can be signalled as a whole.</summary>
internal static class GuestProcess
{
    /// <summary>Put there by lab/init; the guest's files need not have a kill of their own.</summary>
    private const string Busybox = "/run/vfleet/busybox";

    internal const int SigInt = 2;
    internal const int SigKill = 9;
    internal const int SigPipe = 13;
    internal const int SigTerm = 15;

    /// <summary>Equivalent to <c>cd CWD; env … setsid -- ARGV</c>; the process id is the group's too.</summary>
    internal static Process Start(StartRequest request)
    {
        ProcessStartInfo info = new("setsid")
        {
            WorkingDirectory = Directory.Exists(request.Cwd) ? request.Cwd : "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A command may begin with a dash: it is no option of setsid's.
        info.ArgumentList.Add("--");
        foreach (string argument in request.Terminal is null ? request.Argv : WithTerminal(request.Argv, request.Terminal))
            info.ArgumentList.Add(argument);
        foreach ((string name, string value) in request.Env)
            info.Environment[name] = value;
        info.Environment.TryAdd("SHELL", "/bin/bash");
        info.Environment["HOME"] = "/root";
        info.Environment["USER"] = info.Environment["LOGNAME"] = "root";
        info.Environment["VFLEET_IN_LAB"] = "1";
        return Process.Start(info) ?? throw new InvalidOperationException("setsid was not started");
    }

    /// <summary>Equivalent to <c>kill -SIGNAL -- -GROUP</c>; a group that has ended is no error.</summary>
    internal static void SignalGroup(int group, int signal)
    {
        bool inGuest = File.Exists(Busybox);
        ProcessStartInfo info = new(inGuest ? Busybox : "kill") { RedirectStandardError = true, RedirectStandardOutput = true };
        if (inGuest)
            info.ArgumentList.Add("kill");
        info.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"-{signal}"));
        info.ArgumentList.Add("--");
        info.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"-{group}"));
        using Process? kill = Process.Start(info);
        kill?.WaitForExit();
    }

    /// <summary>script(1) makes the terminal; the command travels through its shell, so every word is quoted.</summary>
    private static string[] WithTerminal(IReadOnlyList<string> argv, TerminalSize size)
    {
        string command = string.Create(
            CultureInfo.InvariantCulture,
            $"stty rows {size.Rows} cols {size.Columns}; exec {string.Join(' ', argv.Select(Quote))}");
        return ["script", "-qefc", command, "/dev/null"];
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
