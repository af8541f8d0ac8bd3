using Vfleet.Node.Ledger;

namespace Vfleet.Node.Pools;

/// <summary>What is known of a VF beside the inventory: the ledger's word, and what others found out about it.</summary>
/// <param name="Vf">The VF, as <see cref="Host.Inventory.VirtualFunction.Label"/> calls it.</param>
/// <param name="State">Its state in the ledger.</param>
public sealed record VfStanding(string Vf, VfState State)
{
    /// <summary>
    /// The pool the ledger has it in; counts only for a VF that is not on the machine, whose pool cannot be worked out any more.
    /// </summary>
    public string? Pool { get; init; }

    /// <summary>
    /// How it shows that somebody uses it whom the ledger does not know, such as <c>eth0v3: carries an address</c>; null where nobody
    /// does.
    /// </summary>
    public string? Stranger { get; init; }

    /// <summary>Kept bound, up and scrubbed.</summary>
    public bool IsWarm { get; init; }

    /// <summary>Works, but not well: taken only where no other VF does.</summary>
    public bool IsDegraded { get; init; }

    /// <summary>Why it is not to be handed out, such as <c>no carrier for 30 s</c>; null where nothing is wrong.</summary>
    public string? Unhealthy { get; init; }

    /// <summary>Rate in Mbit/s its owner was promised; 0 for none.</summary>
    public uint GuaranteedMbps { get; init; }

    /// <summary>Who has it, with front door and allocation; null for nobody the ledger knows.</summary>
    public string? Owner { get; init; }

    /// <summary>How the VF is held; the ledger's word goes before what others found out.</summary>
    public VfHolding Holding => State switch
    {
        VfState.Reserved or VfState.Attaching => VfHolding.Reserved,
        VfState.Attached => VfHolding.Attached,
        VfState.Releasing or VfState.Scrubbing => VfHolding.Releasing,
        VfState.Quarantined => VfHolding.Quarantined,
        VfState.Lost => VfHolding.Lost,
        _ when Stranger is not null => VfHolding.Stranger,
        _ when Unhealthy is not null => VfHolding.Unhealthy,
        _ => VfHolding.Free,
    };
}

/// <summary>Whether a VF can be had, and if not why, as people are told.</summary>
public enum VfHolding
{
    /// <summary>It can be handed out.</summary>
    Free,

    /// <summary>On its way to an owner.</summary>
    Reserved,

    /// <summary>With its owner.</summary>
    Attached,

    /// <summary>Being taken back or cleaned.</summary>
    Releasing,

    /// <summary>Failed a check.</summary>
    Quarantined,

    /// <summary>Gone from the kernel.</summary>
    Lost,

    /// <summary>Used by somebody the ledger does not know.</summary>
    Stranger,

    /// <summary>Free, and not well enough to be handed out.</summary>
    Unhealthy,
}
