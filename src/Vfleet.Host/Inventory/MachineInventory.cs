namespace Vfleet.Host.Inventory;

/// <summary>PFs and VFs of one machine as they were read together.</summary>
/// <param name="Pfs">Every PF, or those that were asked for.</param>
/// <param name="Vfs">VFs of the PFs that were asked for, sorted by PF and index.</param>
public sealed record MachineInventory(IReadOnlyList<PhysicalFunction> Pfs, IReadOnlyList<VirtualFunction> Vfs)
{
    /// <summary>False where only PFs that names lead to were read: nothing follows from the absence of another.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>The VFs of one of the PFs.</summary>
    public IReadOnlyList<VirtualFunction> VfsOf(PhysicalFunction pf) => [.. Vfs.Where(vf => vf.Pf.DeviceName == pf.DeviceName)];
}
