using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Census;

namespace Vfleet.Cli.Agent;

/// <summary>Pools and VFs at one time.</summary>
/// <param name="IsAgent">The agent told them.</param>
/// <param name="Pools">Pools.</param>
/// <param name="Vfs">VFs.</param>
internal sealed record NodeShown(bool IsAgent, IReadOnlyList<PoolReport> Pools, IReadOnlyList<VfReport> Vfs)
{
    /// <summary>What VFs did in the last 5 s; empty where nobody keeps that.</summary>
    public IReadOnlyList<NewestReport> Recent { get; init; } = [];

    /// <summary>Why there are no rates; null where there are.</summary>
    public string? NoRates { get; init; }

    /// <summary>Each VF with what it did.</summary>
    public IReadOnlyList<TopRow> Rows()
    {
        Dictionary<string, RecentSampleReport> samples = Recent.ToDictionary(each => each.Vf, each => each.Sample, StringComparer.Ordinal);
        return [.. Vfs.Select(vf => new TopRow(vf, samples.GetValueOrDefault(vf.Vf)))];
    }
}

/// <summary>A VF as <c>vfleet top</c> shows it.</summary>
/// <param name="Vf">The VF and who has it.</param>
/// <param name="Sample">What it did in the last 5 s; null where that is not known.</param>
internal sealed record TopRow(VfReport Vf, RecentSampleReport? Sample);

/// <summary>Asks the agent, or where none runs the machine itself.</summary>
internal sealed class NodeSource(HostSession session, string socket) : IDisposable
{
    private readonly AgentClient _agent = new(socket);
    private LocalNode? _node;

    public async Task<Outcome<NodeShown>> ReadAsync(CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PoolReport>> pools = await _agent.PoolsAsync(cancel).ConfigureAwait(false);
        if (pools.Fault is { Kind: FaultKind.NotFound })
            return await ReadMachineAsync(cancel).ConfigureAwait(false);
        if (!pools.Try(out IReadOnlyList<PoolReport>? of, out Fault? fault)
            || !(await _agent.VfsAsync(cancel).ConfigureAwait(false)).Try(out IReadOnlyList<VfReport>? vfs, out fault))
            return fault;
        // Who has which VF is worth showing without rates: an agent may keep none.
        Outcome<IReadOnlyList<NewestReport>> recent = await _agent.NewestAsync(cancel).ConfigureAwait(false);
        return new NodeShown(true, of, vfs) { Recent = recent.Or(null) ?? [], NoRates = recent.Fault?.Error };
    }

    public void Dispose() => _agent.Dispose();

    private async Task<Outcome<NodeShown>> ReadMachineAsync(CancellationToken cancel)
    {
        if (_node is null && !session.NodeToLookAt().Try(out _node, out Fault? fault))
            return fault;
        Outcome<NodeReading> read = await _node!.Census.TakeAsync(cancel: cancel).ConfigureAwait(false);
        return read.Map(reading => new NodeShown(false, Reports.Pools(reading), Reports.Vfs(reading)) { NoRates = "no agent runs, which keeps them" });
    }
}
