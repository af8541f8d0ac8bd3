using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Pci;

/// <summary>SR-IOV of one PF: limits, and what is enabled now.</summary>
internal sealed class SriovState
{
    /// <summary>TotalVFs of the capability.</summary>
    public required int HardwareTotal { get; init; }

    /// <summary>What the driver allows (sriov_totalvfs).</summary>
    public required int Total { get; init; }

    public int Offset { get; init; }

    public int Stride { get; init; }

    public ushort VfDevice { get; init; }

    /// <summary>sriov_drivers_autoprobe.</summary>
    public bool AutoProbe { get; set; } = true;

    /// <summary>sriov_numvfs; set when all VFs are there.</summary>
    public int Enabled { get; set; }

    /// <summary>VFs by index, while being created too; empty where VFs are no PCI functions.</summary>
    public List<PciDevice> Functions { get; } = [];

    /// <summary>What the PF's driver keeps for each VF.</summary>
    public VfSettings[] Settings { get; set; } = [];

    /// <summary>True in eswitch mode switchdev.</summary>
    public bool Switchdev { get; set; }

    /// <summary>MSI-X vectors a VF has at first.</summary>
    public int VfMsix { get; init; }

    /// <summary>MSI-X vectors that VFs can share (sriov_vf_total_msix).</summary>
    public int VfTotalMsix { get; init; }
}
