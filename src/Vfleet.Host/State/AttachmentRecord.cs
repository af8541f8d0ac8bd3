using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;

namespace Vfleet.Host.State;

/// <summary>An attached VF: where it went, and what it was before. Written before the first change, removed after the last.</summary>
public sealed record AttachmentRecord
{
    /// <summary>The newest version of this format. Version 1 had no addresses in its baseline; it is still read.</summary>
    public const int Newest = 2;

    /// <summary>Version of this format.</summary>
    public int Version { get; init; } = Newest;

    /// <summary>The VF as it is called: PCI address, or device/index.</summary>
    public required string Vf { get; init; }

    /// <summary>Device name of its PF.</summary>
    public required string Pf { get; init; }

    /// <summary>Index on its PF.</summary>
    public required int Index { get; init; }

    /// <summary>Path of the namespace it was given to.</summary>
    public required string NamespacePath { get; init; }

    /// <summary>Inode of that namespace; with the boot id it tells it from a later one at the same path.</summary>
    public required ulong NamespaceInode { get; init; }

    /// <summary>Cookie of that namespace: no later one has it, while an inode may be given again; null where the kernel has none.</summary>
    public ulong? NamespaceCookie { get; init; }

    /// <summary>The boot it happened on (/proc/sys/kernel/random/boot_id).</summary>
    public string? BootId { get; init; }

    /// <summary>Interface name in the namespace; null for a VF without interface.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>The allocation it belongs to, where a ledger hands VFs out: nobody else's work may touch it. Null without one.</summary>
    public string? Allocation { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Refusals that were overridden with --force.</summary>
    public IReadOnlyList<string> Forced { get; init; } = [];

    /// <summary>What the VF was before.</summary>
    public required Baseline Baseline { get; init; }
}

/// <summary>A VF's state before it was handed out.</summary>
public sealed record Baseline
{
    /// <summary>Interface name.</summary>
    public string? Name { get; init; }

    /// <summary>Alternative names.</summary>
    public IReadOnlyList<string> AltNames { get; init; } = [];

