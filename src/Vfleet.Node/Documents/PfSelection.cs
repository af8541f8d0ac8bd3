using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>What one policy wants of the PFs it is about.</summary>
public sealed record PfSelection
{
    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>0 to 99; the lower number wins.</summary>
    public required int Priority { get; init; }

    /// <summary>Which PFs.</summary>
    public required NicSelector Selector { get; init; }

    /// <summary>VFs wanted of each PF.</summary>
    public required int WantedVfs { get; init; }

    /// <summary>True where as many VFs are wanted as the device has.</summary>
    public bool ProvisionsAll { get; init; }

    /// <summary>MTU of the PF; null leaves it.</summary>
    public int? Mtu { get; init; }

    /// <summary>Mode of the switch in the NIC; null leaves it.</summary>
    public EswitchMode? EswitchMode { get; init; }

    /// <summary>Link type; null leaves it.</summary>
    public PfLinkType? LinkType { get; init; }

    /// <summary>True where somebody else creates the VFs.</summary>
    public bool IsExternallyManaged { get; init; }

    /// <summary>A software bridge; nothing acts on it yet.</summary>
    public PolicyBridge? Bridge { get; init; }

    /// <summary>The VFs, one group for each PF that is named, or one for all.</summary>
    public required IReadOnlyList<VfGroup> Groups { get; init; }

    /// <summary>Labels of the nodes it is for, as one text.</summary>
    internal string NodeSelector { get; init; } = "";

    /// <summary>True where the policy is about this PF.</summary>
    public bool Matches(PhysicalFunction pf) =>
        !Selector.IsEmpty
        && Selector.NetFilter is null
        && IsId(Selector.Vendor, pf.VendorId)
        && IsId(Selector.DeviceId, pf.DeviceId)
        && (Selector.PfNames.Count == 0 || Selector.PfNames.Any(part => IsName(part, pf)))
        && (Selector.RootDevices.Count == 0 || Selector.RootDevices.Any(part => IsAddress(part, pf)));

    internal static PfSelection Of(NodePolicy policy)
    {
        NodePolicySpec spec = policy.Spec;
        NicSelector selector = spec.NicSelector;
        IReadOnlyList<PfPart> parts = selector.PfNames.Count > 0 ? selector.PfNames : selector.RootDevices;
        VfGroup whole = new()
        {
            Ranges = IndexRanges.UpTo(spec.NumVfs),
            ResourceName = spec.ResourceName,
            Policy = policy.Metadata.Name,
            DeviceType = spec.DeviceType ?? VfDeviceType.NetDevice,
            Driver = DriverOf(spec),
            Mtu = spec.Mtu,
            IsRdma = spec.IsRdma ?? false,
            NeedsVhostNet = spec.NeedVhostNet ?? false,
            VdpaType = spec.VdpaType,
        };
        return new PfSelection
        {
            Policy = policy.Metadata.Name,
            Priority = spec.EffectivePriority,
            Selector = selector,
            WantedVfs = spec.NumVfs,
            ProvisionsAll = policy.ProvisionsAll,
            Mtu = spec.Mtu,
            EswitchMode = spec.EswitchMode,
            LinkType = spec.LinkType,
            IsExternallyManaged = spec.ExternallyManaged ?? false,
            Bridge = spec.Bridge,
            NodeSelector = string.Join(',', spec.NodeSelector.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)),
            Groups = spec.NumVfs == 0 ? [] : parts.Count == 0 ? [whole]
                : [.. parts.Select(part => whole with { Pf = part.Pf, Ranges = part.Ranges.Count > 0 ? part.Ranges : whole.Ranges })],
        };
    }

    internal static string? DriverOf(NodePolicySpec spec) => spec.DeviceType == VfDeviceType.VfioPci ? "vfio-pci" : null;

    internal static bool IsName(PfPart part, PhysicalFunction pf) => part.Pf == pf.Name || pf.AltNames.Contains(part.Pf);

    internal static bool IsAddress(PfPart part, PhysicalFunction pf) => part.Pf == pf.Address?.ToString();

    private static bool IsId(string? wanted, ushort? id) =>
        wanted is null
            || (ushort.TryParse(wanted, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number) && number == id);
}

/// <summary>VFs of a PF that are one resource.</summary>
public sealed record VfGroup
{
    /// <summary>The PF, as the policy names it; null for every PF of the selection.</summary>
    public string? Pf { get; init; }

    /// <summary>Indexes of the VFs.</summary>
    public required IReadOnlyList<IndexRange> Ranges { get; init; }

    /// <summary>The resource, and so the pool.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Native driver, or vfio-pci.</summary>
    public VfDeviceType DeviceType { get; init; }

    /// <summary>Driver the VFs are kept on; null for the native one.</summary>
    public string? Driver { get; init; }

    /// <summary>MTU of the VFs; null leaves it.</summary>
    public int? Mtu { get; init; }

    /// <summary>RDMA is wanted.</summary>
    public bool IsRdma { get; init; }

    /// <summary>The vhost-net device goes with a VF.</summary>
    public bool NeedsVhostNet { get; init; }

    /// <summary>Kind of vDPA device; null for none.</summary>
    public VdpaType? VdpaType { get; init; }
}
