using System.CommandLine;
using System.Runtime.InteropServices;
using Vfleet.Cli.Lab.Run;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;

namespace Vfleet.Cli.Lab;

/// <summary>Runs the work of a <c>vfleet lab</c> command and turns what goes wrong into its message and exit code.</summary>
internal static class LabGuard
{
    internal static async Task<int> RunAsync(
        ParseResult parsed, Func<LabMachine, CancellationToken, Task<int>> work, CancellationToken interrupted)
    {
        string format = parsed.GetValue(GlobalOptions.Output) ?? OutputFormat.Table;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        // System.CommandLine cancels for Ctrl-C and SIGTERM; a closed terminal has to leave nothing behind either.
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            end.Cancel();
        });
        try
        {
            return await work(LabMachine.OfThisProcess(new StderrProgress()), end.Token);
        }
        catch (LabException e)
        {
            if (format is OutputFormat.Table or OutputFormat.Wide)
                await WriteLogAsync(e.Log);
            return ErrorWriter.Report(e.Fault, format);
        }
        catch (OperationCanceledException)
        {
            // Interrupted: whoever was cancelled has put things back.
            return Conversation.InterruptedExitCode;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort: a defect of ours becomes one line and exit code 1, with the trace for those who ask.
            return ErrorWriter.ReportDefect(e, format, parsed.GetValue(GlobalOptions.Verbose), parsed);
        }
    }

    private static async Task WriteLogAsync(string log)
    {
        foreach (string line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await Console.Error.WriteLineAsync($"  {line}");
    }
}