    /// <summary>Interface's MAC as text.</summary>
    public string? Mac { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Administratively up.</summary>
    public bool IsUp { get; init; }

    /// <summary>Its interface received frames for every group (IFF_ALLMULTI); null where the record was written before that was kept.</summary>
    public bool? IsAllMulticast { get; init; }

    /// <summary>Driver bound.</summary>
    public string? Driver { get; init; }

    /// <summary>MAC set through the PF, as text.</summary>
    public string? AdminMac { get; init; }

    /// <summary>
    /// True where that was set by hand, so that the PF refuses the VF any other one. A driver that lists a VF's own choice alike (igb) does not
    /// tell.
    /// </summary>
    public bool IsMacPinned { get; init; }

    /// <summary>Port VLAN.</summary>
    public int? Vlan { get; init; }

    /// <summary>Its priority.</summary>
    public int? VlanQos { get; init; }

    /// <summary>Its protocol.</summary>
    public VlanProtocol? VlanProtocol { get; init; }

    /// <summary>Spoof check.</summary>
    public bool? SpoofCheck { get; init; }

    /// <summary>Trust.</summary>
    public bool? Trust { get; init; }

    /// <summary>Link state policy.</summary>
    public VfLinkState? LinkState { get; init; }

    /// <summary>Guaranteed rate, Mbit/s.</summary>
    public uint? MinTxRateMbps { get; init; }

    /// <summary>Largest rate, Mbit/s.</summary>
    public uint? MaxTxRateMbps { get; init; }

    /// <summary>InfiniBand node GUID.</summary>
    public ulong? NodeGuid { get; init; }

    /// <summary>InfiniBand port GUID.</summary>
    public ulong? PortGuid { get; init; }

    /// <summary>Addresses its interface carried on the host, without those that come back by themselves.</summary>
    public IReadOnlyList<AddressRecord> Addresses { get; init; } = [];

    /// <summary>VLAN trunk in the words of the driver's file; null where the driver has none.</summary>
    public string? Trunk { get; init; }

    /// <summary>True where the PF's driver told the VF's settings.</summary>
    public bool HasSettings => AdminMac is not null || Vlan is not null;

    /// <summary>The state of a VF as it was read.</summary>
    public static Baseline Of(VirtualFunction vf, string? trunk = null, IReadOnlyList<AddressRecord>? addresses = null) => new()
    {
        Trunk = trunk,
        Addresses = addresses ?? [],
        Name = vf.Link?.Name,
        AltNames = vf.Link?.AlternativeNames ?? [],
        Mac = vf.Link?.Mac?.ToString(),
        Mtu = vf.Link?.Mtu,
        IsUp = vf.Link?.IsUp ?? false,
        IsAllMulticast = vf.Link?.IsAllMulticast,
        Driver = vf.Driver,
        AdminMac = vf.Settings?.Mac?.ToString(),
        Vlan = vf.Settings?.Vlan,
        VlanQos = vf.Settings?.VlanQos,
        VlanProtocol = vf.Settings?.VlanProtocol,
        SpoofCheck = vf.Settings?.SpoofCheck,
        Trust = vf.Settings?.Trust,
        LinkState = vf.Settings?.LinkState,
        MinTxRateMbps = vf.Settings?.MinTxRateMbps,
        MaxTxRateMbps = vf.Settings?.MaxTxRateMbps,
        NodeGuid = vf.Settings?.NodeGuid,
        PortGuid = vf.Settings?.PortGuid,
    };

    /// <summary>This state after something was set; what is otherwise beside that is not taken over.</summary>
    /// <param name="set">What was set.</param>
    /// <param name="now">What was read afterwards.</param>
    public Baseline After(VfSettings set, Baseline now)
    {
        bool isVlan = set.Vlan is not null || set.VlanQos is not null || set.VlanProtocol is not null;
        return this with
        {
            Mac = set.Mac is null ? Mac : now.Mac,
            AdminMac = set.Mac is null ? AdminMac : now.AdminMac,
            Vlan = isVlan ? now.Vlan : Vlan,
            VlanQos = isVlan ? now.VlanQos : VlanQos,
            VlanProtocol = isVlan ? now.VlanProtocol : VlanProtocol,
            SpoofCheck = set.SpoofCheck is null ? SpoofCheck : now.SpoofCheck,
            Trust = set.Trust is null ? Trust : now.Trust,
            LinkState = set.LinkState is null ? LinkState : now.LinkState,
            MinTxRateMbps = set.MinTxRateMbps is null ? MinTxRateMbps : now.MinTxRateMbps,
            MaxTxRateMbps = set.MaxTxRateMbps is null ? MaxTxRateMbps : now.MaxTxRateMbps,
            NodeGuid = set.NodeGuid is null ? NodeGuid : now.NodeGuid,
            PortGuid = set.PortGuid is null ? PortGuid : now.PortGuid,
        };
    }

    /// <summary>The settings to restore.</summary>
    public VfSettings Settings() => new()
    {
        Mac = MacAddress.TryParse(AdminMac, out MacAddress mac) ? mac : null,
        Vlan = Vlan,
        VlanQos = Vlan > 0 ? VlanQos : null,
        VlanProtocol = Vlan > 0 ? VlanProtocol : null,
        SpoofCheck = SpoofCheck,
        Trust = Trust,
        LinkState = LinkState,
        MinTxRateMbps = MinTxRateMbps,
        MaxTxRateMbps = MaxTxRateMbps,
        NodeGuid = NodeGuid,
        PortGuid = PortGuid,
    };
}

/// <summary>An address of an interface.</summary>
public sealed record AddressRecord
{
    /// <summary>The address with its prefix length, such as 192.0.2.7/24.</summary>
    public required string Address { get; init; }

    /// <summary>Its broadcast address; null where none was set.</summary>
    public string? Broadcast { get; init; }

    /// <summary>RT_SCOPE_*: 0 global, 253 link.</summary>
    public byte Scope { get; init; }
}
