using Vfleet.Host.Inventory;

namespace Vfleet.Node.Pools;

/// <summary>
/// The pools of one machine and the one pool each VF is in. It follows from the definitions and the inventory alone: PFs are matched by the
/// names they have at this moment, so it is made anew for every inventory, and <see cref="MovesSince"/> tells what a renamed PF changed.
/// </summary>
public sealed class PoolCatalog
{
    private const string Implicit = "implicit";

    private readonly MachineInventory _machine;
    private readonly Dictionary<string, PoolDefinition> _byName;
    private readonly Dictionary<(string Pf, int Index), PoolDefinition> _byVf;
    private readonly ILookup<string, VirtualFunction> _members;
    private readonly Dictionary<string, PoolDefinition> _byPf = new(StringComparer.Ordinal);

    private PoolCatalog(IReadOnlyList<PoolDefinition> definitions, MachineInventory machine)
    {
        _machine = machine;
        _byName = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
        List<PoolDefinition> pools = [.. definitions];
        List<PoolMember> members = new(machine.Vfs.Count);
        foreach (VirtualFunction vf in machine.Vfs)
        {
            PoolDefinition? defined = definitions.FirstOrDefault(pool => pool.Selectors.Any(each => PoolSelection.Matches(each, vf)));
            members.Add(new PoolMember(vf, defined ?? ImplicitOf(vf.Pf, pools)));
        }
        Pools = pools;
        Members = members;
        _byVf = members.ToDictionary(member => (member.Vf.Pf.DeviceName, member.Vf.Index), member => member.Pool);
        _members = members.ToLookup(member => member.Pool.Name, member => member.Vf, StringComparer.Ordinal);
        UnknownPfs = [.. definitions.SelectMany(UnknownIn)];
    }

    /// <summary>Defined pools in their order, then those of PFs with VFs that no definition means.</summary>
    public IReadOnlyList<PoolDefinition> Pools { get; }

    /// <summary>Every VF, in the inventory's order, with its pool.</summary>
    public IReadOnlyList<PoolMember> Members { get; }

    /// <summary>PFs that definitions name and that are not found: why VFs are in other pools after a PF was renamed.</summary>
    public IReadOnlyList<UnknownPf> UnknownPfs { get; }

    /// <summary>Puts every VF into its pool.</summary>
    /// <param name="definitions">In order of precedence: a VF is in the first one that means it.</param>
    /// <param name="machine">Every PF and VF of the machine as they are now.</param>
    /// <returns>Usage where two definitions have one name.</returns>
    public static Outcome<PoolCatalog> Create(IReadOnlyList<PoolDefinition> definitions, MachineInventory machine)
    {
        Dictionary<string, PoolDefinition> seen = new(StringComparer.Ordinal);
        foreach (PoolDefinition definition in definitions)
        {
            if (!seen.TryAdd(definition.Name, definition))
            {
                return Fault.Usage($"pool {definition.Name} is defined twice: by {seen[definition.Name].Origin} and by {definition.Origin}",
                    "give one of them another name, or put the selectors of both into one", definition.Name);
            }
        }
        return new PoolCatalog(definitions, machine);
    }

    /// <summary>A pool by name. A PF's implicit pool also answers to the PF's device name and alternative names.</summary>
    /// <returns>NotFound where there is no such pool on this machine.</returns>
    public Outcome<PoolDefinition> Find(string name)
    {
        if (_byName.TryGetValue(name, out PoolDefinition? pool))
            return pool;
        PhysicalFunction? pf = _machine.Pfs.FirstOrDefault(pf => pf.DeviceName == name || pf.Name == name || pf.AltNames.Contains(name));
        if (pf is not null && _byPf.TryGetValue(pf.DeviceName, out pool))
            return pool;
        if (pf is not null)
        {
            return pf.NumVfs == 0
                ? Fault.NotFound($"no pool {name}: the PF has no VFs", $"create some: vfleet vf create {pf.Label} N", name)
                : Fault.NotFound($"no pool {name}: every VF of the PF is in a defined pool", KnownPools(), name);
        }
        return Fault.NotFound($"no pool {name}", KnownPools(), name);
    }

    /// <summary>The VFs of a pool in the inventory's order; empty for one without VFs here.</summary>
    /// <param name="pool">Its name as in <see cref="Pools"/>.</param>
    public IEnumerable<VirtualFunction> VfsOf(string pool) => _members[pool];

    /// <summary>The pool a VF of this inventory is in; null for one of another inventory that has gone since.</summary>
    public PoolDefinition? PoolOf(VirtualFunction vf) => _byVf.GetValueOrDefault((vf.Pf.DeviceName, vf.Index));

    /// <summary>VFs that are in another pool than in an earlier catalog. Those that came or went meanwhile did not move.</summary>
    public IReadOnlyList<PoolMove> MovesSince(PoolCatalog before) =>
    [
        .. from member in Members
           let earlier = before.PoolOf(member.Vf)
           where earlier is not null && earlier.Name != member.Pool.Name
           select new PoolMove(member.Vf.Label, earlier.Name, member.Pool.Name),
    ];

    private PoolDefinition ImplicitOf(PhysicalFunction pf, List<PoolDefinition> pools)
    {
        if (_byPf.TryGetValue(pf.DeviceName, out PoolDefinition? pool))
            return pool;
        VfSelector all = new() { RootDevices = [new PfPart(pf.DeviceName, [])] };
        pool = new PoolDefinition { Name = FreeName(pf), Origin = Implicit, Selectors = [all] };
        _byName.Add(pool.Name, pool);
        _byPf.Add(pf.DeviceName, pool);
        pools.Add(pool);
        return pool;
    }

    /// <summary>Somebody may have called a pool as a PF is called; that pool keeps the name.</summary>
    private string FreeName(PhysicalFunction pf)
    {
        IEnumerable<string> further = Enumerable.Range(1, _byName.Count + 1).Select(number => $"{pf.DeviceName}-{Implicit}{number}");
        return further.Prepend(pf.DeviceName).Prepend(pf.Label).First(name => !_byName.ContainsKey(name));
    }

    private IEnumerable<UnknownPf> UnknownIn(PoolDefinition definition)
    {
        foreach (VfSelector selector in definition.Selectors)
        {
            foreach (PfPart part in selector.PfNames.Where(part => !_machine.Pfs.Any(pf => PoolSelection.IsNamed(part, pf))))
                yield return new UnknownPf(definition.Name, definition.Origin, part);
            foreach (PfPart part in selector.RootDevices.Where(part => !_machine.Pfs.Any(pf => PoolSelection.IsDevice(part, pf))))
                yield return new UnknownPf(definition.Name, definition.Origin, part);
        }
    }

    private string KnownPools() => _byName.Count == 0
        ? "there is no pool on this machine"
        : $"known: {string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal))}";
}
