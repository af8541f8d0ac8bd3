using Vfleet.Linux.Generic.Devlink;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>How many VFs which PFs have, and which resource they are: <c>SriovNetworkNodePolicy</c> of the SR-IOV operator.</summary>
public sealed record NodePolicy : Document
{
    /// <summary>The annotation that asks for as many VFs as the device has.</summary>
    public const string ProvisionAnnotation = "vfleet.dev/provision";

    /// <inheritdoc/>
    public override string ApiVersion => KindNames.OperatorGroup + "/v1";

    /// <inheritdoc/>
    public override string Kind => KindNames.NodePolicy;

    /// <inheritdoc/>
    public override string ResourceName => Spec.ResourceName;

    /// <summary>What is wanted.</summary>
    public NodePolicySpec Spec { get; init; } = new();

    /// <summary>
    /// True where the device's total count is created from the start, so that later policies find their VFs without destroying others.
    /// </summary>
    public bool ProvisionsAll => Metadata.Annotations.GetValueOrDefault(ProvisionAnnotation) == "max";
}

/// <summary>What a <see cref="NodePolicy"/> wants.</summary>
public sealed record NodePolicySpec
{
    /// <summary>Priority of a policy that names none.</summary>
    public const int LowestPriority = 99;

    /// <summary>Name of the resource.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>Labels of nodes; for a cluster.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = MapKind.Empty;

    /// <summary>0 to 99, the lower number wins; null is 99.</summary>
    public int? Priority { get; init; }

    /// <summary>MTU of the PF and its VFs.</summary>
    public int? Mtu { get; init; }

    /// <summary>VFs of each PF.</summary>
    public int NumVfs { get; init; }

    /// <summary>Which PFs.</summary>
    public NicSelector NicSelector { get; init; } = new();

    /// <summary>Driver of the VFs; null is the native one.</summary>
    public VfDeviceType? DeviceType { get; init; }

    /// <summary>RDMA is wanted.</summary>
    public bool? IsRdma { get; init; }

    /// <summary>The vhost-net device goes with a VF.</summary>
    public bool? NeedVhostNet { get; init; }

    /// <summary>Link type of the PF.</summary>
    public PfLinkType? LinkType { get; init; }

    /// <summary>Mode of the switch in the NIC.</summary>
    public EswitchMode? EswitchMode { get; init; }

    /// <summary>Kind of vDPA device.</summary>
    public VdpaType? VdpaType { get; init; }

    /// <summary>The NUMA node is not told to kubelet.</summary>
    public bool? ExcludeTopology { get; init; }

    /// <summary>Somebody else creates the VFs.</summary>
    public bool? ExternallyManaged { get; init; }

    /// <summary>A software bridge for the PF.</summary>
    public PolicyBridge? Bridge { get; init; }

    /// <summary>The priority that counts.</summary>
    public int EffectivePriority => Priority ?? LowestPriority;
}

/// <summary>Which PFs a policy is about: those that fulfil everything that is written.</summary>
public sealed record NicSelector
{
    /// <summary>PCI vendor id.</summary>
    public string? Vendor { get; init; }

    /// <summary>PCI device id of the PF.</summary>
    public string? DeviceId { get; init; }

    /// <summary>PFs by PCI address.</summary>
    public IReadOnlyList<PfPart> RootDevices { get; init; } = [];

    /// <summary>PFs by name or alternative name.</summary>
    public IReadOnlyList<PfPart> PfNames { get; init; } = [];

    /// <summary>A network of a cloud the device is in.</summary>
    public string? NetFilter { get; init; }

    /// <summary>True where nothing is written.</summary>
    public bool IsEmpty => Vendor is null && DeviceId is null && RootDevices.Count == 0 && PfNames.Count == 0 && NetFilter is null;
}

/// <summary>Driver of VFs.</summary>
public enum VfDeviceType
{
    /// <summary>The native one: an interface.</summary>
    NetDevice,

    /// <summary>vfio-pci.</summary>
    VfioPci,
}

/// <summary>Link type of a PF.</summary>
public enum PfLinkType
{
    /// <summary>Ethernet.</summary>
    Ethernet,

    /// <summary>InfiniBand.</summary>
    InfiniBand,
}

/// <summary>Kind of a vDPA device.</summary>
public enum VdpaType
{
    /// <summary>virtio.</summary>
    Virtio,

    /// <summary>vhost.</summary>
    Vhost,
}
