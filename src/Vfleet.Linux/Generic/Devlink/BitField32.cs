using System.Runtime.InteropServices;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>struct nla_bitfield32: bits, and which of them are meant. Source: include/uapi/linux/netlink.h.</summary>
/// <param name="Value">The bits.</param>
/// <param name="Selector">The bits that are meant.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BitField32(uint Value, uint Selector)
{
    /// <summary>True when the bit is meant and set.</summary>
    public bool Has(int bit) => (Value & Selector & (1u << bit)) != 0;

    /// <summary>The bits of a mask as a switch: null when none of them is meant.</summary>
    public bool? Switch(uint mask) => (Selector & mask) == 0 ? null : (Value & mask) != 0;
}
