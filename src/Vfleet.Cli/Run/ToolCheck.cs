using Vfleet.Linux;
using Vfleet.Telemetry.Programs;

namespace Vfleet.Cli.Run;

/// <summary>What commands need that have another program read for them.</summary>
internal static class ToolCheck
{
    /// <summary>
    /// Starts a program that ends with this process. It is in a session of its own (setsid(1)), so that a terminal's Ctrl-C reaches it through
    /// this process alone: bpftrace takes a second one for impatience, and prints nothing.
    /// </summary>
    public static ToolStart Start { get; } = words => ChildStart.Of(["setsid", .. words]);

    /// <summary>Why a command cannot run here: without root, or without its program; null where it can.</summary>
    /// <param name="program">The program.</param>
    /// <param name="missing">What is said where it is not there.</param>
    /// <param name="command">The command.</param>
    public static Fault? Missing(string program, Fault missing, string command)
    {
        if (!ProgramSearch.IsThere(program))
            return missing;
        return Environment.IsPrivilegedProcess
            ? null
            : new Fault(FaultKind.NotPermitted, $"{command} looks into every owner's packets, and needs root")
            {
                Remedy = $"run it as root: `sudo vfleet {command} …`",
            };
    }

}
