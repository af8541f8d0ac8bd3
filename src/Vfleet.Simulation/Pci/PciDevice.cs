namespace Vfleet.Simulation.Pci;

/// <summary>A PCI function: a PF, a VF, or a bridge above them.</summary>
internal sealed class PciDevice(PciAddress address, PciIdentity identity) : SimulatedDevice
{
    /// <summary>The most vectors MSI-X has, so that no two functions share a number.</summary>
    private const int MostVectors = 2048, FirstInterrupt = 32;

    public PciAddress Address => address;

    public PciIdentity Identity => identity;

    public override string Name { get; } = address.ToString();

    public override string Bus => "pci";

    public override string SysPath => Bridge is null ? $"/sys/devices/pci{address.Domain:x4}:00/{Name}" : $"{Bridge.SysPath}/{Name}";

    /// <summary>The port above; null on the root bus.</summary>
    public PciDevice? Bridge { get; init; }

    /// <summary>The PF of a VF.</summary>
    public PciDevice? PhysicalFunction { get; init; }

    /// <summary>Index of a VF on its PF; -1 elsewhere.</summary>
    public int VfIndex { get; init; } = -1;

    public int NumaNode { get; init; } = -1;

    public int? IommuGroup { get; init; }

    /// <summary>PCIe generation (1 is 2.5 GT/s) and lanes, possible and negotiated.</summary>
    public PcieLink Link { get; init; } = new(2, 4, 2, 4);

    public string? DriverOverride { get; set; }

    /// <summary>Reset methods in the order the kernel tries them; a user may shorten them.</summary>
    public IReadOnlyList<string> ResetMethods { get; set; } = [];

    /// <summary>What <see cref="ResetMethods"/> was at first.</summary>
    public required IReadOnlyList<string> SupportedResetMethods { get; init; }

    /// <summary>MSI-X vectors the function has.</summary>
    public int MsixVectors { get; set; }

    /// <summary>The vectors a bound driver allocated, as interrupt numbers that follow from the address.</summary>
    public IEnumerable<int> Interrupts =>
        Driver is null ? [] : Enumerable.Range(FirstInterrupt + (address.RoutingId * MostVectors), MsixVectors);

    /// <summary>The CPUs of interrupts that were sent to some; the driver's leaving forgets them.</summary>
    public Dictionary<int, CpuList> Affinities { get; } = [];

    /// <summary>How often the function was reset, by sysfs and VFIO.</summary>
    public int Resets { get; set; }

    /// <summary>How often a native VF driver was asked to take the function.</summary>
    public int NativeProbes { get; set; }

    public bool IsVirtual => PhysicalFunction is not null;

    /// <summary>A device may be probed unless its PF switched that off and nobody asked for a driver by name.</summary>
    public bool MayProbe => PhysicalFunction?.Sriov is not { AutoProbe: false } || DriverOverride is not null;
}

/// <summary>Speed of a PCIe link: generation 1 is 2.5 GT/s, 2 is 5, 3 is 8, 4 is 16, 5 is 32.</summary>
internal sealed record PcieLink(int Generation, int Width, int MaximumGeneration, int MaximumWidth);
