using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Pci.Config;

namespace Vfleet.Host.Preflight;

/// <summary>What the checks of one PF look at, read once.</summary>
internal sealed record PfFacts(IFileTree Files, PhysicalFunction Pf)
{
    /// <summary>Its VFs, those in other namespaces too.</summary>
    public IReadOnlyList<VirtualFunction> Vfs { get; init; } = [];

    /// <summary>Resources and configuration space; null for a device of another bus, or one that went away.</summary>
    public PciDetails? Details { get; private init; }

    /// <summary>SR-IOV as sysfs shows it.</summary>
    public SriovState? Sriov { get; private init; }

    /// <summary>The bridge right above it, nearest first; empty on a root bus.</summary>
    public IReadOnlyList<PciAddress> Bridges { get; private init; } = [];

    /// <summary>Configuration space of the bridge right above it; null where there is none or it cannot be read.</summary>
    public ConfigSpace? Bridge { get; private init; }

    public string Label => Pf.Label;

    /// <summary>Reads what there is; a file that cannot be read leaves its check without an answer.</summary>
    public static PfFacts Read(IFileTree files, TimeProvider time, PhysicalFunction pf)
    {
        PfFacts facts = new(files, pf);
        if (pf.Address is not { } address)
            return facts;
        IReadOnlyList<PciAddress> bridges = new AcsPath(files).BridgesAbove(address).Or(null) ?? [];
        return facts with
        {
            Details = new PciDetailsReader(files).Read(address).Or(null),
            Sriov = new Sriov(files, time).Read(address).Or(null),
            Bridges = bridges,
            Bridge = bridges.Count > 0 ? new ConfigReader(files).Read(bridges[0]).Or(null) : null,
        };
    }

    /// <summary>Where VF <paramref name="index"/> is or would be; null where the kernel does not tell offset and stride.</summary>
    public PciAddress? AddressOf(int index) =>
        Sriov is { Offset: > 0 and int offset, Stride: int stride, PhysicalFunction: var pf } ? pf.VirtualFunction(index, offset, stride) : null;
}
