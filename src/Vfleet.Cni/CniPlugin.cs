using Vfleet.Cni.Commands;
using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Host;
using Vfleet.Linux.Real;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cni;

/// <summary>One call of the plugin, from its environment and standard input to its answer. Source: CNI SPEC 1.1.0, section 2.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">How it behaves.</param>
public sealed class CniPlugin(IKernel kernel, CniOptions options)
{
    /// <summary>Carries out one call.</summary>
    /// <param name="variable">The environment.</param>
    /// <param name="input">The network's configuration.</param>
    /// <param name="output">Gets the result, or the error.</param>
    /// <param name="errors">Gets the lines that the configuration wants, unless it names a file.</param>
    /// <param name="cancel">Ends the call; what was done is undone.</param>
    /// <returns>The exit code: 0 or 1.</returns>
    public async Task<int> RunAsync(
        Func<string, string?> variable, Stream input, Stream output, TextWriter errors, CancellationToken cancel = default)
    {
        NetworkConfig? config = null;
        using CniLog log = new(errors, options.Time, variable);
        CniOutcome<byte[]> answer;
        try
        {
            answer = await AnswerAsync(variable, input, known => config = known, log, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !cancel.IsCancellationRequested)
        {
            // The last resort: a runtime that gets no answer cannot tell anybody what happened.
            answer = CniError.Defect(e);
        }
        if (answer.Try(out byte[]? bytes, out CniError? error))
        {
            output.Write(bytes);
            return 0;
        }
        log.Write(error.Code == CniCode.Other ? CniLogLevel.Panic : CniLogLevel.Error,
            error.Details is null ? error.Message : $"{error.Message} ({error.Details})");
        output.Write(CniResult.WriteError(error, config?.CniVersion));
        return 1;
    }

    private async Task<CniOutcome<byte[]>> AnswerAsync(
        Func<string, string?> variable, Stream input, Action<NetworkConfig> known, CniLog log, CancellationToken cancel)
    {
        if (!CniCall.Read(variable).Try(out CniCall? call, out CniError? error))
            return error;
        if (call.Command == CniCommand.Version)
            return CniResult.WriteVersions();
        // In place: the stream's own waiting would take a thread of the pool.
        if (BoundedStream.Read(input, NetworkConfig.Largest) is not { } bytes)
            return new CniError(CniCode.Undecodable, $"the configuration on standard input is larger than {NetworkConfig.Largest} bytes");
        if (!ConfigReader.Read(bytes, call).Try(out NetworkConfig? config, out error))
            return error;
        known(config);
        if (config.StateDirectory is { } state && OwnFolder.Check(state).Fault is { } foreign)
            return CniJson.Wrong($"stateDir {state} cannot be trusted: {foreign.Error}", foreign.Remedy ?? foreign.Cause);
        if (log.Use(config) is { } unwritable)
        {
            // Whoever asked for a log learns of it when nothing is at stake yet; taking back comes before telling of it.
            if (call.Command == CniCommand.Add)
                return new CniError(CniCode.Io, $"logFile {config.LogFile} cannot be written", unwritable.Error);
            log.Write(CniLogLevel.Warning, $"logFile {config.LogFile} cannot be written: {unwritable.Error}");
        }
        log.Write(CniLogLevel.Debug, $"called for network {config.Name} of cniVersion {config.CniVersion} in {call.Namespace}");
        if (!Open(config).Try(out LocalNode? node, out Fault? closed))
            return CniError.Of(closed);
        using (node)
        {
            CniRun run = new(kernel, options, node, call, config, log);
            return call.Command switch
            {
                CniCommand.Add => await new AddCommand(run).RunAsync(cancel).ConfigureAwait(false),
                CniCommand.Del => await new DelCommand(run).RunAsync(cancel).ConfigureAwait(false),
                CniCommand.Check => await new CheckCommand(run).RunAsync(cancel).ConfigureAwait(false),
                CniCommand.Status => await new StatusCommand(run).RunAsync(cancel).ConfigureAwait(false),
                _ => await new GcCommand(run).RunAsync(cancel).ConfigureAwait(false),
            };
        }
    }

    private Outcome<LocalNode> Open(NetworkConfig config)
    {
        if (!OwnerIdentity.OfProcess(kernel, options.ProcessId, "sriov").Try(out Owner? process, out Fault? fault))
            return fault;
        HostOptions host = new()
        {
            StateDirectory = config.StateDirectory ?? options.StateDirectory,
            Time = options.Time,
            ReadDeadline = options.ReadDeadline,
            ForeignMarks = options.OldMarks,
        };
        return LocalNode.Open(kernel, host, new Actor(CniWorkload.FrontDoor, null, process), new FrontDoors(new CniDoor(options)));
    }
}
