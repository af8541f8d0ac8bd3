using Vfleet.Host.Inventory;

namespace Vfleet.Cli.Up;

/// <summary>Hardware that could have VFs, and why the scene does not stand on it.</summary>
/// <param name="Name">The PF or device.</param>
/// <param name="Why">In words.</param>
/// <param name="Remedy">What to do about it; null where nothing can be done.</param>
internal sealed record UnfitPf(string Name, string Why, string? Remedy)
{
    public override string ToString() => $"{Name}: {Why}" + (Remedy is null ? "" : $"; {Remedy}");
}

/// <summary>Where the scene stands, or would stand.</summary>
/// <param name="Pf">The PF; null where none is fit.</param>
/// <param name="Unfit">The others, where none is fit.</param>
internal sealed record UpPlace(PhysicalFunction? Pf, IReadOnlyList<UnfitPf> Unfit)
{
    /// <summary>Unused VFs of the PF that are made anew, because the kernel goes from N to M VFs through 0.</summary>
    public IReadOnlyList<VirtualFunction> Destroys { get; init; } = [];

    /// <summary>True where it takes no more than what was agreed to.</summary>
    public bool IsWithin(UpPlace agreed) => Pf?.DeviceName == agreed.Pf?.DeviceName
        && Destroys.All(vf => agreed.Destroys.Any(other => other.Label == vf.Label));
}
