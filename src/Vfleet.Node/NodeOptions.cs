namespace Vfleet.Node;

/// <summary>How this machine's node behaves.</summary>
public sealed record NodeOptions
{
    /// <summary>How often a choice is made anew because somebody else took a VF meanwhile.</summary>
    public int AllocationAttempts { get; init; } = 32;

    /// <summary>
    /// How long an attach waits for a VF that somebody is about to give back: one that is being taken back, cleaned, made ready or changed by hand. Each of
    /// these takes a second or so.
    /// </summary>
    public TimeSpan ReturnPatience { get; init; } = TimeSpan.FromSeconds(10);
}
