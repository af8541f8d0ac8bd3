using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>Who wants how many VFs of which pool, and where they should be.</summary>
public sealed record AllocationRequest
{
    /// <summary>The pool; null with <see cref="Vf"/> for whatever pool that VF is in.</summary>
    public string? Pool { get; init; }

    /// <summary>VFs wanted, 1 or more.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whom they are for.</summary>
    public required Owner Owner { get; init; }

    /// <summary>The tenant; null where nobody said.</summary>
    public string? Tenant { get; init; }

    /// <summary>Order in which free VFs are taken; the pool's when null.</summary>
    public AllocationPolicy? Policy { get; init; }

    /// <summary>NUMA node wanted; null for any.</summary>
    public int? NumaNode { get; init; }

    /// <summary>How near that node.</summary>
    public NumaPolicy Numa { get; init; } = NumaPolicy.Preferred;

    /// <summary>A PCI device, such as a GPU, to be near by PCIe root; null for none.</summary>
    public PciAddress? Near { get; init; }

    /// <summary>Each VF on another PF, as a bond needs it.</summary>
    public bool DifferentPfs { get; init; }

    /// <summary>One VF by name: PCI address, or PF/index.</summary>
    public string? Vf { get; init; }

    /// <summary>Guaranteed rate of each VF in Mbit/s; the pool's when null.</summary>
    public uint? GuaranteedMbps { get; init; }

    /// <summary>
    /// Takes the VF that is named also from somebody the ledger does not know; whoever attaches it decides whether it may be taken.
    /// </summary>
    public bool EvenStrangers { get; init; }

    /// <summary>
    /// The same request again, as after a lost answer, gets the same allocation, and is refused while that is still being handed out or taken back;
    /// null for a request without a key.
    /// </summary>
    public string? RequestKey { get; init; }
}
