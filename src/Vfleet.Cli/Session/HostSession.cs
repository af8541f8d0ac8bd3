using System.CommandLine;
using Spectre.Console;
using Vfleet.Cli.Output;
using Vfleet.Host;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Simulation;

namespace Vfleet.Cli.Session;

/// <summary>What one run of a command works with: the host, the way to print, and the answers given in advance.</summary>
internal sealed class HostSession : IDisposable
{
    public const string Local = "local";
    public const string DefaultState = "/var/lib/vfleet";
    private const string SimulatedPrefix = "sim:";

    private readonly string? _temporaryState;

    private HostSession(ParseResult parsed, IKernel kernel, string state, string? temporaryState)
    {
        Kernel = parsed.GetValue(GlobalOptions.Verbose) ? new TracingKernel(kernel, Console.Error) : kernel;
        Host = new SriovHost(Kernel, new HostOptions { StateDirectory = state });
        Output = new ResultWriter(parsed.GetValue(GlobalOptions.Output)!, Console.Out);
        IsYes = parsed.GetValue(GlobalOptions.Yes);
        _temporaryState = temporaryState;
    }

    public IKernel Kernel { get; }

    public SriovHost Host { get; }

    public ResultWriter Output { get; }

    private bool IsYes { get; }

    /// <summary>Runs a command's work with a session and turns a fault into its message and exit code.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<HostSession, Task<Fault?>> work)
    {
        string format = parsed.GetValue(GlobalOptions.Output)!;
        try
        {
            if (!Open(parsed).Try(out HostSession? session, out Fault? fault))
                return ErrorWriter.Report(fault, format);
            using (session)
                return await work(session).ConfigureAwait(false) is { } failed ? ErrorWriter.Report(failed, format) : 0;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C: whoever was cancelled has put things back.
            return ErrorWriter.Report(new Fault(FaultKind.TimedOut, "interrupted") { Remedy = "what was begun was put back; look with `vfleet vf list`" }, format, 130);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort: a defect of ours becomes one line and exit code 1, with the trace for those who ask.
            return ErrorWriter.ReportDefect(e, format, parsed.GetValue(GlobalOptions.Verbose));
        }
    }

    /// <summary>Asks before something is destroyed. Not on a terminal there is nobody to ask, and the caller has checked that nothing is in use.</summary>
    public bool Confirm(string question)
    {
        if (IsYes || Console.IsInputRedirected || Console.IsErrorRedirected)
            return true;
        return Terminal.Error.Confirm(Markup.Escape(question), defaultValue: false);
    }

    /// <summary>Writes an override down before it is done; nothing to do where none is meant.</summary>
    public Outcome<Unit> Writes(bool isForced, string command, IReadOnlyList<VfInUse> overridden) => isForced
        ? new ForceLog(Host.Options.StateDirectory, Host.Options.Time).Append(command, overridden.Select(used => used.ToString()))
        : Unit.Done;

    public void Dispose()
    {
        if (_temporaryState is not null)
            Directory.Delete(_temporaryState, recursive: true);
    }

    private static Outcome<HostSession> Open(ParseResult parsed)
    {
        string host = parsed.GetValue(GlobalOptions.Host)!;
        string state = parsed.GetValue(GlobalOptions.State)!;
        if (host == Local)
            return new HostSession(parsed, new LinuxKernel(), state, null);
        if (!host.StartsWith(SimulatedPrefix, StringComparison.Ordinal))
            return Fault.Usage($"--host {host} is neither {Local} nor sim:PROFILE", $"profiles: {string.Join(", ", SimulationProfiles.Names)}");
        if (!SimulationProfiles.Create(host[SimulatedPrefix.Length..]).Try(out SimulatedKernel? kernel, out Fault? fault))
            return fault;
        // A simulated kernel ends with the process, so its records must not outlive it.
        string temporary = Directory.CreateTempSubdirectory("vfleet-sim-").FullName;
        return new HostSession(parsed, kernel, temporary, temporary);
    }
}
