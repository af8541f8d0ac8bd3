using Vfleet.Linux;

namespace Vfleet.Host.Isolation;

/// <summary>The probes of one check, in order: one VLAN, two VLANs, one VLAN again.</summary>
internal sealed class IsolationRun(IKernel kernel, BorrowedPair pair, ProbeOptions options, Action<IsolationProgress>? progress)
{
    // Two VLANs that hardly anybody uses: the ARP broadcasts may leave through the cable.
    private const int Vlan = 3971, OtherVlan = 3972;
    private const int Echoes = 5, Stages = 10;
    private readonly List<ProbeResult> _results = [];
    private int _stage;

    public async Task<Outcome<IsolationReport>> MeasureAsync(string pf, string first, string second, CancellationToken cancel)
    {
        Begin("attach");
        if (await pair.TakeAsync(Vlan, cancel).ConfigureAwait(false) is { } untaken)
            return untaken;
        Outcome<Reachability> within = await WithinOneVlanAsync(cancel).ConfigureAwait(false);
        if (!within.Try(out Reachability? reach, out Fault? fault))
            return fault;
        int between = _results.Count;
        if (await BetweenVlansAsync(cancel).ConfigureAwait(false) is { } failed)
            return failed;
        Begin("one VLAN again");
        Outcome<bool> alive = await MeetAgainAsync(cancel).ConfigureAwait(false);
        if (!alive.Try(out bool isProof, out fault))
            return fault;
        // Silence between VLANs shows isolation only where the two can hear each other otherwise.
        for (int i = between; i < _results.Count && !(isProof && reach.Received > 0); i++)
            _results[i] = _results[i] with { Holds = false, Seen = $"{_results[i].Seen}; on one VLAN they do not reach each other either: nothing is shown" };
        Begin("put back");
        return new IsolationReport { Pf = pf, First = first, Second = second, Reach = reach, Results = _results };
    }

    private async Task<Outcome<Reachability>> WithinOneVlanAsync(CancellationToken cancel)
    {
        Begin("same VLAN");
        Outcome<Reachability> measured = await ReachabilityProbe.RunAsync(kernel, pair.First, pair.Second, Echoes, options, cancel).ConfigureAwait(false);
        if (!measured.Try(out Reachability? reach, out Fault? fault))
            return fault;
        _results.Add(reach.Judge("same-vlan-reach", $"both on VLAN {Vlan}", isExpected: true));
        Begin("broadcast");
        fault = Take(await BroadcastProbe.RunAsync(kernel, pair.First, pair.Second, options, cancel).ConfigureAwait(false));
        if (fault is not null)
            return fault;
        Begin("forged source");
        fault = Take(await ForgedSourceProbe.RunAsync(kernel, pair.First, pair.Second, options, cancel).ConfigureAwait(false));
        if (fault is not null)
            return fault;
        Begin("tagged inside");
        fault = Take(await ForeignVlanProbe.RunAsync(kernel, pair.First, pair.Second, OtherVlan, options, cancel).ConfigureAwait(false));
        if (fault is not null)
            return fault;
        Begin("MAC takeover");
        fault = await TakeOverAsync(cancel).ConfigureAwait(false);
        return fault is not null ? fault : reach;
    }

    private async Task<Fault?> TakeOverAsync(CancellationToken cancel) =>
        pair.Second.Says?.Mac is not { IsZero: false } victim
            ? null
            : Take(await MacTakeoverProbe.RunAsync(kernel, pair.First, victim, cancel).ConfigureAwait(false));

    private async Task<Fault?> BetweenVlansAsync(CancellationToken cancel)
    {
        Begin("other VLAN");
        if (await pair.MoveSecondAsync(OtherVlan, cancel).ConfigureAwait(false) is { } unmoved)
            return unmoved;
        Outcome<Reachability> measured = await ReachabilityProbe.RunAsync(kernel, pair.First, pair.Second, Echoes, options, cancel).ConfigureAwait(false);
        if (!measured.Try(out Reachability? reach, out Fault? fault))
            return fault;
        _results.Add(reach.Judge("other-vlan-reach", $"VLAN {Vlan} and VLAN {OtherVlan}", isExpected: false));
        fault = Take(await BroadcastProbe.RunAsync(kernel, pair.First, pair.Second, options, cancel).ConfigureAwait(false));
        if (fault is not null)
            return fault;
        Begin("foreign tag");
        return Take(await ForeignVlanProbe.RunAsync(kernel, pair.First, pair.Second, OtherVlan, options, cancel).ConfigureAwait(false));
    }

    private async Task<Outcome<bool>> MeetAgainAsync(CancellationToken cancel)
    {
        if (await pair.MoveFirstAsync(OtherVlan, cancel).ConfigureAwait(false) is { } unmoved)
            return unmoved;
        Outcome<Reachability> measured = await ReachabilityProbe.RunAsync(kernel, pair.First, pair.Second, 1, options, cancel).ConfigureAwait(false);
        return measured.Map(reach => reach.IsReached);
    }

    private void Begin(string stage) => progress?.Invoke(new IsolationProgress(stage, _stage++, Stages));

    private Fault? Take(Outcome<ProbeResult> measured)
    {
        if (measured.Try(out ProbeResult? result, out Fault? fault))
            _results.Add(result);
        return fault;
    }
}
