using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Reconcile;

namespace Vfleet.Node.Verify;

/// <summary>An invariant that does not hold on this machine.</summary>
/// <param name="Invariant">Its number in the architecture: <c>I1</c> to <c>I8</c>.</param>
/// <param name="Target">The VF, PF or allocation.</param>
/// <param name="Problem">What is wrong, in words.</param>
public sealed record Violation(string Invariant, string Target, string Problem);

/// <summary>What was verified, and what does not hold.</summary>
/// <param name="Vfs">VFs looked at.</param>
/// <param name="Allocations">Open allocations looked at.</param>
/// <param name="Rows">Rows of history looked at.</param>
/// <param name="Violations">Empty where every invariant holds.</param>
/// <param name="Unclear">Allocations of whose owner it cannot be told whether it lives, with what stands in the way.</param>
public sealed record NodeVerdict(
    int Vfs, int Allocations, long Rows, IReadOnlyList<Violation> Violations, IReadOnlyList<string> Unclear);

/// <summary>Checks every invariant that can be checked on one machine, and repairs nothing.</summary>
/// <param name="node">The node.</param>
public sealed class NodeVerifier(LocalNode node)
{
    /// <summary>Reads machine, ledger and history, and compares.</summary>
    public async Task<Outcome<NodeVerdict>> VerifyAsync(CancellationToken cancel = default)
    {
        Outcome<NodeReading> read = await node.Census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out Fault? fault) || !VerifyHistory().Try(out LedgerVerdict? history, out fault))
            return fault;
        List<Violation> found = [.. history.Problems.Select(problem => new Violation("I8", "ledger", problem))];
        found.AddRange(Owners(reading));
        foreach (VirtualFunction vf in reading.Machine.Vfs)
        {
            if (reading.Vfs.GetValueOrDefault(vf.Label) is { } row)
                found.AddRange(await VfAsync(vf, row, reading, cancel).ConfigureAwait(false));
        }
        found.AddRange(Guarantees(reading));
        List<string> unclear = [];
        foreach (LedgerAllocation allocation in reading.Allocations)
        {
            Life life = await node.Life.AskAsync(allocation.Owner, allocation.FrontDoor, cancel).ConfigureAwait(false);
            if (life.State == LifeState.Dead)
                found.Add(new Violation("I2", allocation.Id, $"{allocation.Owner.Name} has VFs and is gone: {life.Reason}"));
            else if (life.State == LifeState.Unknown)
                unclear.Add($"{allocation.Id} of {allocation.Owner.Name}: {life.Reason}");
        }
        return new NodeVerdict(reading.Machine.Vfs.Count, reading.Allocations.Count, history.Rows, found, unclear);
    }

    private Outcome<LedgerVerdict> VerifyHistory()
    {
        LedgerOptions options = new() { StateDirectory = node.Host.Options.StateDirectory, Time = node.Host.Options.Time };
        if (!new LedgerAnchors(options).Read().Try(out IReadOnlyList<LedgerAnchor>? anchors, out Fault? fault)
            || !CheckpointSigner.Open(options).Try(out CheckpointSigner? signer, out fault))
            return fault;
        return LedgerVerifier.Verify(node.Ledger, anchors, signer);
    }

    private IEnumerable<Violation> Owners(NodeReading reading)
    {
        foreach (LedgerAllocation allocation in reading.Allocations)
        {
            foreach (AllocatedVf vf in allocation.Vfs)
            {
                if (reading.Vfs.GetValueOrDefault(vf.Vf)?.Allocation is { } other && other != allocation.Id
                    && !HasLeft(vf.Vf, allocation.Id))
                    yield return new Violation("I1", vf.Vf, $"it belongs to {allocation.Id} of {allocation.Owner.Name} and to {other}");
            }
        }
        HashSet<(string?, string)> held = [.. reading.Held().Select(each => ((string?)each.Allocation.Id, each.Vf.Vf))];
        foreach (LedgerVf row in reading.Vfs.Values.Where(row => VfTransitions.IsOwned(row.State)))
        {
            if (!held.Contains((row.Allocation, row.Vf)))
                yield return new Violation("I1", row.Vf, $"it is {row.State} and belongs to no open allocation");
        }
    }

    /// <summary>
    /// True where the last word of history is that the allocation has the VF no more; also where history does not go back so far.
    /// </summary>
    private bool HasLeft(string vf, string allocation) => node.Ledger.Read(view => view.History(vf: vf)).Or(null)?
        .LastOrDefault(row => row.Allocation == allocation)?.To is not { } to || !VfTransitions.IsOwned(to);

    private async Task<IReadOnlyList<Violation>> VfAsync(VirtualFunction vf, LedgerVf row, NodeReading reading, CancellationToken cancel)
    {
        if (row is { IsAvailable: true, Clean: { } clean })
        {
            IEnumerable<string> unready =
                row.IsReady ? node.Host.Warmer.Differences(vf).Select(each => $"it is kept ready, and {each}") : [];
            return [.. CleanState.Differences(vf, clean).Concat(unready)
                .Select(each => new Violation(each.StartsWith("VLAN", StringComparison.Ordinal) ? "I4" : "I2", vf.Label, each))];
        }
        if (row is not { State: VfState.Attached, Held: not null })
            return [];
        LedgerAllocation? allocation = reading.Allocations.FirstOrDefault(each => each.Id == row.Allocation);
        if (await Reconciler.HeldAsync(node, row, allocation, cancel).ConfigureAwait(false) is not { } held)
            return [];
        return [.. held.Differences(node.Host.Kernel, vf).Select(each => new Violation("I5", vf.Label, $"{allocation?.Owner.Name} got it otherwise: {each}"))];
    }

    private static IEnumerable<Violation> Guarantees(NodeReading reading)
    {
        foreach (PhysicalFunction pf in reading.Machine.Pfs)
        {
            long sum = reading.Held().Where(each => each.Vf.Pf == pf.DeviceName).Sum(each => each.Vf.GuaranteedMbps);
            if (pf.LinkSpeedMbps is { } speed && sum > speed)
                yield return new Violation("I6", pf.Label, $"{sum} Mbit/s are guaranteed, and its speed is {speed}");
        }
    }
}
