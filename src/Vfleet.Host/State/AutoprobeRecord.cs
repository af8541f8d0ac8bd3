namespace Vfleet.Host.State;

/// <summary>A PF whose probing of new VFs was on before a change switched it off. Written before that, removed after it is on again.</summary>
internal sealed record AutoprobeRecord
{
    /// <summary>The PF.</summary>
    public required string Pf { get; init; }

    /// <summary>The boot it happened on.</summary>
    public string? BootId { get; init; }
}
