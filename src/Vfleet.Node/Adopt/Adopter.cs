using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Naming;
using Vfleet.Host.State;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;

namespace Vfleet.Node.Adopt;

/// <summary>Takes over a VF that somebody put to use by hand: from then on it has an owner, is watched, and goes back clean.</summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="census">Reads both.</param>
public sealed class Adopter(SriovHost host, NodeLedger ledger, CensusTaker census)
{
    /// <summary>Adopts a VF as it is; nothing is changed in the kernel.</summary>
    /// <param name="name">The VF.</param>
    /// <param name="owner">Whom it belongs to.</param>
    /// <param name="tenant">The tenant; null where nobody said.</param>
    /// <param name="before">What it was before it was put to use, where whoever did so wrote that down; null for its clean state.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Refused when it has an owner already.</returns>
    public async Task<Outcome<LedgerAllocation>> AdoptAsync(
        string name, Owner owner, string? tenant, Baseline? before = null, CancellationToken cancel = default)
    {
        Outcome<NodeReading> read = await census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out Fault? fault)
            || !DeviceNames.FindVf(reading.Machine.Pfs, reading.Machine.Vfs, name).Try(out VirtualFunction? vf, out fault))
            return fault;
        // Adopted now, it would be taken for one on the host: nobody would find its owner, nor the way back.
        if (vf is { IsInterfaceElsewhere: true, Link: null })
            return Fault.Refused($"{vf.Label} cannot be adopted: its interface is in a namespace that could not be found",
                "the namespace, or the list of them, could not be read", "try again; where it is private to a program, end that program", vf.Label);
        return ledger.Change(LedgerStep.Adopt, change => Adopt(change, vf, owner, tenant, before));
    }

    private Outcome<LedgerAllocation> Adopt(LedgerChange change, VirtualFunction vf, Owner owner, string? tenant, Baseline? before)
    {
        LedgerVf row = change.Vf(vf.Label)!;
        if (row.State != VfState.Free)
        {
            string who = row.Allocation is { } id ? change.Allocation(id)?.Owner.Name ?? id : "nobody";
            return Fault.Refused($"{vf.Label} cannot be adopted: it is {row.State}", $"it belongs to {who}", $"see `vfleet ledger owner {vf.Label}`", vf.Label);
        }
        LedgerAllocation draft = new()
        {
            Id = "",
            Pool = row.Pool,
            Owner = owner,
            Tenant = tenant,
            FrontDoor = change.Actor.FrontDoor,
            RequestedAt = default,
            Vfs = [new AllocatedVf(vf.Label, vf.Pf.DeviceName, vf.Settings?.MinTxRateMbps ?? 0)],
        };
        if (!change.OpenAllocation(draft, VfState.Attached, isReady: true).Try(out LedgerAllocation? opened, out Fault? fault))
            return fault;
        change.SetStranger(change.Vf(vf.Label)!, null);
        AttachmentRecord record = Record(vf, row, before) with { Allocation = opened.Id };
        change.SetRecord(vf.Label, record);
        change.SetClean(row, record.Baseline);
        change.SetHeld(vf.Label, Baseline.Of(vf, null));
        return opened;
    }

    private AttachmentRecord Record(VirtualFunction vf, LedgerVf row, Baseline? before)
    {
        string path = vf.NamespacePath ?? host.Options.OwnNamespacePath;
        ulong inode = 0;
        if (host.Kernel.OpenNamespace(path).Or(null) is { } space)
        {
            using (space)
                inode = space.Inode;
        }
        return new AttachmentRecord
        {
            Vf = vf.Label,
            Pf = vf.Pf.DeviceName,
            Index = vf.Index,
            NamespacePath = path,
            NamespaceInode = inode,
            BootId = Boot.Id(host.Kernel.Files),
            InterfaceName = vf.Link?.Name,
            RequestedAt = host.Options.Time.GetUtcNow(),
            Baseline = before is not null
                ? before with { Driver = vf.Driver, Name = vf.Link is null ? null : before.Name ?? FreeName(vf) }
                : row.Clean ?? FactoryState.Of(row) with { Driver = vf.Driver, Name = vf.Link is null ? null : FreeName(vf), Mtu = vf.Pf.Mtu },
        };
    }

    /// <summary>A name of its own for a VF that was never seen on the host: as udev names VFs, at most 15 bytes.</summary>
    private static string FreeName(VirtualFunction vf)
    {
        string name = $"{vf.Pf.Label}v{vf.Index}";
        return name.Length <= 15 ? name : $"vf{vf.Index}";
    }
}
