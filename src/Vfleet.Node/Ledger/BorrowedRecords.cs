using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>Records of whoever borrows VFs: it sees every owner, and keeps its own records as files.</summary>
/// <param name="all">Every record.</param>
/// <param name="files">Where its own are kept.</param>
internal sealed class BorrowedRecords(StateRecords all, AttachmentStore files) : IAttachmentStore
{
    /// <inheritdoc/>
    public Outcome<IReadOnlyList<AttachmentRecord>> List() => all.List();

    /// <inheritdoc/>
    public Outcome<AttachmentRecord?> Find(string vf) => all.Find(vf);

    /// <inheritdoc/>
    public Outcome<string?> HolderOf(string vf) => all.HolderOf(vf);

    /// <inheritdoc/>
    public Outcome<bool> IsKeptReady(string vf) => all.IsKeptReady(vf);

    /// <inheritdoc/>
    public Outcome<bool> IsMacPinned(string vf) => all.IsMacPinned(vf);

    /// <inheritdoc/>
    public Outcome<Unit> Save(AttachmentRecord record) => files.Save(record);

    /// <inheritdoc/>
    public Outcome<Unit> Remove(string vf) => files.Remove(vf);

    /// <inheritdoc/>
    public Outcome<Unit> RemoveMany(IEnumerable<string> vfs) => files.RemoveMany(vfs);
}
