namespace Vfleet.Host.Preflight;

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and should be known.</summary>
    Warning,

    /// <summary>VFs cannot be created, or cannot be used with their native driver or through VFIO.</summary>
    Blocked,
}

/// <summary>What one check found.</summary>
/// <param name="Subject"><c>machine</c>, or the PF or VF as people call it.</param>
/// <param name="Check">Stable name of the check, such as <c>iommu-group</c>.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Summary">What is so, in one sentence without a full stop.</param>
public sealed record PreflightFinding(string Subject, string Check, FindingLevel Level, string Summary)
{
    /// <summary>The subject of findings about the machine as a whole.</summary>
    public const string Machine = "machine";

    /// <summary>Why it is so, as far as it is known; never a guess.</summary>
    public string? Cause { get; init; }

    /// <summary>What the reader can do.</summary>
    public string? Remedy { get; init; }

    internal static PreflightFinding Ok(string subject, string check, string summary) => new(subject, check, FindingLevel.Ok, summary);

    internal static PreflightFinding Warning(string subject, string check, string summary, string? cause, string? remedy) =>
        new(subject, check, FindingLevel.Warning, summary) { Cause = cause, Remedy = remedy };

    internal static PreflightFinding Blocked(string subject, string check, string summary, string? cause, string? remedy) =>
        new(subject, check, FindingLevel.Blocked, summary) { Cause = cause, Remedy = remedy };
}
