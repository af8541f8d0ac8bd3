using System.Diagnostics;
using System.Globalization;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Output;
using Vfleet.Linux;
using Vfleet.Linux.Real;

namespace Vfleet.Cli.Run;

/// <summary>
/// Starts programs that end with this process, however it ends. Only a process itself can ask the kernel for that, so what is started is
/// this program again, which asks and then becomes the other.
/// </summary>
internal static class ChildStart
{
    private const string Word = "become";

    /// <summary>What starts a program so.</summary>
    /// <param name="words">Program and arguments.</param>
    public static ProcessStartInfo Of(IEnumerable<string> words)
    {
        string[] own = AgentProgram.OwnCommand();
        ProcessStartInfo start = new(own[0]) { UseShellExecute = false };
        string parent = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (string word in (IEnumerable<string>)[.. own[1..], Word, parent, .. words])
            start.ArgumentList.Add(word);
        return start;
    }

    /// <summary>True where this process was started so.</summary>
    public static bool IsOne(IReadOnlyList<string> args) => args is [Word, _, _, ..];

    /// <summary>Becomes the other program.</summary>
    /// <returns>The exit code where that fails.</returns>
    public static int Become(string[] args)
    {
        if (!int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parent))
            return (int)FaultKind.Usage;
        if (ProgramImage.EndWith(parent).Fault is { } alone)
            return ErrorWriter.Report(alone, OutputFormat.Table);
        Fault fault = ProgramImage.Become(args[2..]);
        int code = fault.Errno == Errno.ENOENT ? ProgramSearch.NotThere : ProgramSearch.NotRunnable;
        return ErrorWriter.Report(fault, OutputFormat.Table, code);
    }
}
