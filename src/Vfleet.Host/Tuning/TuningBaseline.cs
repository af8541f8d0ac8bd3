namespace Vfleet.Host.Tuning;

/// <summary>What a VF was before it was tuned, of that alone which was to be changed.</summary>
public sealed record TuningBaseline
{
    /// <summary>Version of this format.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The VF as it is called: PCI address, or device/index.</summary>
    public required string Vf { get; init; }

    /// <summary>Settings of its interface.</summary>
    public InterfaceTuning Interface { get; init; } = new();

    /// <summary>Its interrupts that were in use, in the order of their numbers.</summary>
    public IReadOnlyList<InterruptBaseline> Interrupts { get; init; } = [];
}

/// <summary>Where an interrupt went.</summary>
/// <param name="Number">Its number; another one once the driver allocates its vectors anew.</param>
/// <param name="Cpus">The CPUs, such as <c>0-3,8</c>.</param>
public sealed record InterruptBaseline(int Number, string Cpus);

/// <summary>A value that is not as it should be.</summary>
/// <param name="Setting">ethtool's word for it, such as <c>rx-usecs</c>, or <c>irq 66</c>.</param>
/// <param name="Wanted">What it should be.</param>
/// <param name="Found">What it is; null where the driver does not tell any more.</param>
public sealed record TuningDifference(string Setting, string Wanted, string? Found)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Setting} is {Found ?? "unknown"}, not {Wanted}";
}
