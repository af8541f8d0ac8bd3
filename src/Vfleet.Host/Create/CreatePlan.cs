using Vfleet.Host.Inventory;
using Vfleet.Host.Usage;

namespace Vfleet.Host.Create;

/// <summary>What changing a PF's number of VFs would do.</summary>
public sealed record CreatePlan
{
    /// <summary>The PF.</summary>
    public required PhysicalFunction Pf { get; init; }

    /// <summary>VFs now.</summary>
    public required int From { get; init; }

    /// <summary>VFs wanted.</summary>
    public required int To { get; init; }

    /// <summary>Driver for the new VFs; null for none.</summary>
    public string? Driver { get; init; }

    /// <summary>Drivers of VFs that are not to have <see cref="Driver"/>, by index.</summary>
    public IReadOnlyList<DriverRange> Exceptions { get; init; } = [];

    /// <summary>VFs that exist and would be destroyed: all of them, because the kernel goes from N to M through 0.</summary>
    public IReadOnlyList<VirtualFunction> Destroys { get; init; } = [];

    /// <summary>Those of them that are in use, and by whom.</summary>
    public IReadOnlyList<VfInUse> InUse { get; init; } = [];

    /// <summary>The steps, as the commands they equal.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>What the caller should know although it works.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>VFs that exist already and wait for their driver, as after a creation that did not come to its end.</summary>
    public IReadOnlyList<VirtualFunction> Unbound { get; init; } = [];

    /// <summary>What refuses the change unless it is forced, in words for the record.</summary>
    public IReadOnlyList<string> Overrides => Pf.DefaultRoute == true && From != To
        ? [.. InUse.Select(used => used.ToString()), $"{Pf.Label} carries a default route"]
        : [.. InUse.Select(used => used.ToString())];

    /// <summary>
    /// What refuses this plan and did not refuse an earlier one of the same change: whoever forced that one never heard of it. Traffic is
    /// left out. It comes and goes between two looks, so that among many busy VFs no second try would find what the first one showed.
    /// </summary>
    public IReadOnlyList<string> UnseenBy(CreatePlan earlier)
    {
        IEnumerable<string> passing = InUse.Where(used => used.IsTrafficOnly).Select(used => used.ToString());
        return [.. Overrides.Except(passing).Except(earlier.Overrides)];
    }

    /// <summary>The driver of the VF with this index; null for none.</summary>
    public string? DriverOf(int index)
    {
        foreach (DriverRange range in Exceptions)
        {
            if (range.First <= index && index <= range.Last)
                return range.Driver;
        }
        return Driver;
    }

    /// <summary>Every driver that VFs are to have, with their number.</summary>
    internal IReadOnlyList<(string Driver, int Vfs)> Drivers =>
    [
        .. Enumerable.Range(0, To).Select(DriverOf).OfType<string>().GroupBy(driver => driver, StringComparer.Ordinal)
            .Select(same => (same.Key, same.Count())),
    ];

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => From == To && Unbound.Count == 0;
}

/// <summary>Progress of a change.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Done">VFs done in this stage.</param>
/// <param name="Total">VFs of this stage.</param>
public readonly record struct CreateProgress(string Stage, int Done, int Total);
