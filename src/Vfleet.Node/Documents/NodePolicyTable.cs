using Vfleet.Linux.Generic.Devlink;
using F = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.NodePolicySpec>;
using N = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.NicSelector>;

namespace Vfleet.Node.Documents;

/// <summary>The fields of a <c>SriovNetworkNodePolicy</c>.</summary>
internal static class NodePolicyTable
{
    private static readonly ObjectTable<NicSelector> Selector = new(
        "Which PFs are meant: those that fulfil everything that is written. At least one field",
        new NicSelector(),
        N.Item("vendor", Kinds.HexId, n => n.Vendor, (n, v) => n with { Vendor = v }, "PCI vendor id of the PF, four hexadecimal digits"),
        N.Item("deviceID", Kinds.HexId, n => n.DeviceId, (n, v) => n with { DeviceId = v },
            "PCI device id of the PF, four hexadecimal digits"),
        N.Item("rootDevices", Kinds.RootDevices, n => n.RootDevices, (n, v) => n with { RootDevices = v }, "PCI addresses of PFs"),
        N.Item("pfNames", Kinds.PfNames, n => n.PfNames, (n, v) => n with { PfNames = v },
            "PFs by interface name or alternative name; with #FIRST-LAST only these VFs of it"),
        N.Item("netFilter", Kinds.NetFilter, n => n.NetFilter, (n, v) => n with { NetFilter = v },
            "A network of a cloud: openstack/NetworkID:ID or aws/NetworkID:ID. No PF here is in one, so nothing matches"));

    /// <summary>The fields of <c>spec</c>.</summary>
    public static readonly ObjectTable<NodePolicySpec> Table = new(
        "VFs of PFs, and the resource they are",
        new NodePolicySpec(),
        F.Item("resourceName", Kinds.ResourceName, s => s.ResourceName, (s, v) => s with { ResourceName = v },
            "The resource these VFs are, and so their pool", isRequired: true),
        F.Item("nodeSelector", Kinds.Map, s => s.NodeSelector, (s, v) => s with { NodeSelector = v },
            "Labels of the nodes that are meant. A cluster requires it", use: FieldUse.ClusterOnly),
        F.Value("priority", Kinds.Number(0, NodePolicySpec.LowestPriority), s => s.Priority, (s, v) => s with { Priority = v },
            "Which policy wins where several contradict each other: the one with the lower number. 99 where it is missing"),
        F.Value("mtu", Kinds.Number(68, 65535), s => s.Mtu, (s, v) => s with { Mtu = v }, "MTU of the PF and its VFs"),
        F.Value("numVfs", Kinds.Number(0, ushort.MaxValue), s => (int?)s.NumVfs, (s, v) => s with { NumVfs = v },
            "Number of VFs of each PF", isRequired: true),
        F.Item("nicSelector", Kinds.Object(Selector), s => s.NicSelector, (s, v) => s with { NicSelector = v }, "Which PFs are meant",
            isRequired: true),
        F.Value("deviceType", Kinds.Words(("netdevice", VfDeviceType.NetDevice), ("vfio-pci", VfDeviceType.VfioPci)), s => s.DeviceType,
            (s, v) => s with { DeviceType = v },
                "Driver of the VFs: netdevice for the native one, which it is where this is missing, or vfio-pci"),
        F.Value("isRdma", Kinds.Switch, s => s.IsRdma, (s, v) => s with { IsRdma = v }, "RDMA is wanted", use: FieldUse.NotApplied),
        F.Value("needVhostNet", Kinds.Switch, s => s.NeedVhostNet, (s, v) => s with { NeedVhostNet = v },
            "/dev/vhost-net goes with a VF into its pod", use: FieldUse.ClusterOnly),
        F.Value("linkType", Kinds.Words(("eth", PfLinkType.Ethernet), ("ETH", PfLinkType.Ethernet), ("ib", PfLinkType.InfiniBand),
            ("IB", PfLinkType.InfiniBand)),
            s => s.LinkType, (s, v) => s with { LinkType = v }, "Link type of the PF"),
        F.Value("eSwitchMode", Kinds.Words(("legacy", EswitchMode.Legacy), ("switchdev", EswitchMode.Switchdev)), s => s.EswitchMode,
            (s, v) => s with { EswitchMode = v }, "Mode of the switch in the NIC"),
        F.Value("vdpaType", Kinds.Words(("virtio", VdpaType.Virtio), ("vhost", VdpaType.Vhost)), s => s.VdpaType,
            (s, v) => s with { VdpaType = v },
            "Kind of vDPA device made of each VF", use: FieldUse.NotApplied),
        F.Value("excludeTopology", Kinds.Switch, s => s.ExcludeTopology, (s, v) => s with { ExcludeTopology = v },
            "The VFs' NUMA node is kept from kubelet", use: FieldUse.ClusterOnly),
        F.Value("externallyManaged", Kinds.Switch, s => s.ExternallyManaged, (s, v) => s with { ExternallyManaged = v },
            "Somebody else creates the VFs and sets the PF; they are only handed out"),
        F.Item("bridge", Kinds.Object(PolicyBridgeTables.Table), s => s.Bridge, (s, v) => s with { Bridge = v },
            "A software bridge for the PFs, in switchdev mode", use: FieldUse.NotApplied));
}
