using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Inventory;

/// <summary>Tells from names alone which PFs are meant, without a look at any PF.</summary>
/// <param name="files">The kernel's files.</param>
/// <param name="links">The links of the host.</param>
internal sealed class PfLookup(IFileTree files, LinkTable links)
{
    /// <summary>The PFs that PFs' and VFs' names lead to, each once; null where one leads nowhere.</summary>
    public IReadOnlyCollection<PciAddress>? Of(IReadOnlyCollection<string> names)
    {
        HashSet<PciAddress> found = [];
        // Many VFs of one PF name it again and again.
        foreach (string name in names.Select(PfPart).Distinct(StringComparer.Ordinal))
        {
            if (Of(name) is not { } pf)
                return null;
            found.Add(pf);
        }
        return found;
    }

    private static string PfPart(string name) => name.LastIndexOf('/') is > 0 and var slash ? name[..slash] : name;

    private PciAddress? Of(string name)
    {
        if (!PciAddress.TryParse(name, out PciAddress address))
        {
            LinkInfo? link = links.Links.FirstOrDefault(link => link.Name == name || link.AlternativeNames.Contains(name));
            return link is not null && PciAddress.TryParse(link.ParentDevice, out PciAddress device) ? device : null;
        }
        // Only a VF has this link.
        return files.ReadLink($"{address.SysfsPath}/physfn").Or(null) is { } physical
            ? PciAddress.TryParse(physical[(physical.LastIndexOf('/') + 1)..], out PciAddress pf) ? pf : null
            : address;
    }
}
