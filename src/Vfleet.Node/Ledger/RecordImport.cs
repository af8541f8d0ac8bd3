using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>
/// Takes over the attachment records that a vfleet without a ledger kept as files: each becomes an allocation of an owner named after its
/// namespace. A file is removed after its allocation is durable, so a crash between imports it again, which changes nothing.
/// </summary>
internal static class RecordImport
{
    public static Outcome<Unit> Run(string stateDirectory, NodeLedger ledger)
    {
        AttachmentStore files = new(stateDirectory);
        if (!files.List().Try(out IReadOnlyList<AttachmentRecord>? records, out Fault? fault))
            return fault;
        foreach (AttachmentRecord record in records)
        {
            if (ledger.Change(LedgerStep.Adopt, change => Import(change, record)).Fault is { } refused)
                return refused;
            if (files.Remove(record.Vf).Fault is { } stuck)
                return stuck;
        }
        return Unit.Done;
    }

    private static Outcome<Unit> Import(LedgerChange change, AttachmentRecord record)
    {
        LedgerVf row = change.Vf(record.Vf) ?? change.AddVf(record.Vf, record.Pf, record.Index, record.Pf, record.Baseline);
        if (row.State != VfState.Free)
            return Unit.Done;
        LedgerAllocation draft = Draft(row, record);
        if (!change.OpenAllocation(draft, VfState.Attached, isReady: true).Try(out LedgerAllocation? opened, out Fault? fault))
            return fault;
        change.SetRecord(record.Vf, record with { Allocation = opened.Id });
        return Unit.Done;
    }

    /// <summary>
    /// The allocation that a record stands for: of an owner named after the namespace it went to, as far as nobody knows better.
    /// </summary>
    internal static LedgerAllocation Draft(LedgerVf row, AttachmentRecord record) => new()
    {
        Id = "",
        Pool = row.Pool,
        Owner = new Owner
        {
            Name = Path.GetFileName(record.NamespacePath),
            Kind = OwnerKind.Namespace,
            BootId = record.BootId,
            NamespacePath = record.NamespacePath,
            NamespaceInode = record.NamespaceInode,
            NamespaceCookie = record.NamespaceCookie,
        },
        FrontDoor = "cli",
        RequestedAt = default,
        Vfs = [new AllocatedVf(record.Vf, record.Pf, 0)],
    };
}
