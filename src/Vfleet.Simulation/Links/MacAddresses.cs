using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Links;

/// <summary>What a kernel and a NIC do with MAC addresses.</summary>
internal static class MacAddresses
{
    public const int Size = 6;

    /// <summary>The kernel's is_valid_ether_addr.</summary>
    public static bool IsStation(this MacAddress mac) => !mac.IsZero && !mac.IsMulticast;

    /// <summary>A locally administered address that is the same in every run.</summary>
    public static MacAddress Local(byte kind, ushort function, ushort index) =>
        new(0x0200_0000_0000 | ((ulong)kind << 32) | ((ulong)function << 16) | index);

    public static byte[] ToBytes(this MacAddress mac)
    {
        byte[] bytes = new byte[Size];
        mac.Write(bytes);
        return bytes;
    }
}
