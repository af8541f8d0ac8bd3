using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Pci;

/// <summary>Everything the kernel tells about one function. What it does not tell is null.</summary>
/// <param name="Device">What the inventory has.</param>
public sealed record PciDetails(PciDevice Device)
{
    /// <summary>Revision id.</summary>
    public byte? Revision { get; init; }

    /// <summary>The only driver that may bind; null when none is prescribed.</summary>
    public string? DriverOverride { get; init; }

    /// <summary>MSI-X vectors, 1 to 2048; null without MSI-X, or where the capability may not be read.</summary>
    public int? MsixVectors { get; init; }

    /// <summary>Address ranges, unused ones left out; null where the file cannot be read.</summary>
    public IReadOnlyList<PciResource>? Resources { get; init; }

    /// <summary>The link; null for a function without one.</summary>
    public PciLink? Link { get; init; }

    /// <summary>Power state as the kernel names it: <c>D0</c> to <c>D3cold</c>.</summary>
    public string? PowerState { get; init; }

    /// <summary>Errors that were corrected.</summary>
    public PciErrorCounters? CorrectableErrors { get; init; }

    /// <summary>Errors that lost a transfer.</summary>
    public PciErrorCounters? NonFatalErrors { get; init; }

    /// <summary>Errors that lost the link.</summary>
    public PciErrorCounters? FatalErrors { get; init; }

    /// <summary>
    /// Ways to reset the function, the preferred one first (<c>flr</c>, <c>pm</c>, <c>bus</c> …); null where the kernel does not
    /// tell, empty when there is none.
    /// </summary>
    public IReadOnlyList<string>? ResetMethods { get; init; }

    /// <summary>VFs of a PF by index, from the links; empty for other functions; null when they changed during the reading.</summary>
    public IReadOnlyList<PciAddress>? VirtualFunctions { get; init; }

    /// <summary>Configuration space as far as it may be read; null where it cannot be.</summary>
    public ConfigSpace? Config { get; init; }

    /// <summary>Why <see cref="Config"/> is null.</summary>
    public Fault? ConfigFault { get; init; }
}
