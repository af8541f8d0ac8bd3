using Vfleet.Linux;

namespace Vfleet.Host.Warm;

/// <summary>
/// Keeps an interface that is up from saying or answering anything: no IPv6, so no address of its own, no router's word taken; no answer
/// to ARP, although the kernel would answer for an address of any interface; and no packet from anywhere accepted, because no address is
/// reached through it. These are the kernel's per interface and namespace: an interface that moves to another namespace begins with that
/// one's defaults (addrconf and inetdev make their state anew when a device is registered). So nothing has to be undone for an owner it
/// is moved to.
/// </summary>
public static class QuietInterface
{
    /// <summary>Files below <c>/proc/sys/net/FAMILY/conf/NAME</c>. Source: Documentation/networking/ip-sysctl.rst.</summary>
    private static readonly (string Family, string Name, string Quiet)[] Switches =
    [
        ("ipv6", "addr_gen_mode", "1"), ("ipv6", "accept_ra", "0"), ("ipv6", "disable_ipv6", "1"),
        ("ipv4", "arp_ignore", "8"), ("ipv4", "rp_filter", "1"),
    ];

    /// <summary>What would let the interface speak, as <c>NAME VALUE instead of WANTED</c>; empty for one that is quiet.</summary>
    /// <param name="files">The kernel's files; the interface is in their namespace.</param>
    /// <param name="name">The interface's name.</param>
    public static IReadOnlyList<string> Differences(IFileTree files, string name) =>
    [
        .. from each in Switches
           where IsKnown(files, each.Family)
           let now = files.ReadText(PathOf(each.Family, name, each.Name)).Or(null)
           where now != each.Quiet
           select $"{each.Name} {now ?? "unknown"} instead of {each.Quiet}",
    ];

    /// <summary>Makes it quiet. Equivalent to <c>sysctl net.ipv6.conf.NAME.disable_ipv6=1</c>, and so on.</summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="name">The interface's name.</param>
    public static Outcome<Unit> Set(IFileTree files, string name) => Write(files, name, each => each.Quiet);

    /// <summary>Gives it what a new interface of the namespace has: <c>net.ipv6.conf.default.*</c>. Only what differs is written.</summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="name">The interface's name.</param>
    public static Outcome<Unit> Undo(IFileTree files, string name) =>
        Write(files, name, each => files.ReadText(PathOf(each.Family, "default", each.Name)).Or(null));

    private static Outcome<Unit> Write(IFileTree files, string name, Func<(string Family, string Name, string Quiet), string?> valueOf)
    {
        foreach ((string Family, string Name, string Quiet) each in Switches.Where(each => IsKnown(files, each.Family)))
        {
            string path = PathOf(each.Family, name, each.Name);
            if (!files.ReadText(path).Try(out string? now, out Fault? fault))
                return fault;
            if (valueOf(each) is { } value && value != now && files.WriteText(path, value).Fault is { } refused)
                return refused;
        }
        return Unit.Done;
    }

    /// <summary>False for a kernel that does not speak the protocol at all (ipv6.disable=1).</summary>
    private static bool IsKnown(IFileTree files, string family) => files.Exists($"/proc/sys/net/{family}/conf/default");

    private static string PathOf(string family, string name, string file) => $"/proc/sys/net/{family}/conf/{name}/{file}";
}
