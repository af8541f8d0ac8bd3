using Vfleet.Host.Inventory;
using Vfleet.Linux.Pci;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>Adds to an inventory what the choice of VFs asks for. VFs hang where their PF does: nothing is read for each of them.</summary>
/// <param name="files">The kernel's files.</param>
public sealed class CandidateReader(IFileTree files)
{
    /// <summary>The machine as the choice sees it.</summary>
    /// <param name="catalog">Its VFs with their pools.</param>
    /// <param name="standings">What is known of VFs, by their names; a VF without a standing is free.</param>
    /// <param name="near">A PCI device that VFs are wanted near.</param>
    /// <returns>NotFound where there is no such device.</returns>
    public Outcome<PlacementInput> Read(PoolCatalog catalog, IReadOnlyDictionary<string, VfStanding> standings, PciAddress? near = null)
    {
        NearPlace? place = null;
        if (near is { } wanted)
        {
            if (!new PciBus(files).Read(wanted).Try(out PciDevice? device, out Fault? fault))
                return fault;
            place = new NearPlace(PcieRoots.Of(files, wanted), device.NumaNode);
        }
        IReadOnlyDictionary<int, int> sockets = Sockets.Read(files);
        List<Candidate> candidates = new(catalog.Members.Count);
        List<PfLoad> loads = [];
        foreach (IGrouping<string, PoolMember> pf in catalog.Members.GroupBy(member => member.Vf.Pf.DeviceName))
        {
            Candidate[] vfs = [.. CandidatesOf([.. pf], standings, sockets)];
            candidates.AddRange(vfs);
            loads.Add(LoadOf([.. pf], vfs));
        }
        return new PlacementInput { Candidates = candidates, Pfs = loads, Sockets = sockets, Near = place };
    }

    private IEnumerable<Candidate> CandidatesOf(
        PoolMember[] members, IReadOnlyDictionary<string, VfStanding> standings, IReadOnlyDictionary<int, int> sockets)
    {
        PcieRoot? root = members[0].Vf.Pf.Address is { } address ? PcieRoots.Of(files, address) : null;
        return members.Select(member => new Candidate(member.Vf.Label, member.Vf.Pf.Label, member.Vf.Index, member.Pool.Name)
        {
            NumaNode = member.Vf.NumaNode,
            Socket = member.Vf.NumaNode is { } node && sockets.TryGetValue(node, out int socket) ? socket : null,
            Root = root,
            Standing = standings.GetValueOrDefault(member.Vf.Label),
        });
    }

    private static PfLoad LoadOf(PoolMember[] members, Candidate[] vfs) => new(members[0].Vf.Pf.Label)
    {
        SpeedMbps = members[0].Vf.Pf.LinkSpeedMbps,
        IsUp = members[0].Vf.Pf.IsUp,
        HandedOut = vfs.Count(vf => vf.Holding is VfHolding.Reserved or VfHolding.Attached or VfHolding.Releasing or VfHolding.Stranger),
        GuaranteedMbps = vfs.Zip(members, (vf, member) => Guaranteed(vf, member.Vf)).Sum(),
    };

    /// <summary>
    /// What was promised, or what the PF's driver keeps for a VF in spite of the ledger, such as a stranger's. What a free VF has is
    /// overwritten when it is handed out.
    /// </summary>
    private static long Guaranteed(Candidate candidate, VirtualFunction vf) => candidate.Holding is VfHolding.Free or VfHolding.Unhealthy
        ? 0
        : Math.Max(candidate.Standing!.GuaranteedMbps, vf.Settings?.MinTxRateMbps ?? 0);
}
