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
/// <param name="Warn">Takes what the runtime's log should say.</param>
internal sealed record CniRun(IKernel Kernel, CniOptions Options, LocalNode Node, CniCall Call, NetworkConfig Config, Action<string> Warn)
{
    /// <summary>The attachment this call is about.</summary>
    public CniWorkload Workload { get; } = CniWorkload.Of(Call, Config);

    /// <summary>The attachment's allocation; null where there is none that has not ended.</summary>
    public Outcome<LedgerAllocation?> Find() => Node.Ledger.Read(view =>
        view.OpenAllocations().FirstOrDefault(allocation => CniWorkload.Of(allocation) is { } other && other.IsSame(Workload)));

    /// <summary>Why the network's address plugin cannot be called; null where it can, and where there is none.</summary>
    public CniError? MissingIpam => Config.IpamType is { } type ? IpamPlugin.Missing(type, Call.PathText) : null;

    /// <summary>Calls the network's address plugin.</summary>
    public Task<CniOutcome<byte[]>> IpamAsync(string command, CancellationToken cancel)
    {
        IpamCall call = new(command, Call.ContainerId, Call.Namespace, Call.InterfaceName, Call.ArgumentText, Call.PathText);
        return new IpamPlugin(Options.IpamDeadline).RunAsync(Config.IpamType!, call, Config.Bytes, cancel);
    }

    /// <summary>The answer of a command that has none.</summary>
    public static byte[] Nothing { get; } = [];
}
