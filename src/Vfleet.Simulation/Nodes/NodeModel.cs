using Vfleet.Node.Ledger;

namespace Vfleet.Simulation.Nodes;

/// <summary>An allocation that somebody was told they have.</summary>
internal sealed class ModelAllocation
{
    public required LedgerAllocation Allocation { get; init; }

    /// <summary>Name of the namespace its VFs are in; null for one that is only held.</summary>
    public string? Namespace { get; init; }

    /// <summary>VLAN its VFs got; null for those taken as they were.</summary>
    public int? Vlan { get; init; }

    /// <summary>False once its owner died, its VFs were destroyed, or a release of it was tried: it may have ended.</summary>
    public bool IsSure { get; set; } = true;

    /// <summary>False once somebody other than vfleet changed where its VFs are.</summary>
    public bool IsInPlace { get; set; } = true;

    /// <summary>Its owner is dead: at rest nothing of it may be left.</summary>
    public bool IsOver { get; set; }
}

/// <summary>Remembers what was acknowledged, apart from the ledger, and compares: I3 nothing of it is lost, I5 nobody touches a VF in use.</summary>
internal sealed class NodeModel
{
    private readonly Dictionary<string, ModelAllocation> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);

    /// <summary>Free VFs that were changed by hand and had no owner since.</summary>
    public HashSet<string> ChangedByHand { get; } = new(StringComparer.Ordinal);

    public IEnumerable<ModelAllocation> All => _known.Values;

    public void Acknowledge(ModelAllocation allocation) => _known[allocation.Allocation.Id] = allocation;

    /// <summary>A release was tried, and its end is not known.</summary>
    public void Doubt(string id)
    {
        if (_known.TryGetValue(id, out ModelAllocation? known))
            known.IsSure = known.IsInPlace = false;
    }

    /// <summary>A release was acknowledged.</summary>
    public void Release(string id)
    {
        _known.Remove(id);
        _released.Add(id);
    }

    /// <summary>A namespace is gone, and with it every owner that it was.</summary>
    public void NamespaceGone(string name)
    {
        foreach (ModelAllocation each in All.Where(each => each.Namespace == name || each.Allocation.Owner.NamespacePath == $"/run/netns/{name}"))
        {
            each.IsInPlace = false;
            if (each.Allocation.Owner.Kind == OwnerKind.Namespace)
                Over(each);
        }
    }

    public void ProcessGone(int pid)
    {
        foreach (ModelAllocation each in All.Where(each => each.Allocation.Owner is { Kind: OwnerKind.Process } owner && owner.ProcessId == pid))
            Over(each);
    }

    /// <summary>Every VF was destroyed.</summary>
    /// <param name="isNoticed">A process may have seen the machine without them.</param>
    public void VfsDestroyed(bool isNoticed)
    {
        foreach (ModelAllocation each in All)
        {
            each.IsInPlace = false;
            each.IsSure &= !isNoticed;
        }
        ChangedByHand.Clear();
    }

    public void Rebooted()
    {
        foreach (ModelAllocation each in All.Where(each => each.Allocation.Owner.Kind != OwnerKind.Name))
            Over(each);
    }

    public IEnumerable<NodeViolation> Check(NodeWorld world, NodeLedger ledger, bool isAtRest)
    {
        Outcome<(IReadOnlyList<LedgerVf> Vfs, IReadOnlyList<LedgerAllocation> Open)> read = ledger.Read(view => (view.Vfs(), view.OpenAllocations()));
        if (!read.Try(out (IReadOnlyList<LedgerVf> Vfs, IReadOnlyList<LedgerAllocation> Open) now, out Fault? fault))
            return [new NodeViolation("I3", $"the ledger cannot be read: {fault.Error}")];
        Dictionary<string, LedgerVf> rows = now.Vfs.ToDictionary(row => row.Vf, StringComparer.Ordinal);
        ChangedByHand.RemoveWhere(vf => rows.GetValueOrDefault(vf) is { State: not (VfState.Free or VfState.Lost) });
        HashSet<string> open = [.. now.Open.Select(each => each.Id)];
        List<NodeViolation> found = [];
        foreach (string id in _released.Where(open.Contains))
            found.Add(new NodeViolation("I3", $"{id} was released, and is open"));
        found.AddRange(now.Vfs.Where(row => row is { IsAvailable: true, IsWarm: false } && !ChangedByHand.Contains(row.Vf) && !world.IsAtRest(row.Vf))
            .Select(row => new NodeViolation("I2", $"{row.Vf} is free and not kept ready, and its interface is up or not as a new one")));
        found.AddRange(now.Vfs.Where(row => row is { IsAvailable: true } && !world.IsUntuned(row.Vf))
            .Select(row => new NodeViolation("I4", $"{row.Vf} is free, and tuned as for an owner it had")));
        foreach (ModelAllocation each in All)
        {
            if (isAtRest && each.IsOver && open.Contains(each.Allocation.Id))
                found.Add(new NodeViolation("I2", $"{each.Allocation.Id} is open, and its owner {each.Allocation.Owner.Name} is dead"));
            found.AddRange(each.Allocation.Vfs.SelectMany(vf => Compare(world, each, vf.Vf, rows.GetValueOrDefault(vf.Vf))));
        }
        return found;
    }

    private static void Over(ModelAllocation allocation)
    {
        allocation.IsOver = true;
        allocation.IsSure = allocation.IsInPlace = false;
    }

    private static IEnumerable<NodeViolation> Compare(NodeWorld world, ModelAllocation each, string vf, LedgerVf? row)
    {
        string id = each.Allocation.Id;
        if (each.IsSure && (row?.Allocation != id || row.State is not (VfState.Attached or VfState.Reserved)))
            yield return new NodeViolation("I3", $"{vf} was given to {each.Allocation.Owner.Name} as {id}, and is {row?.State.ToString() ?? "unknown"} for {row?.Allocation ?? "nobody"}");
        if (!each.IsInPlace || each.Namespace is not { } space)
            yield break;
        if (world.Place(vf)?.Namespace != space)
            yield return new NodeViolation("I5", $"{vf} of {each.Allocation.Owner.Name} was put into {space}, and is in {world.Place(vf)?.Namespace ?? "no namespace"}");
        if (each.Vlan is { } vlan && world.Vlan(vf) != vlan)
            yield return new NodeViolation("I5", $"{vf} of {each.Allocation.Owner.Name} got VLAN {vlan}, and has {world.Vlan(vf)}");
    }
}
