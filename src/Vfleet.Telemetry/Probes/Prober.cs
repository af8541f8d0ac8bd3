using Vfleet.Host.Inventory;
using Vfleet.Linux.Probes;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Telemetry.Probes;

/// <summary>
/// Measures the way through VFs to the targets that policies name, each from its owner's network namespace and over the VF whatever routes say. Without
/// targets it reads the ledger alone. No socket stays open between two questions: it would keep a namespace alive.
/// </summary>
/// <param name="node">The node.</param>
public sealed class Prober(LocalNode node)
{
    /// <summary>Most questions at once, and most series: beyond them a VF is not measured, which a metric tells.</summary>
    private const int MostAtOnce = 32, MostSeries = 8192;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), BetweenLooks = TimeSpan.FromSeconds(1), BetweenReadings = TimeSpan.FromSeconds(5);
    private readonly TimeProvider _time = node.Host.Options.Time;
    private readonly Lock _gate = new();
    private readonly Dictionary<ProbeKey, Measured> _series = [];
    private ILookup<string, Measured> _byVf = Array.Empty<Measured>().ToLookup(_ => "");

    /// <summary>True where a bound keeps some VFs from being measured.</summary>
    public bool IsAtBound { get; private set; }

    /// <summary>Measures until it is cancelled.</summary>
    /// <param name="failed">Told once why the machine could not be looked at, until it can be again; measuring goes on.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(Action<Fault> failed, CancellationToken cancel)
    {
        long? looked = null;
        bool isTold = false;
        while (!cancel.IsCancellationRequested)
        {
            Fault? fault = null;
            try
            {
                if (looked is null || _time.GetElapsedTime(looked.Value) >= BetweenReadings)
                {
                    looked = _time.GetTimestamp();
                    fault = (await LookAsync(cancel).ConfigureAwait(false)).Fault;
                    isTold &= fault is not null;
                }
                await AskAsync(cancel).ConfigureAwait(false);
                await Task.Delay(BetweenLooks, _time, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The last resort: a defect of ours, or a process without room for a thread, is a gap and no reason to stop for good.
                fault = new Fault(FaultKind.Internal, $"a defect of vfleet: {e.Message}") { Cause = e.GetType().Name };
            }
            if (fault is not null && !isTold)
                failed(fault);
            isTold |= fault is not null;
        }
    }

    /// <summary>What came so far, of VFs that are measured now.</summary>
    public IReadOnlyList<(ProbeKey Key, ProbeCounts Counts)> Read()
    {
        lock (_gate)
            return [.. _series.Select(each => (each.Key, each.Value.Series.Read()))];
    }

    /// <summary>
    /// 99th percentile of the newest answers over a VF, seconds, of its slowest target where it has several; null where none came lately, so that what was
    /// before an outage is not told as if it were now.
    /// </summary>
    /// <param name="vf">The VF as it is called.</param>
    public double? NewestP99(string vf)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
            return _byVf[vf].Max(each => each.Series.NewestP99(now - (each.Interval * 3) - Patience));
    }

    /// <summary>Finds who is to be measured.</summary>
    internal async Task<Outcome<Unit>> LookAsync(CancellationToken cancel)
    {
        if (!node.Definitions.Rules().Try(out IReadOnlyDictionary<string, PoolRules>? rules, out Fault? fault)
            || !node.Ledger.Read(view => view.OpenAllocations()).Try(out IReadOnlyList<LedgerAllocation>? open, out fault))
            return fault;
        (LedgerAllocation Allocation, PoolRules Rules)[] wanted =
            [.. open.Where(each => rules.GetValueOrDefault(each.Pool)?.Probes.Count > 0).Select(each => (each, rules[each.Pool]))];
        Dictionary<ProbeKey, (string? Namespace, string Interface, TimeSpan Interval)> now = [];
        if (wanted.Length > 0)
        {
            Outcome<MachineInventory> read = await node.Host.Inventory.ReadWithoutRoutesAsync(VfDetail.None, cancel).ConfigureAwait(false);
            if (!read.Try(out MachineInventory? machine, out fault))
                return fault;
            Dictionary<string, VirtualFunction> vfs = machine.Vfs.ToDictionary(vf => vf.Label, StringComparer.Ordinal);
            foreach ((LedgerAllocation allocation, PoolRules its) in wanted)
            {
                foreach (VirtualFunction vf in allocation.Vfs.Select(each => vfs.GetValueOrDefault(each.Vf)).OfType<VirtualFunction>())
                {
                    // Without an interface, as under vfio, there is nothing to ask over; one in the host's namespace is nobody's yet.
                    foreach (PoolProbe probe in vf is { Link.IsUp: true, NamespacePath: not null } ? its.Probes : [])
                        now[new ProbeKey(vf.Label, allocation.Id, probe.Target)] = (vf.NamespacePath, vf.Link!.Name, probe.Interval);
                }
            }
        }
        Keep(now);
        return Unit.Done;
    }

    /// <summary>Asks every target that is due, and waits for the answers.</summary>
    internal async Task AskAsync(CancellationToken cancel)
    {
        Measured[] due;
        lock (_gate)
        {
            due = [.. _series.Values.Where(each => each.Asked is not { } last || _time.GetElapsedTime(last) >= each.Due)];
            long now = _time.GetTimestamp();
            Array.ForEach(due, each => each.Asked = now);
        }
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancel }, async (each, token) =>
            each.Series.Add(await AskAsync(each, token).ConfigureAwait(false), _time.GetUtcNow())).ConfigureAwait(false);
    }

    private async ValueTask<Outcome<ProbeReply>> AskAsync(Measured each, CancellationToken cancel)
    {
        IKernel kernel = node.Host.Kernel;
        using NetworkNamespace? within = each.Namespace is { } path ? kernel.OpenNamespace(path).Or(null) : null;
        // It went away since it was looked for.
        if (each.Namespace is not null && within is null)
            return Fault.NotFound($"{each.Namespace} is gone");
        if (!kernel.OpenProbe(each.Target, each.Interface, within).Try(out IProbeSocket? socket, out Fault? fault))
            return fault;
        using (socket)
            return await socket.AskAsync(Patience, cancel).ConfigureAwait(false);
    }

    private void Keep(Dictionary<ProbeKey, (string? Namespace, string Interface, TimeSpan Interval)> now)
    {
        lock (_gate)
        {
            KeyValuePair<ProbeKey, (string? Namespace, string Interface, TimeSpan Interval)>[] kept = [.. now.Take(MostSeries)];
            foreach (ProbeKey gone in _series.Keys.Except(kept.Select(each => each.Key)).ToArray())
                _series.Remove(gone);
            foreach ((ProbeKey key, var place) in kept)
            {
                ProbeSeries series = _series.GetValueOrDefault(key)?.Series ?? new ProbeSeries();
                _series[key] = new Measured(key.Target, place.Namespace, place.Interface, place.Interval, series) { Asked = _series.GetValueOrDefault(key)?.Asked };
            }
            _byVf = _series.ToLookup(each => each.Key.Vf, each => each.Value, StringComparer.Ordinal);
            IsAtBound = now.Count > MostSeries;
        }
    }

    private sealed record Measured(ProbeTarget Target, string? Namespace, string Interface, TimeSpan Interval, ProbeSeries Series)
    {
        /// <summary>
        /// From one question to the next: one that nobody answers is asked ever more seldom, down to an eighth, so that it does not hold up the others.
        /// </summary>
        public TimeSpan Due => Interval * (1 << Math.Min(Series.Silent / 3, 3));

        /// <summary>When it was asked last.</summary>
        public long? Asked { get; set; }
    }
}

/// <summary>A target over a VF, for one owner.</summary>
/// <param name="Vf">The VF as it is called.</param>
/// <param name="Allocation">The allocation's id.</param>
/// <param name="Target">The target.</param>
public sealed record ProbeKey(string Vf, string Allocation, ProbeTarget Target);
