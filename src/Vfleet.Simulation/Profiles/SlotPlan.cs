namespace Vfleet.Simulation.Profiles;

/// <summary>Gives every PF a place where neither it nor its VFs lie on another's addresses.</summary>
internal sealed class SlotPlan(MachineProfile profile, int totalVfs)
{
    private readonly HashSet<ushort> _used = [];
    private int _lastBus;

    /// <summary>The PF's address and VF offset; null where the buses are used up.</summary>
    public (PciAddress Address, int Offset)? Next(int index)
    {
        int offset = profile.Offsets[Math.Min(index, profile.Offsets.Count - 1)];
        if (index < profile.Addresses.Count && Take(profile.Addresses[index], offset))
            return (profile.Addresses[index], offset);
        offset = profile.Offsets[0];
        PciAddress free = new(0, (ushort)((_lastBus + 1) << 8));
        return _lastBus < 0xff && Take(free, offset) ? (free, offset) : null;
    }

    private bool Take(PciAddress pf, int offset)
    {
        List<ushort> wanted = [pf.RoutingId];
        for (int index = 0; index < totalVfs; index++)
        {
            if (pf.VirtualFunction(index, offset, profile.Stride) is not { } vf)
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
