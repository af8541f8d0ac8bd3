namespace Vfleet.Node.Pools;

/// <summary>What belongs to a pool and how it is handed out, whatever document said so: a policy, a device plugin's configuration, or nobody.</summary>
public sealed record PoolDefinition
{
    /// <summary>The resource name, without prefix: 1 to 63 of <c>a-z A-Z 0-9 _ -</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it was said: <c>policy NAME</c>, <c>FILE resourceList[0]</c>, or <c>implicit</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>A VF belongs to the first pool, in the order of definitions, that has a selector it matches.</summary>
    public required IReadOnlyList<VfSelector> Selectors { get; init; }

    /// <summary>Driver its VFs are kept on: <c>vfio-pci</c>, another driver's name, or null for the native one.</summary>
    public string? Driver { get; init; }

    /// <summary>How VFs are chosen, cleaned and kept ready.</summary>
    public PoolRules Rules { get; init; } = new();
}

/// <summary>Which VFs are meant. Every list that is not empty must hold the VF's value; an empty one asks for nothing.</summary>
public sealed record VfSelector
{
    /// <summary>Vendor ids, four hexadecimal digits.</summary>
    public IReadOnlyList<string> Vendors { get; init; } = [];

    /// <summary>The VFs' device ids, four hexadecimal digits.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The PFs' device ids, four hexadecimal digits; policies name these, device plugins the VFs'.</summary>
    public IReadOnlyList<string> PfDevices { get; init; } = [];

    /// <summary>Drivers bound to the VF.</summary>
    public IReadOnlyList<string> Drivers { get; init; } = [];

    /// <summary>The VFs' PCI addresses.</summary>
    public IReadOnlyList<string> PciAddresses { get; init; } = [];

    /// <summary>PFs by interface name or alternative name, with or without a range of indexes.</summary>
    public IReadOnlyList<PfPart> PfNames { get; init; } = [];

    /// <summary>PFs by PCI address, with or without a range of indexes.</summary>
    public IReadOnlyList<PfPart> RootDevices { get; init; } = [];

    /// <summary>Link types: <c>ether</c> or <c>infiniband</c>.</summary>
    public IReadOnlyList<string> LinkTypes { get; init; } = [];

    /// <summary>Selectors that were read but cannot be answered on this machine yet (ddpProfiles, pKeys, vdpaType …), as NAME=VALUE; such a selector matches nothing.</summary>
    public IReadOnlyList<string> Unanswerable { get; init; } = [];
}

/// <summary>A PF, or some of its VFs: <c>eth0#0,2-7</c>.</summary>
/// <param name="Pf">Name or PCI address.</param>
/// <param name="Ranges">Inclusive ranges of VF indexes; empty for all.</param>
public sealed record PfPart(string Pf, IReadOnlyList<IndexRange> Ranges)
{
    /// <summary>True where the VF with this index is meant.</summary>
    public bool Includes(int index) => Ranges.Count == 0 || Ranges.Any(range => range.First <= index && index <= range.Last);

    /// <inheritdoc/>
    public override string ToString() => Ranges.Count == 0 ? Pf : $"{Pf}#{string.Join(',', Ranges)}";
}

/// <summary>VF indexes from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
/// <param name="First">Smallest index, 0 or more.</param>
/// <param name="Last">Largest index, not below <paramref name="First"/>.</param>
public readonly record struct IndexRange(int First, int Last)
{
    /// <inheritdoc/>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}
