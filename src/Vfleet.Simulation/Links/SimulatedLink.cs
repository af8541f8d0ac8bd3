using Vfleet.Linux.Route;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Links;

/// <summary>A network interface (net_device).</summary>
internal sealed class SimulatedLink
{
    public const uint FlagUp = 0x1, FlagBroadcast = 0x2, FlagLoopback = 0x8, FlagRunning = 0x40, FlagPromiscuous = 0x100,
        FlagAllMulticast = 0x200, FlagMaster = 0x400, FlagSlave = 0x800, FlagMulticast = 0x1000, FlagLowerUp = 0x10000;

    private const uint Changeable = FlagUp | FlagPromiscuous | FlagAllMulticast;

    public required string Name { get; set; }

    public required SimulatedNamespace Namespace { get; set; }

    public int Index { get; set; }

    /// <summary>How IP behaves on it.</summary>
    public required LinkSwitches Switches { get; set; }

    /// <summary>What it hangs on; null for loopback and VLANs.</summary>
    public SimulatedDevice? Device { get; init; }

    /// <summary>The interface a VLAN stands on; null for others.</summary>
    public SimulatedLink? Lower { get; init; }

    /// <summary>How it is bonded; null for what is no bond.</summary>
    public BondSettings? Bond { get; init; }

    public MacAddress Mac { get; set; }

    public MacAddress PermanentMac { get; init; }

    public uint Mtu { get; set; } = 1500;

    public uint MinimumMtu { get; init; } = 68;

    public uint MaximumMtu { get; init; } = 9216;

    /// <summary>Flags that are set on purpose; running and lower-up follow from the carrier.</summary>
    public uint Flags { get; set; }

    public string Alias { get; set; } = "";

    public List<string> AltNames { get; } = [];

    public List<LinkAddress> Addresses { get; } = [];

    public LinkCounters Counters { get; } = new();

    public LinkTuning Tuning { get; } = new();

    /// <summary>Index of the master (bond, bridge) in the same namespace; 0 without.</summary>
    public int Master { get; set; }

    public int SpeedMbps { get; init; }

    /// <summary>phys_port_name; null where the driver does not know it.</summary>
    public string? PhysicalPortName { get; init; }

    /// <summary>True where the hardware below says there is a signal; see <see cref="Wire.CarrierRules"/>.</summary>
    public bool Carrier { get; set; }

    public uint CarrierUpCount { get; set; }

    public uint CarrierDownCount { get; set; }

    /// <summary>False for a VF whose driver found the PF down when it probed: it never gets a carrier.</summary>
    public bool MailboxAlive { get; init; } = true;

    public bool IsUp => (Flags & FlagUp) != 0;

    public bool IsLoopback => (Flags & FlagLoopback) != 0;

    /// <summary>True where frames pass.</summary>
    public bool IsRunning => IsUp && Carrier;

    /// <summary>The flags as user space sees them.</summary>
    public uint VisibleFlags => Flags | (IsRunning ? FlagRunning | FlagLowerUp : 0);

    /// <summary>IF_OPER_*: up 6, down 2, unknown 0 (loopback).</summary>
    public byte OperState => !IsUp ? (byte)2 : IsLoopback ? (byte)0 : Carrier ? (byte)6 : (byte)2;

    /// <summary>Applies ifi_flags under ifi_change, as far as a user may change them.</summary>
    public uint FlagsAfter(uint flags, uint change) => (Flags & ~(change & Changeable)) | (flags & change & Changeable);

    public bool HasName(string name) => Name == name || AltNames.Contains(name);
}

/// <summary>An address of an interface.</summary>
/// <param name="Family">AF_INET 2 or AF_INET6 10.</param>
/// <param name="Bytes">The address, 4 or 16 bytes.</param>
/// <param name="Prefix">Prefix length.</param>
/// <param name="Scope">RT_SCOPE_*: 0 universe, 253 link, 254 host.</param>
internal sealed record LinkAddress(byte Family, byte[] Bytes, byte Prefix, byte Scope)
{
    /// <summary>IPv4's broadcast address; empty where none was given.</summary>
    public byte[] Broadcast { get; init; } = [];

    public bool IsSame(byte family, ReadOnlySpan<byte> bytes) => Family == family && bytes.SequenceEqual(Bytes);
}
