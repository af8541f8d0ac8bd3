using System.CommandLine;
using Spectre.Console;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Output;
using Vfleet.Cni;
using Vfleet.Containers.Find;
using Vfleet.Host;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation;

namespace Vfleet.Cli.Session;

/// <summary>What one run of a command works with: the host, the way to print, and the answers given in advance.</summary>
internal sealed class HostSession : IDisposable
{
    public const string Local = "local";
    public const string DefaultState = "/var/lib/vfleet";
    private const string SimulatedPrefix = "sim:";
    private const string FrontDoor = "cli", UnixSocket = "unix://";

    private readonly List<string> _temporary = [];

    private readonly ParseResult _parsed;
    private LocalNode? _node;

    private HostSession(ParseResult parsed, string format, IKernel kernel, string state, string? temporaryState)
    {
        _parsed = parsed;
        Kernel = parsed.GetValue(GlobalOptions.Verbose) ? new TracingKernel(kernel, Console.Error) : kernel;
        Records = new StateRecords(new LedgerOptions { StateDirectory = state }, () => Me);
        Host = new SriovHost(Kernel, new HostOptions
        {
            StateDirectory = state,
            Attachments = Records,
            ForeignMarks = kernel.IsSimulated ? null : new CniOptions().OldMarks,
        });
        Output = new ResultWriter(format, Console.Out);
        if (temporaryState is not null)
            _temporary.Add(temporaryState);
    }

    /// <summary>A simulated machine that outlives one command, with its records where <c>--state</c> says; for tests.</summary>
    internal static AsyncLocal<SimulatedKernel?> Kept { get; } = new();

