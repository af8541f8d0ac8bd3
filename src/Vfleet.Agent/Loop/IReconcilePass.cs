namespace Vfleet.Agent.Loop;

/// <summary>One pass over the machine: what is, is compared with what should be, and put right.</summary>
public interface IReconcilePass
{
    /// <summary>Makes a pass.</summary>
    Task<Outcome<PassSummary>> PassAsync(CancellationToken cancel);
}

/// <summary>What a pass did.</summary>
/// <param name="Changes">Rows of history that came with it: what it made and what it found.</param>
/// <param name="Notes">What people should know of: owners that cannot be told to live, VFs that failed a check or are left under
/// maintenance.</param>
public sealed record PassSummary(long Changes, IReadOnlyList<string> Notes)
{
    /// <summary>VFs that were not as they have to be.</summary>
    public int Drifts { get; init; }
}

/// <summary>A pass that was made.</summary>
/// <param name="At">When it began.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Cause">Why it was made.</param>
/// <param name="Changes">Changes it made or found; 0 where it failed.</param>
/// <param name="Fault">Why it failed; null where it did not.</param>
public sealed record PassRecord(DateTimeOffset At, TimeSpan Took, string Cause, long Changes, Fault? Fault)
{
    /// <summary>What people should know of.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
