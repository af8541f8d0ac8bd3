using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Inventory;

/// <summary>One VF. What the kernel does not tell is null, never a made-up value.</summary>
public sealed record VirtualFunction
{
    /// <summary>The PF it belongs to.</summary>
    public required PhysicalFunction Pf { get; init; }

    /// <summary>Index, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>PCI address; null for a VF of netdevsim.</summary>
    public PciAddress? Address { get; init; }

    /// <summary>Driver bound.</summary>
    public string? Driver { get; init; }

    /// <summary>Its network interface, in whatever namespace was searched.</summary>
    public LinkInfo? Link { get; init; }

    /// <summary>Path of the namespace the interface is in; null for this process's own.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>True when its driver makes an interface, but none was found in this namespace.</summary>
    public bool IsInterfaceElsewhere { get; init; }

    /// <summary>IOMMU group.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>NUMA node.</summary>
    public int? NumaNode { get; init; }

    /// <summary>Settings as the PF's driver reports them.</summary>
    public VfInfo? Settings { get; init; }

    /// <summary>The VFIO group's node while a driver of VFIO is bound.</summary>
    public string? VfioDevice => KnownDrivers.IsVfio(Driver) && IommuGroup is { } group ? $"/dev/vfio/{group}" : null;

    /// <summary>True where a MAC was set through the PF that the interface takes only when its driver is bound anew.</summary>
    public bool IsMacPending => DriverLimits.TakesMacOnlyAtProbe(Pf.Driver)
        && Settings?.Mac is { IsZero: false } wanted && Link?.Mac is { } own && own != wanted;

    /// <summary>How people call it: the PCI address, else PF/index.</summary>
    public string Label => Address?.ToString() ?? $"{Pf.Label}/{Index}";
}

/// <summary>Drivers whose names mean something here.</summary>
public static class KnownDrivers
{
    /// <summary>Drivers that give a device to a program: no network interface appears.</summary>
    public static bool IsUserSpace(string? driver) => PciDrivers.IsUserSpace(driver);

    /// <summary>VFIO's own driver, and vendors' upon it (mlx5_vfio_pci), which serve the same device node.</summary>
    public static bool IsVfio(string? driver) => PciDrivers.IsUserSpace(driver) && driver!.Contains("vfio", StringComparison.Ordinal);
}
