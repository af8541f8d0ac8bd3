namespace Vfleet.Node.Ledger;

/// <summary>One hand-out: VFs of one pool, for one owner, from the request to the release.</summary>
public sealed record LedgerAllocation
{
    /// <summary>Its name in this ledger, such as <c>a17</c>; never used twice.</summary>
    public required string Id { get; init; }

    /// <summary>The pool.</summary>
    public required string Pool { get; init; }

    /// <summary>Whom it is for.</summary>
    public required Owner Owner { get; init; }

    /// <summary>The tenant; null where nobody said.</summary>
    public string? Tenant { get; init; }

    /// <summary>The front door it came through: <c>cli</c>, <c>cni</c>, <c>docker</c> …</summary>
    public required string FrontDoor { get; init; }

    /// <summary>Key of the request; the same key gets the same allocation.</summary>
    public string? RequestKey { get; init; }

    /// <summary>Its VFs, in the order given.</summary>
    public required IReadOnlyList<AllocatedVf> Vfs { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When its owner could use it.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When its owner stopped to have it.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Reason { get; init; }
}

/// <summary>A VF of an allocation.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Pf">Device name of its PF.</param>
/// <param name="GuaranteedMbps">What was guaranteed to it, Mbit/s.</param>
public sealed record AllocatedVf(string Vf, string Pf, uint GuaranteedMbps);

/// <summary>Who changes the ledger.</summary>
/// <param name="FrontDoor">The front door: <c>cli</c>, <c>cni</c>, <c>docker</c>, <c>agent</c> …</param>
/// <param name="User">The user, as far as it is known.</param>
/// <param name="Process">The process, so that what it leaves undone can be found.</param>
public sealed record Actor(string FrontDoor, string? User, Owner? Process);
