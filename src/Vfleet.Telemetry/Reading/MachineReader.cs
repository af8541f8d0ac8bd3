using Vfleet.Host.Inventory;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Reads PFs and VFs at once, and where that hangs PF by PF: the kernel lets nobody read the files of a PF whose number of VFs is being changed, and
/// that must not hide the others. In this second way PFs on other buses than PCI are left out.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="parts">Reads with deadlines.</param>
/// <param name="time">Clock.</param>
internal sealed class MachineReader(IKernel kernel, PartReader parts, TimeProvider time)
{
    private const string Machine = "machine", Pf = "pf";

    /// <summary>Each part has its deadline here; below it none counts a second time.</summary>
    private readonly InventoryReader _inventory = new(kernel, new ReadTimer(time, Timeout.InfiniteTimeSpan));

    /// <summary>Reads.</summary>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>TimedOut where not even the list of PFs can be read, or no PF at all.</returns>
    public async Task<Outcome<MachineInventory>> ReadAsync(CancellationToken cancel)
    {
        if (!parts.IsStuck(Machine))
        {
            Asked<MachineInventory>? whole = await parts.ReadAsync(Machine, null, async () => new Asked<MachineInventory>(
                await _inventory.ReadWithoutRoutesAsync(VfDetail.SettingsAndCounters, CancellationToken.None).ConfigureAwait(false)), cancel).ConfigureAwait(false);
            if (whole is { Answer.Fault: not { Kind: FaultKind.TimedOut } })
                return whole.Answer;
        }
        return await OneByOneAsync(cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<MachineInventory>> OneByOneAsync(CancellationToken cancel)
    {
        if (!new PciBus(kernel.Files).Addresses().Try(out IReadOnlyList<PciAddress>? addresses, out Fault? fault))
            return fault;
        List<PhysicalFunction> pfs = [];
        List<VirtualFunction> vfs = [];
        foreach (PciAddress address in addresses.Where(address => kernel.Files.Exists($"{address.SysfsPath}/sriov_totalvfs")))
        {
            Asked<MachineInventory>? read = await parts.ReadAsync(Pf, address.ToString(), async () => new Asked<MachineInventory>(await _inventory
                .ReadWithoutRoutesAsync([address.ToString()], VfDetail.SettingsAndCounters, CancellationToken.None).ConfigureAwait(false)), cancel)
                .ConfigureAwait(false);
            if (read?.Answer.Or(null) is not { } some)
                continue;
            pfs.AddRange(some.Pfs.Where(pf => pf.Address == address));
            vfs.AddRange(some.Vfs.Where(vf => vf.Pf.Address == address));
        }
        return pfs.Count > 0
            ? new MachineInventory(pfs, vfs) { IsWhole = false }
            : Fault.TimedOut("no PF of the machine could be read", "a file of the kernel blocks: a driver or its device is stuck", "look at the kernel log (dmesg)");
    }

    /// <summary>An answer, so that a fault is told from nothing.</summary>
    private sealed record Asked<T>(Outcome<T> Answer);
}
