using Vfleet.Host.Settings;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>Attachment records as part of the ledger: keeping one is the step after which the kernel may be changed.</summary>
/// <param name="ledger">The ledger.</param>
public sealed class LedgerAttachmentStore(NodeLedger ledger) : IAttachmentStore
{
    /// <inheritdoc/>
    public Outcome<IReadOnlyList<AttachmentRecord>> List() => ledger.Read<IReadOnlyList<AttachmentRecord>>(view =>
        [.. view.Vfs().Where(vf => vf.Record is not null).Select(vf => vf.Record!).OrderBy(record => record.Vf, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public Outcome<AttachmentRecord?> Find(string vf) => ledger.Read(view => view.Vf(vf)?.Record);

    /// <summary>
    /// Who holds a VF without a record: an owner that takes it as it is, or one that somebody else is about to attach it for.
    /// </summary>
    /// <param name="vf">The VF as it is called.</param>
    public Outcome<string?> HolderOf(string vf) => ledger.Read(view =>
    {
        // Whoever attaches a VF has reserved it, and is not in its own way.
        if (view.Vf(vf) is not { } row || !VfTransitions.IsOwned(row.State) || (row.Worker is { } worker && worker == ledger.Actor.Process))
            return null;
        string owner = row.Allocation is { } id && view.Allocation(id) is { } allocation
            ? $"{allocation.Owner.Name} ({id})"
            : "nobody that is known";
        return $"{row.State.ToString().ToLowerInvariant()} for {owner} since {row.Since:yyyy-MM-dd HH:mm:ss}Z";
    });

    /// <inheritdoc/>
    public Outcome<bool> IsKeptReady(string vf) => ledger.Read(view => view.Vf(vf)?.IsWarm == true);

    /// <inheritdoc/>
    public Outcome<bool> IsMacPinned(string vf) => ledger.Read(view => view.Vf(vf)?.Clean?.IsMacPinned == true);

    /// <summary>
    /// Keeps a record. What the VF was before is from now on the state it is to go back to: while a VF is free only whoever runs the
    /// machine changes it.
    /// </summary>
    /// <param name="record">The record.</param>
    public Outcome<Unit> Save(AttachmentRecord record) => ledger.Change<Unit>(LedgerStep.Attaching, change =>
    {
        if (change.Vf(record.Vf) is not { } vf)
            return Unknown(record.Vf);
        // Between its reservation and here somebody may have released it, and another may have got it.
        if (record.Allocation is null || vf.Allocation != record.Allocation)
            return Fault.Refused($"{record.Vf} does not belong to {record.Allocation ?? "any allocation"}",
                $"it is {vf.State} for {vf.Allocation ?? "nobody"}", "ask for a VF again", record.Vf);
        change.SetRecord(record.Vf, record);
        change.SetClean(vf, record.Baseline);
        return change.Move(vf, VfState.Attaching, "attach", record.NamespacePath).Map(_ => Unit.Done);
    });

    /// <inheritdoc/>
    public Outcome<bool> Changing(string vf, string? usedBy) => ledger.Change<bool>(LedgerStep.Repair, change =>
    {
        if (change.Vf(vf) is not { } row)
            return false;
        if (row.IsAvailable && usedBy is not null)
            change.SetStranger(row, usedBy);
        else if (row.IsAvailable)
            return change.Move(row, VfState.Scrubbing, "by hand").Map(_ => true);
        bool isWork = VfTransitions.IsWork(row.State) && (row.State != VfState.Reserved || row.Worker is not null);
        return isWork && (row.Worker is null || row.Worker != change.Actor.Process)
            ? Fault.Refused($"{vf} is being worked on: it is {row.State}", $"by {row.Worker?.Name ?? "a process that gave up"}",
                "try again when that is done; what a process left is finished by `vfleet reconcile`", vf)
            : false;
    });

    /// <inheritdoc/>
    public Outcome<Unit> Changed(string vf, bool isHeld, Baseline? now, VfSettings? set) => ledger.Change<Unit>(LedgerStep.Repair, change =>
    {
        if (change.Vf(vf) is not { } row)
            return Unit.Done;
        if (!isHeld)
        {
            // What had no name before is nobody's to place, and stays so.
            if (row is { State: VfState.Attached, Held: { } held } && now is not null)
                change.SetHeld(vf, set is null ? now with { Name = held.Name is null ? null : now.Name } : held.After(set, now));
            return Unit.Done;
        }
        if (row.State != VfState.Scrubbing || row.Worker != change.Actor.Process)
            return Unit.Done;
        if (row.Clean is { } clean && now is not null)
        {
            // What somebody else changed meanwhile does not become clean by what was set beside it.
            Baseline next = set is null ? now : clean.After(set, now);
            change.SetClean(row, set?.Mac is { } mac ? next with { IsMacPinned = !mac.IsZero } : next);
        }
        Outcome<LedgerVf> freed = change.Move(row, VfState.Free, "by hand");
        // Up for its next owner still; one that was bound anew is made quiet by the next pass.
        if (freed.Succeeded && row.IsWarm && now is not { IsUp: false })
            change.SetWarm(row, true);
        return freed.Map(_ => Unit.Done);
    });

    /// <inheritdoc/>
    public Outcome<Unit> Remove(string vf) => ledger.Change(LedgerStep.Repair, change => change.SetRecord(vf, null));

    /// <summary>Notes that VFs were destroyed: who had one has it no more, and what comes at the same address is another.</summary>
    /// <param name="vfs">The VFs.</param>
    public Outcome<Unit> RemoveMany(IEnumerable<string> vfs) => ledger.Change(LedgerStep.Repair, change =>
    {
        foreach (LedgerVf row in vfs.Select(change.Vf).OfType<LedgerVf>())
            Destroyed(change, row);
    });

    /// <summary>A VF that was free is forgotten, for nobody misses it; any other one is lost.</summary>
    internal static void Destroyed(LedgerChange change, LedgerVf row, string evidence = "destroyed")
    {
        change.ForgetFunction(row);
        if (row.State == VfState.Lost)
            return;
        if (row.State == VfState.Free)
        {
            change.RemoveVf(row, "gone");
            return;
        }
        LedgerAllocation? allocation = row.Allocation is { } id ? change.Allocation(id) : null;
        _ = change.Move(row, VfState.Lost, "lost", $"{evidence} while {allocation?.Owner.Name ?? "nobody"} had it");
        // Others of its VFs may be back already, and free or somebody else's.
        if (allocation is { ReleasedAt: null } && !change.HasVfs(allocation))
            change.Close(allocation, "lost");
    }

    private static Fault Unknown(string vf) =>
        new(FaultKind.Internal, $"{vf} is not in the ledger, so it cannot be handed out") { Target = vf, Operation = LedgerStep.Attaching };
}
