namespace Vfleet.Node;

/// <summary>How this machine's node behaves.</summary>
public sealed record NodeOptions
{
    /// <summary>How often a choice is made anew because somebody else took a VF meanwhile.</summary>
    public int AllocationAttempts { get; init; } = 32;
}
