namespace Vfleet.Simulation.Links;

/// <summary>AF_*: address families as the kernel numbers them.</summary>
internal static class AddressFamily
{
    public const byte Unspecified = 0, Inet = 2, Inet6 = 10;

    /// <summary>Bytes of an address; 0 for a family that has none here.</summary>
    public static int SizeOf(byte family) => family switch
    {
        Inet => 4,
        Inet6 => 16,
        _ => 0,
    };
}
