namespace Vfleet.Simulation.Profiles;

/// <summary>Gives every PF a place where neither it nor its VFs lie on another's addresses.</summary>
internal sealed class SlotPlan(PciCard card, int totalVfs)
{
    private readonly HashSet<ushort> _used = [];
    private int _lastBus;

    /// <summary>The PF's address and VF offset; null where the buses are used up.</summary>
    public (PciAddress Address, int Offset)? Next(int index)
    {
        int offset = card.Offsets[Math.Min(index, card.Offsets.Count - 1)];
        if (index < card.Addresses.Count && Take(card.Addresses[index], offset))
            return (card.Addresses[index], offset);
        offset = card.Offsets[0];
        PciAddress free = new(0, (ushort)((_lastBus + 1) << 8));
        return _lastBus < 0xff && Take(free, offset) ? (free, offset) : null;
    }

    private bool Take(PciAddress pf, int offset)
    {
        List<ushort> wanted = [pf.RoutingId];
        for (int index = 0; index < totalVfs; index++)
        {
            if (pf.VirtualFunction(index, offset, card.Stride) is not { } vf)
                return false;
            wanted.Add(vf.RoutingId);
        }
        if (wanted.Exists(_used.Contains))
            return false;
        _used.UnionWith(wanted);
        _lastBus = Math.Max(_lastBus, wanted.Max() >> 8);
        return true;
    }
}
