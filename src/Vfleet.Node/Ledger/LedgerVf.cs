using Vfleet.Host.State;
using Vfleet.Host.Tuning;
using Vfleet.Node.Health;

namespace Vfleet.Node.Ledger;

/// <summary>What the ledger knows of one VF.</summary>
public sealed record LedgerVf
{
    /// <summary>The VF as it is called: PCI address, or device/index.</summary>
    public required string Vf { get; init; }

    /// <summary>Device name of its PF.</summary>
    public required string Pf { get; init; }

    /// <summary>Index on its PF.</summary>
    public required int Index { get; init; }

    /// <summary>The pool that took it.</summary>
    public required string Pool { get; init; }

    /// <summary>Where it is on its way.</summary>
    public VfState State { get; init; } = VfState.Free;

    /// <summary>The allocation it belongs to; null while it has no owner.</summary>
    public string? Allocation { get; init; }

    /// <summary>Since when it is in this state.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is quarantined or lost.</summary>
    public string? Evidence { get; init; }

    /// <summary>Who uses it without the ledger's knowledge, in words; null for nobody.</summary>
    public string? Stranger { get; init; }

    /// <summary>
    /// It was made ready, or somebody was about to: its interface may be up and quiet, until the next scrub. A free VF with it is ready.
    /// </summary>
    public bool IsWarm { get; init; }

    /// <summary>True for a VF that is kept ready: free, clean, bound, up.</summary>
    public bool IsReady => IsWarm && IsAvailable;

    /// <summary>The process that works on it; null while nobody does, also where somebody gave up half way.</summary>
    public Owner? Worker { get; init; }

    /// <summary>The clean state it goes back to, recorded when its pool took it.</summary>
    public Baseline? Clean { get; init; }

    /// <summary>The state its owner got it in, to which drift is put back; null while it has no owner.</summary>
    public Baseline? Held { get; init; }

    /// <summary>Where it was handed and what it was before; null while nothing was changed in the kernel.</summary>
    public AttachmentRecord? Record { get; init; }

    /// <summary>What was tuned for its owner, as it was before; null where nothing was.</summary>
    public TuningBaseline? Tuning { get; init; }

    /// <summary>How it fares, as far as somebody watches.</summary>
    public HealthLevel Health { get; init; }

    /// <summary>Why it is degraded or has failed.</summary>
    public string? HealthEvidence { get; init; }

    /// <summary>When somebody last saw it so; exact to the time in which a function recovers. Null for a healthy one.</summary>
    public DateTimeOffset? HealthAt { get; init; }

    /// <summary>True where it may be handed out.</summary>
    public bool IsAvailable => State == VfState.Free && Stranger is null;
}