    /// <summary>Who runs the command: whoever became root through sudo, else the user.</summary>
    public static string User => Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } invoker
        ? invoker : Environment.UserName;

    /// <summary>Who changes the ledger.</summary>
    public Actor Me => new(FrontDoor, User, Process().Or(null));

    /// <summary>Who has which VF, without making a ledger by a look.</summary>
    public StateRecords Records { get; }

    public IKernel Kernel { get; }

    public SriovHost Host { get; }

    public ResultWriter Output { get; }

    /// <summary>Finds containers that run on the machine. Docker's own variable names another socket, as that of a dockerd without root.</summary>
    public ContainerFinder Containers
    {
        get
        {
            string? docker = Environment.GetEnvironmentVariable("DOCKER_HOST");
            ContainerPlaces places = new();
            return ContainerFinder.OfAll(Kernel.Files, docker?.StartsWith(UnixSocket, StringComparison.Ordinal) == true
                ? places with { DockerSocket = docker[UnixSocket.Length..] }
                : places);
        }
    }

    private bool IsYes => _parsed.GetValue(GlobalOptions.Yes);

    /// <summary>Runs a command's work with a session and turns a fault into its message and exit code.</summary>
    public static Task<int> RunAsync(ParseResult parsed, Func<HostSession, Task<Fault?>> work) =>
        RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, async session =>
            await work(session).ConfigureAwait(false) is { } failed ? failed : Outcome<int>.Of(0));

    /// <summary>The same for work that has an exit code of its own and may choose the format.</summary>
    public static async Task<int> RunWithCodeAsync(ParseResult parsed, string format, Func<HostSession, Task<Outcome<int>>> work)
    {
        try
        {
            if (!Open(parsed, format).Try(out HostSession? session, out Fault? fault))
                return ErrorWriter.Report(fault, format);
            using (session)
                return (await work(session).ConfigureAwait(false)).Try(out int code, out Fault? failed) ? code : ErrorWriter.Report(failed, format);
        }
        catch (LabException e)
        {
            foreach (string line in e.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                await Console.Error.WriteLineAsync($"  {line}").ConfigureAwait(false);
            return ErrorWriter.Report(e.Fault, format);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C: whoever was cancelled has put things back.
            return ErrorWriter.Report(new Fault(FaultKind.TimedOut, "interrupted") { Remedy = "a VF in hand was put back; VFs already created and workloads of `up` stay: see `vfleet vf list`" }, format, 130);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort: a defect of ours becomes one line and exit code 1, with the trace for those who ask.
            return ErrorWriter.ReportDefect(e, format, parsed.GetValue(GlobalOptions.Verbose), parsed);
        }
    }

    /// <summary>Asks before something is destroyed, or real hardware touched unasked. Where there is no terminal, nobody says yes but <c>--yes</c>.</summary>
    public bool Confirm(string question) =>
        IsYes || (!Console.IsInputRedirected && !Console.IsErrorRedirected && Terminal.Error.Confirm(Markup.Escape(question), defaultValue: false));

    /// <summary>The node of the machine: every hand-out goes through its ledger, which is made when it is first needed.</summary>
    public Outcome<LocalNode> Node() => _node is { } open ? open : OpenNode(Host.Options.StateDirectory);

    /// <summary>Brings the ledger's list of VFs up to the machine.</summary>
    public async Task<Fault?> KnowVfsAsync(CancellationToken cancel) =>
        Node().Try(out LocalNode? node, out Fault? fault) ? (await node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false)).Fault : fault;

    /// <summary>The same for a command that may change nothing: where there is no ledger, one that ends with the command.</summary>
    public Outcome<LocalNode> NodeToLookAt()
    {
        if (_node is { } open)
            return open;
        if (!Records.IsThere().Try(out bool isThere, out Fault? fault))
            return fault;
        if (isThere || !TryMakeTemporary().Try(out string? temporary, out _))
            return OpenNode(Host.Options.StateDirectory);
        _temporary.Add(temporary);
        return OpenNode(temporary);
    }

    /// <summary>A session on a simulated kernel with this one's way to print.</summary>
    public HostSession Simulated(string profile) => OpenSimulated(_parsed, Output.Format, profile).Value;

    /// <summary>Writes an override down before it is done.</summary>
    /// <param name="command">What is going to be done.</param>
    /// <param name="overridden">The refusals, in words.</param>
    /// <param name="cancel">Ends the waiting for another process that writes.</param>
    public Task<Outcome<Unit>> WritesAsync(string command, IReadOnlyList<string> overridden, CancellationToken cancel) =>
        new ForceLog(Host.Options, Environment.GetEnvironmentVariable("SUDO_USER")).AppendAsync(command, overridden, cancel);

    /// <summary>The same where only trying tells what is refused; nothing to do where no override is meant.</summary>
    /// <param name="isForced">An override is meant.</param>
    /// <param name="command">What is going to be done.</param>
    /// <param name="attempt">The same command as a dry run, with force or without.</param>
    /// <param name="cancel">Ends the waiting for another process that writes.</param>
    /// <returns>What refuses the command in spite of force, and then nothing is written: nothing was overridden.</returns>
    public async Task<Outcome<Unit>> WritesAsync<T>(
        bool isForced, string command, Func<bool, Task<Outcome<T>>> attempt, CancellationToken cancel)
    {
        if (!isForced)
            return Unit.Done;
        if ((await attempt(true).ConfigureAwait(false)).Fault is { } inSpite)
            return inSpite;
        string[] overridden = (await attempt(false).ConfigureAwait(false)).Fault is { } refusal ? [ForceLog.Words(refusal)] : [];
        return await WritesAsync(command, overridden, cancel).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _node?.Dispose();
        Records.Dispose();
        (Kernel as TracingKernel)?.Dispose();
        foreach (string folder in _temporary)
            Directory.Delete(folder, recursive: true);
    }

    private Outcome<LocalNode> OpenNode(string state)
    {
        if (!Process().Try(out Owner? process, out Fault? fault))
            return fault;
        return LocalNode.Open(Kernel, Host.Options with { StateDirectory = state, Attachments = null }, new Actor(FrontDoor, User, process), Doors.All())
            .Map(opened =>
            {
                if (_temporary.Count == 0)
                    Records.Use(opened.Ledger);
                return _node = opened;
            });
    }

    private Outcome<Owner> Process() => OwnerIdentity.OfProcess(Kernel, Environment.ProcessId, "vfleet");

    private static Outcome<HostSession> Open(ParseResult parsed, string format)
    {
        string host = parsed.GetValue(GlobalOptions.Host)!;
        // Empty, as from an unset variable in a script, would mean the working directory: records nobody finds again.
        if (parsed.GetValue(GlobalOptions.State) is "")
            return Fault.Usage("--state may not be empty", $"name a directory; without the option it is {DefaultState}");
        if (host == Local)
            return new HostSession(parsed, format, new LinuxKernel(), parsed.GetValue(GlobalOptions.State)!, null);
        return host.StartsWith(SimulatedPrefix, StringComparison.Ordinal)
            ? OpenSimulated(parsed, format, host[SimulatedPrefix.Length..])
            : Fault.Usage($"--host {host} is neither {Local} nor sim:PROFILE", $"profiles: {string.Join(", ", SimulationProfiles.Names)}");
    }

    private static Outcome<HostSession> OpenSimulated(ParseResult parsed, string format, string profile)
    {
        if (Kept.Value is { } kept)
            return new HostSession(parsed, format, kept, parsed.GetValue(GlobalOptions.State)!, null);
        if (!SimulationProfiles.Create(profile).Try(out SimulatedKernel? kernel, out Fault? fault))
            return fault;
        // The process that hands VFs out there is this one.
        kernel.Machine.AddProcess(Environment.ProcessId, command: "vfleet");
        // A simulated kernel ends with the process, so its records must not outlive it.
        return TryMakeTemporary().Map(temporary => new HostSession(parsed, format, kernel, temporary, temporary));
    }

    private static Outcome<string> TryMakeTemporary()
    {
        try
        {
            return Directory.CreateTempSubdirectory("vfleet-sim-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only, forbidden, or that TMPDIR names nothing.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, "no temporary directory can be made for the simulated machine's records")
            {
                Cause = e.Message,
                Target = Path.GetTempPath(),
                Remedy = "let TMPDIR name a directory that may be written",
            };
        }
    }
}
