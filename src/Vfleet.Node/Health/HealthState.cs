using System.Collections.Immutable;

namespace Vfleet.Node.Health;

/// <summary>
/// What the judge keeps of one function between two readings. Whoever unbinds a function on purpose, or makes its VFs anew, begins with
/// <see cref="Begin"/> again.
/// </summary>
public sealed record HealthState
{
    private HealthState()
    {
    }

    /// <summary>Nothing is known yet.</summary>
    public static HealthState Begin { get; } = new();

    /// <summary>The last judgement.</summary>
    public HealthLevel Level { get; internal init; }

    /// <summary>When the function was last seen as bad as <see cref="Level"/>.</summary>
    internal DateTimeOffset LastBad { get; init; }

    /// <summary>The driver that was bound at last; null where none ever was.</summary>
    internal string? Driver { get; init; }

    /// <summary>The interface at the last reading that had one: another one begins its counters again.</summary>
    internal int? InterfaceIndex { get; init; }

    /// <summary>Since when a carrier is missing that ought to be there.</summary>
    internal DateTimeOffset? WithoutCarrierSince { get; init; }

    /// <summary>The last value of each counter.</summary>
    internal ImmutableDictionary<string, ulong> Counters { get; init; } = ImmutableDictionary<string, ulong>.Empty;

    /// <summary>What happened within the window.</summary>
    internal ImmutableList<HealthEvent> Events { get; init; } = [];
}

/// <summary>Something that happened between two readings.</summary>
/// <param name="At">The time of the second one.</param>
/// <param name="Kind">What.</param>
/// <param name="Count">How often.</param>
/// <param name="Name">The counter, where the kind has several.</param>
internal sealed record HealthEvent(DateTimeOffset At, HealthEventKind Kind, ulong Count, string Name = "");

/// <summary>What is counted.</summary>
internal enum HealthEventKind
{
    CarrierLoss,
    CorrectableError,
    NonFatalError,
    FatalError,
    SpoofedPacket,
    ReporterError,
    Backwards,
}
