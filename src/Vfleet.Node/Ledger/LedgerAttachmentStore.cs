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

    /// <inheritdoc/>
    public Outcome<Unit> Save(AttachmentRecord record) => ledger.Change<Unit>(LedgerStep.Attaching, change =>
    {
        if (change.Vf(record.Vf) is not { } vf)
            return Unknown(record.Vf);
        change.SetRecord(record.Vf, record);
        return change.Move(vf, VfState.Attaching, "attach", record.NamespacePath).Map(_ => Unit.Done);
    });

    /// <inheritdoc/>
    public Outcome<Unit> Remove(string vf) => ledger.Change(LedgerStep.Repair, change => change.SetRecord(vf, null));

    /// <inheritdoc/>
    public Outcome<Unit> RemoveMany(IEnumerable<string> vfs) => ledger.Change(LedgerStep.Repair, change =>
    {
        foreach (string vf in vfs)
            change.SetRecord(vf, null);
    });

    private static Fault Unknown(string vf) =>
        new(FaultKind.Internal, $"{vf} is not in the ledger, so it cannot be handed out") { Target = vf, Operation = LedgerStep.Attaching };
}
