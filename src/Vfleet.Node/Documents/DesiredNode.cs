using Vfleet.Host.Inventory;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>What documents want of the PFs a machine has.</summary>
public sealed record DesiredNode
{
    /// <summary>The PFs some policy is about, in the order they were given.</summary>
    public required IReadOnlyList<DesiredPf> Pfs { get; init; }

    /// <summary>
    /// The pools, each VF named by its PF and index, in the order of their priorities. A pool no VF is in has no selectors.
    /// </summary>
    public required IReadOnlyList<PoolDefinition> Pools { get; init; }

    /// <summary>What cannot be done here: policies that meet on a PF under different names, counts above what a device has.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>What priorities decided, and policies that match no PF.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    internal static DesiredNode Of(DesiredState state, IReadOnlyList<PhysicalFunction> pfs)
    {
        List<DesiredPf> desired = [];
        List<Fault> faults = [];
        List<string> notes = [];
        HashSet<string> matched = new(StringComparer.Ordinal);
        foreach (PhysicalFunction pf in pfs)
        {
            PfWish[] wishes = [.. state.Selections.Where(selection => selection.Matches(pf)).Select(selection => PfWish.Of(selection, pf))];
            if (wishes.Length == 0)
                continue;
            matched.UnionWith(wishes.Select(wish => wish.Policy));
            PfMerge merge = PfMerge.Of(pf.Label, wishes, pf.TotalVfs);
            desired.Add(DesiredPf.Of(pf, merge));
            faults.AddRange(merge.Findings.Where(finding => finding.IsProblem)
                .Select(finding => Fault.Usage(finding.Message, finding.Remedy, pf.Label)));
            notes.AddRange(merge.Findings.Where(finding => !finding.IsProblem).Select(finding => finding.Message));
        }

        notes.AddRange(state.Selections.Where(selection => !matched.Contains(selection.Policy))
            .Select(selection => $"policy {selection.Policy} matches no PF of this machine"));
        return new DesiredNode
        {
            Pfs = desired,
            Pools = [.. state.Pools.Select(pool => pool with { Selectors = [.. desired.SelectMany(pf => Selectors(pf, pool.Name))] })],
            Faults = faults,
            Notes = notes,
        };
    }

    private static IEnumerable<VfSelector> Selectors(DesiredPf pf, string pool)
    {
        foreach (VfGroup group in pf.Groups.Where(group => group.ResourceName == pool))
        {
            // By address where there is one: an interface may be renamed.
            yield return pf.Pf.Address is { } address
                ? new VfSelector { RootDevices = [new PfPart(address.ToString(), group.Ranges)] }
                : new VfSelector { PfNames = [new PfPart(pf.Pf.Label, group.Ranges)] };
        }
    }
}

/// <summary>What all policies together want of one PF.</summary>
public sealed record DesiredPf
{
    /// <summary>The PF as it is.</summary>
    public required PhysicalFunction Pf { get; init; }

    /// <summary>Number of VFs it should have.</summary>
    public required int WantedVfs { get; init; }

    /// <summary>MTU; null leaves it.</summary>
    public int? Mtu { get; init; }

    /// <summary>Mode of the switch in the NIC; null leaves it.</summary>
    public EswitchMode? EswitchMode { get; init; }

    /// <summary>Link type; null leaves it.</summary>
    public PfLinkType? LinkType { get; init; }

    /// <summary>True where somebody else creates the VFs: nothing is to be created or set here.</summary>
    public bool IsExternallyManaged { get; init; }

    /// <summary>Which VFs are which resource; ranges of different groups are disjoint.</summary>
    public required IReadOnlyList<VfGroup> Groups { get; init; }

    internal static DesiredPf Of(PhysicalFunction pf, PfMerge merge) => new()
    {
        Pf = pf,
        WantedVfs = merge.WantedVfs,
        Mtu = merge.First(selection => selection.Mtu),
        EswitchMode = merge.First(selection => selection.EswitchMode),
        LinkType = merge.First(selection => selection.LinkType),
        IsExternallyManaged = merge.Winner.IsExternallyManaged,
        Groups = merge.Groups,
    };
}
