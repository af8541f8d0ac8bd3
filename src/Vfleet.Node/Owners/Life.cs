namespace Vfleet.Node.Owners;

/// <summary>Whether an owner lives, and how that is known.</summary>
/// <param name="State">The answer.</param>
/// <param name="Reason">Why not, or why it cannot be told; null for an owner that lives.</param>
public sealed record Life(LifeState State, string? Reason)
{
    /// <summary>It lives.</summary>
    public static Life Alive { get; } = new(LifeState.Alive, null);

    /// <summary>Where its network namespace is now, which may be another path than the recorded one; null for other owners.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>It lives, in a namespace that is at this path now.</summary>
    public static Life AliveAt(string namespacePath) => Alive with { NamespacePath = namespacePath };

    /// <summary>It is gone: what it had may be taken back.</summary>
    /// <param name="reason">A sentence without a full stop.</param>
    public static Life Dead(string reason) => new(LifeState.Dead, reason);

    /// <summary>It cannot be told, so nothing may be taken from it.</summary>
    /// <param name="reason">A sentence without a full stop.</param>
    public static Life Unknown(string reason) => new(LifeState.Unknown, reason);
}

/// <summary>Whether an owner lives.</summary>
public enum LifeState
{
    /// <summary>It lives.</summary>
    Alive,

    /// <summary>It is gone for good.</summary>
    Dead,

    /// <summary>Whoever could tell did not answer, or this process may not look.</summary>
    Unknown,
}
