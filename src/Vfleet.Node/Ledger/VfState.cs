namespace Vfleet.Node.Ledger;

/// <summary>Where a VF is on its way from its pool to an owner and back.</summary>
public enum VfState
{
    /// <summary>In its pool, clean.</summary>
    Free,

    /// <summary>Held for an owner; nothing was changed in the kernel yet.</summary>
    Reserved,

    /// <summary>Being configured and moved.</summary>
    Attaching,

    /// <summary>With its owner.</summary>
    Attached,

    /// <summary>Being taken back.</summary>
    Releasing,

    /// <summary>Back, being cleaned.</summary>
    Scrubbing,

    /// <summary>Failed a check; not handed out until somebody releases it by hand.</summary>
    Quarantined,

    /// <summary>Gone from the kernel while the ledger had it.</summary>
    Lost,
}

/// <summary>The only place that says which state may follow which.</summary>
public static class VfTransitions
{
    private static readonly Dictionary<VfState, VfState[]> Next = new()
    {
        [VfState.Free] = [VfState.Reserved, VfState.Attached, VfState.Scrubbing, VfState.Quarantined, VfState.Lost],
        [VfState.Reserved] = [VfState.Attaching, VfState.Releasing, VfState.Free, VfState.Quarantined, VfState.Lost],
        [VfState.Attaching] = [VfState.Attached, VfState.Releasing, VfState.Quarantined, VfState.Lost],
        [VfState.Attached] = [VfState.Attaching, VfState.Releasing, VfState.Quarantined, VfState.Lost],
        [VfState.Releasing] = [VfState.Scrubbing, VfState.Quarantined, VfState.Lost],
        [VfState.Scrubbing] = [VfState.Free, VfState.Quarantined, VfState.Lost],
        [VfState.Quarantined] = [VfState.Releasing, VfState.Scrubbing, VfState.Lost],
        [VfState.Lost] = [VfState.Free, VfState.Scrubbing, VfState.Quarantined],
    };

    /// <summary>True where <paramref name="to"/> may follow <paramref name="from"/>.</summary>
    public static bool IsAllowed(VfState from, VfState to) => Next[from].Contains(to);

    /// <summary>True for states that end by themselves: somebody works on the VF, or has to finish what another left.</summary>
    public static bool IsWork(VfState state) => state is VfState.Reserved or VfState.Attaching or VfState.Releasing or VfState.Scrubbing;

    /// <summary>True for states in which a VF has an owner, or is on its way to or from one.</summary>
    public static bool IsOwned(VfState state) => state is VfState.Reserved or VfState.Attaching or VfState.Attached or VfState.Releasing;
}
