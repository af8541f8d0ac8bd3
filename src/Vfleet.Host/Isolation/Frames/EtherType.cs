namespace Vfleet.Host.Isolation.Frames;

/// <summary>The ethertypes the probes know. Source: IEEE 802 numbers of IANA.</summary>
public static class EtherType
{
    /// <summary>IPv4.</summary>
    public const ushort Ipv4 = 0x0800;

    /// <summary>ARP.</summary>
    public const ushort Arp = 0x0806;

    /// <summary>An 802.1Q tag.</summary>
    public const ushort Vlan = 0x8100;

    /// <summary>An 802.1ad tag.</summary>
    public const ushort ServiceVlan = 0x88a8;

    /// <summary>IEEE 802 local experimental ethertype 1: no protocol of the kernel answers it.</summary>
    public const ushort Experimental = 0x88b5;
}
