using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;

namespace Vfleet.Cli.Commands;

/// <summary>From the words of the command line to an exit code; nothing that goes wrong on the way becomes a stack trace.</summary>
internal static class CommandLine
{
    // Without files of arguments: "@/dev/zero" would be read for ever, and "@/etc/shadow" be quoted in an error.
    private static readonly ParserConfiguration Words = new() { ResponseFileTokenReplacer = null };

    // After Ctrl-C a command puts things back: binding a driver anew takes seconds, and the library's two would cut it off half way.
    private static readonly TimeSpan LongestPutBack = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] args)
    {
        Console.SetOut(new GuardedWriter(Console.Out, isResult: true));
        Console.SetError(new GuardedWriter(Console.Error, isResult: false));
        ParseResult? parsed = null;
        try
        {
            parsed = VfleetCommand.Create().Parse(args, Words);
            return parsed.Errors.Count > 0 && parsed.Action is not HelpAction
                ? UsageErrors.Report(parsed)
                : await InvokeAsync(parsed).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort for what happens outside a session: while parsing, or in a command that has none.
            string format = UsageErrors.IsJson(args) ? OutputFormat.Json : OutputFormat.Table;
            return ErrorWriter.ReportDefect(e, format, args.Contains("--verbose"), parsed);
        }
    }

    /// <summary>
    /// Runs the command; Ctrl-C and SIGTERM cancel it, or are passed on to a program that it runs. The library's own handling of SIGTERM lets a natively compiled process be killed half way, so
    /// it is off.
    /// </summary>
    private static async Task<int> InvokeAsync(ParseResult parsed)
    {
        // Not disposed: a signal may come while the last lines are left.
        CancellationTokenSource end = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        InvocationConfiguration how = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(how, end.Token).ConfigureAwait(false);

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (SignalRoute.Pass(signal.Signal))
                return;
            if (end.IsCancellationRequested)
                return;
            end.Cancel();
            // Whoever puts things back for longer than that is stuck.
            _ = Task.Delay(LongestPutBack).ContinueWith(_ => Environment.Exit(130), TaskScheduler.Default);
        }
    }
}
