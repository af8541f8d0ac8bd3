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

/// <summary>States by their names, without the runtime's tables of an enumeration, which take a short-lived program a while to set up.</summary>
public static class VfStateNames
{
    private static readonly string[] Names =
    [
        nameof(VfState.Free), nameof(VfState.Reserved), nameof(VfState.Attaching), nameof(VfState.Attached), nameof(VfState.Releasing),
        nameof(VfState.Scrubbing), nameof(VfState.Quarantined), nameof(VfState.Lost),
    ];

    /// <summary>The state's name, as the ledger keeps it.</summary>
    public static string Name(this VfState state) => Names[(int)state];

    /// <summary>The state of that name.</summary>
    /// <exception cref="FormatException">There is none: the ledger is damaged, or a newer program wrote it.</exception>
    public static VfState Parse(string name) =>
        Array.IndexOf(Names, name) is >= 0 and int place ? (VfState)place : throw new FormatException($"{name} is no state of a VF");
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
