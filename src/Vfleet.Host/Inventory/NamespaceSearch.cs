using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Inventory;

/// <summary>Finds interfaces of VFs in other namespaces: the named ones, Docker's, and those of processes.</summary>
internal static class NamespaceSearch
{
    private static readonly string[] NamedFolders = ["/run/netns", "/run/docker/netns"];

    /// <summary>The same VFs, those whose interface is elsewhere with interface and namespace where they were found.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="vfs">The VFs.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <param name="likely">Paths to look at first; other tools keep namespaces in folders of their own.</param>
    public static async ValueTask<Outcome<IReadOnlyList<VirtualFunction>>> LocateAsync(
        IKernel kernel, IReadOnlyList<VirtualFunction> vfs, CancellationToken cancel, params IEnumerable<string> likely)
    {
        Dictionary<string, int> missing = new(StringComparer.Ordinal);
        for (int i = 0; i < vfs.Count; i++)
        {
            if (vfs[i] is { IsInterfaceElsewhere: true, Address: { } address })
                missing[address.ToString()] = i;
        }
        VirtualFunction[] result = [.. vfs];
        HashSet<ulong> seen = [];
        foreach (string path in likely.Concat(Candidates(kernel.Files)))
        {
            if (missing.Count == 0)
                break;
            // A namespace or process that ended meanwhile, or a file that is no namespace, holds nothing that could be found.
            if (kernel.OpenNamespace(path).Or(null) is not { } candidate)
                continue;
            using (candidate)
            {
                if (candidate.Inode != 0 && !seen.Add(candidate.Inode))
                    continue;
                foreach (LinkInfo link in await LinksAsync(kernel, candidate, cancel).ConfigureAwait(false))
                {
                    if (link.ParentDevice is { } device && missing.Remove(device, out int at))
                        result[at] = result[at] with { Link = link, NamespacePath = path };
                }
            }
        }
        return result;
    }

    /// <summary>The device's directory <c>net</c> exists as long as it has an interface, in whatever namespace.</summary>
    public static bool HasInterface(IFileTree files, PciAddress address) => files.Exists($"{address.SysfsPath}/net");

    /// <summary>That directory shows nothing here exactly while the interface is in another namespace.</summary>
    public static bool IsReallyElsewhere(IFileTree files, PciAddress address) =>
        HasInterface(files, address) && new PciBus(files).NetworkInterfaces(address).Or([]) is { Count: 0 };

    private static IEnumerable<string> Candidates(IFileTree files)
    {
        foreach (string folder in NamedFolders)
        {
            foreach (string name in files.List(folder).Or([]) ?? [])
                yield return $"{folder}/{name}";
        }
        foreach (string process in files.List("/proc").Or([]) ?? [])
        {
            if (process.All(char.IsAsciiDigit))
                yield return $"/proc/{process}/ns/net";
        }
    }

    private static async ValueTask<IReadOnlyList<LinkInfo>> LinksAsync(IKernel kernel, NetworkNamespace within, CancellationToken cancel)
    {
        if (RouteClient.Open(kernel, within).Or(null) is not { } route)
            return [];
        using (route)
            return (await route.ListLinksAsync(VfDetail.None, cancel).ConfigureAwait(false)).Or(null) ?? [];
    }
}
