using Vfleet.Cni.Config;
using Vfleet.Cni.Ipam;
using Vfleet.Cni.Protocol;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Commands;

/// <summary>What every command works with.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Options">Deadlines and places.</param>
/// <param name="Node">The node.</param>
/// <param name="Call">The environment.</param>
/// <param name="Config">The configuration.</param>
/// <param name="Log">Takes what is worth knowing.</param>
internal sealed record CniRun(IKernel Kernel, CniOptions Options, LocalNode Node, CniCall Call, NetworkConfig Config, CniLog Log)
{
    /// <summary>The attachment this call is about.</summary>
    public CniWorkload Workload { get; } = CniWorkload.Of(Call, Config);

    /// <summary>The attachment's allocation; null where there is none that has not ended.</summary>
    public Outcome<LedgerAllocation?> Find() => Node.Ledger.Read(view =>
        view.OpenAllocations().FirstOrDefault(allocation => CniWorkload.Of(allocation) is { } other
            ? other.IsSame(Workload)
            : allocation.FrontDoor == CniWorkload.FrontDoor && allocation.RequestKey == Workload.RequestKey));

    /// <summary>Why the network's address plugin cannot be called; null where it can, and where there is none.</summary>
    public CniError? MissingIpam => Config.IpamType is { } type ? IpamPlugin.Missing(type, Call.PathText) : null;

    /// <summary>Says what has to be known of a call that succeeds.</summary>
    public void Warn(string message) => Log.Write(CniLogLevel.Warning, message);

    /// <summary>Calls the network's address plugin.</summary>
    public async Task<CniOutcome<byte[]>> IpamAsync(string command, CancellationToken cancel)
    {
        Log.Write(CniLogLevel.Debug, $"ipam plugin {Config.IpamType} is called with {command}");
        CniOutcome<byte[]> answer = await new IpamPlugin(Options.IpamDeadline)
            .RunAsync(Config.IpamType!, CallOf(Call, command), Config.Bytes, cancel).ConfigureAwait(false);
        Log.Write(CniLogLevel.Debug, answer.Error is { } error ? error.Message : $"ipam plugin {Config.IpamType} did {command}");
        return answer;
    }

    /// <summary>Has the address of an attachment given back; null where it was, or where the network has no address plugin.</summary>
    public async Task<CniError?> GiveAddressBackAsync(CniCall call, CancellationToken cancel)
    {
        if (Config.IpamType is not { } type)
            return null;
        CniError? kept = await new IpamPlugin(Options.IpamDeadline)
            .GiveBackAsync(type, CallOf(call, "DEL"), Config.Bytes, cancel).ConfigureAwait(false);
        Log.Write(CniLogLevel.Debug,
            kept?.Message ?? $"ipam plugin {type} took back the address of {call.ContainerId} {call.InterfaceName}");
        return kept;
    }

    private static IpamCall CallOf(CniCall call, string command) =>
        new(command, call.ContainerId, call.Namespace, call.InterfaceName, call.ArgumentText, call.PathText);

    /// <summary>The answer of a command that has none.</summary>
    public static byte[] Nothing { get; } = [];
}
