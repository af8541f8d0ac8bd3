using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>What documents want of a machine, before it is known which PFs the machine has.</summary>
public sealed record DesiredState
{
    /// <summary>What each policy wants, the lowest priority number first.</summary>
    public required IReadOnlyList<PfSelection> Selections { get; init; }

    /// <summary>
    /// The pools as the policies write them, in the order of their priorities. Only <see cref="On"/> knows the VFs exactly: here a policy
    /// that names its PFs by vendor alone cannot say how many of each are its own.
    /// </summary>
    public required IReadOnlyList<PoolDefinition> Pools { get; init; }

    /// <summary>Settings by name.</summary>
    public required IReadOnlyList<NamedNetwork> Networks { get; init; }

    /// <summary>Rules of pools by resource name, for pools of other origins too.</summary>
    public required IReadOnlyDictionary<string, PoolRules> Rules { get; init; }

    /// <summary>What documents want; refused while they have problems.</summary>
    public static Outcome<DesiredState> Of(DocumentSet set)
    {
        if (set.Fault is { } fault)
            return fault;
        NodePolicy[] policies = [.. set.Documents.OfType<NodePolicy>()
            .OrderBy(policy => policy.Spec.EffectivePriority).ThenBy(policy => policy.Metadata.Name, StringComparer.Ordinal)];
        Dictionary<string, PoolRules> rules = set.Documents.OfType<PoolPolicy>()
            .ToDictionary(policy => policy.ResourceName, policy => policy.Spec.ToRules(), StringComparer.Ordinal);
        return new DesiredState
        {
            Selections = [.. policies.Select(PfSelection.Of)],
            Pools = [.. policies.GroupBy(policy => policy.ResourceName, StringComparer.Ordinal).Select(pool => Pool([.. pool], rules))],
            Networks = [.. set.Documents.OfType<Network>().Select(NamedNetwork.Of)],
            Rules = rules,
        };
    }

    /// <summary>What is wanted of these PFs, each of them once, with what contradicts itself there.</summary>
    public DesiredNode On(IReadOnlyList<PhysicalFunction> pfs) => DesiredNode.Of(this, pfs);

    private static PoolDefinition Pool(NodePolicy[] policies, Dictionary<string, PoolRules> rules) => new()
    {
        Name = policies[0].ResourceName,
        Origin = string.Join(", ", policies.Select(policy => $"policy {policy.Metadata.Name}")),
        Selectors = [.. policies.Where(policy => policy.Spec.NumVfs > 0).Select(Selector)],
        Driver = PfSelection.DriverOf(policies[0].Spec),
        Rules = rules.GetValueOrDefault(policies[0].ResourceName) ?? new PoolRules(),
    };

    private static VfSelector Selector(NodePolicy policy)
    {
        NicSelector selector = policy.Spec.NicSelector;
        return new VfSelector
        {
            Vendors = selector.Vendor is null ? [] : [selector.Vendor.ToLowerInvariant()],
            PfDevices = selector.DeviceId is null ? [] : [selector.DeviceId.ToLowerInvariant()],
            PfNames = [.. selector.PfNames.Select(Bounded)],
            RootDevices = [.. selector.RootDevices.Select(Bounded)],
            Unanswerable = selector.NetFilter is null ? [] : [$"netFilter={selector.NetFilter}"],
        };

        // A PF may get more VFs than this policy counts: through another policy, or through provision: max.
        PfPart Bounded(PfPart part) => part.Ranges.Count > 0 ? part : part with { Ranges = IndexRanges.UpTo(policy.Spec.NumVfs) };
    }
}

/// <summary>Settings that a VF gets by a network's name.</summary>
/// <param name="Name">Name of the network.</param>
/// <param name="Pool">The pool VFs are taken from.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Document">Everything that is written, for front doors that hand it on.</param>
public sealed record NamedNetwork(string Name, string Pool, VfSettings Settings, Network Document)
{
    internal static NamedNetwork Of(Network network) =>
        new(network.Metadata.Name, network.ResourceName, network.Spec.Settings, network);
}
