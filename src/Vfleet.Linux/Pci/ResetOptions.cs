namespace Vfleet.Linux.Pci;

/// <summary>How a function was reset.</summary>
public enum ResetWay
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By opening it through VFIO: runs beside others.</summary>
    Vfio,

    /// <summary>By writing 1 to its <c>reset</c> file: the kernel lets one at a time below a bridge.</summary>
    Sysfs,
}

/// <summary>How to reset many functions.</summary>
public sealed record ResetOptions
{
    /// <summary>How many at a time, 1 or more.</summary>
    public int Parallelism { get; init; } = 32;

    /// <summary>The longest wait for all of them; a function-level reset takes 100 ms, and through sysfs they queue.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Resets functions that another process holds through VFIO, too.</summary>
    public bool EvenInUse { get; init; }

    /// <summary>Told of each result as it comes, from any thread.</summary>
    public Action<ResetResult>? Progress { get; init; }
}

/// <summary>What came of one reset.</summary>
/// <param name="Address">The function.</param>
/// <param name="Way">How it was done, or tried last.</param>
/// <param name="Outcome">What came of it.</param>
public sealed record ResetResult(PciAddress Address, ResetWay Way, Outcome<Unit> Outcome)
{
    /// <summary>Why the faster way through VFIO could not be taken, for a function that is bound to vfio-pci; else null.</summary>
    public Fault? Detour { get; init; }
}
