namespace Vfleet.Host.Inventory;

/// <summary>PFs and VFs of one machine as they were read together.</summary>
/// <param name="Pfs">Every PF, or those that were asked for.</param>
/// <param name="Vfs">VFs of the PFs that were asked for, sorted by PF and index.</param>
public sealed record MachineInventory(IReadOnlyList<PhysicalFunction> Pfs, IReadOnlyList<VirtualFunction> Vfs)
{
    /// <summary>The VFs of one of the PFs.</summary>
    public IReadOnlyList<VirtualFunction> VfsOf(PhysicalFunction pf) => [.. Vfs.Where(vf => vf.Pf.DeviceName == pf.DeviceName)];
}
