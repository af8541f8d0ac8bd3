using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Profiles;

/// <summary>A PCI card with SR-IOV, and where its PFs sit.</summary>
internal sealed record PciCard
{
    public required PciIdentity Identity { get; init; }

    /// <summary>Addresses of the PFs, as many as the machine has by itself.</summary>
    public required IReadOnlyList<PciAddress> Addresses { get; init; }

    /// <summary>First VF offset of each PF in turn; the last one repeats.</summary>
    public required IReadOnlyList<int> Offsets { get; init; }

    public required int Stride { get; init; }

    public required ushort VfDevice { get; init; }

    /// <summary>TotalVFs of the capability, where the driver allows fewer.</summary>
    public int? HardwareTotalVfs { get; init; }

    public IReadOnlyList<string> ResetMethods { get; init; } = ["flr", "bus"];

    public int MsixVectors { get; init; } = 10;

    public int VfMsixVectors { get; init; } = 3;

    /// <summary>Vectors the VFs can share; 0 where their number is fixed.</summary>
    public int VfTotalMsix { get; init; }

    public PcieLink Link { get; init; } = new(3, 8, 3, 8);
}
