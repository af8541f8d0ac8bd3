namespace Vfleet.Simulation.Links;

/// <summary>
/// IPv6's own address of an interface: it comes when the interface starts to run and goes, with the others, when it is switched off.
/// </summary>
internal static class LinkLocal
{
    private const byte ScopeLink = 253;

    public static void Follow(SimulatedLink link)
    {
        if (!link.IsUp || link.Switches[LinkSwitches.NoIpv6] != 0)
            link.Addresses.RemoveAll(address => address.Family == AddressFamily.Inet6);
        else if (link.IsRunning && link.Switches.MakesLinkLocal
            && !link.Addresses.Exists(address => address.Family == AddressFamily.Inet6 && address.Scope == ScopeLink))
            link.Addresses.Add(new LinkAddress(AddressFamily.Inet6, Of(link), 64, ScopeLink));
    }

    /// <summary>fe80::/64 with the MAC in it (RFC 4291, appendix A).</summary>
    private static byte[] Of(SimulatedLink link)
    {
        byte[] mac = link.Mac.ToBytes();
        return [0xfe, 0x80, 0, 0, 0, 0, 0, 0, (byte)(mac[0] ^ 2), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]];
    }
}
