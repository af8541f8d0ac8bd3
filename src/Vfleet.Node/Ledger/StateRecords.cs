using Vfleet.Host.Settings;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>
/// The attachment records of a state directory for those who only look who has a VF, or change VFs that nobody has: the ledger's where
/// there is one, and the files of a vfleet that had none. The ledger is opened when it is first needed, and never made.
/// </summary>
/// <param name="options">Where the ledger is.</param>
/// <param name="actor">Who notes destroyed VFs in it.</param>
public sealed class StateRecords(LedgerOptions options, Func<Actor> actor) : IAttachmentStore, IDisposable
{
    private readonly Lock _gate = new();
    private readonly AttachmentStore _files = new(options.StateDirectory);
    private NodeLedger? _ledger;
    private bool _isLent;

    /// <summary>Where the ledger is, or would be.</summary>
    public string Path => options.Path;

    /// <summary>See <see cref="LedgerOptions.IsThere"/>.</summary>
    public Outcome<bool> IsThere() => options.IsThere();

    /// <summary>Takes a ledger that is open anyhow, instead of opening it once more.</summary>
    /// <param name="ledger">The ledger of the same directory; its owner disposes it, after this.</param>
    public void Use(NodeLedger ledger)
    {
        lock (_gate)
        {
            if (_ledger is not null)
                return;
            _ledger = ledger;
            _isLent = true;
        }
    }

    /// <summary>The ledger; null where there is none yet.</summary>
    public Outcome<NodeLedger?> Ledger()
    {
        lock (_gate)
        {
            if (_ledger is not null)
                return _ledger;
            if (!options.IsThere().Try(out bool isThere, out Fault? fault))
                return fault;
            return !isThere ? Outcome<NodeLedger?>.Of(null) : NodeLedger.Open(options, actor()).Map(opened => (NodeLedger?)(_ledger = opened));
        }
    }

    /// <inheritdoc/>
    public Outcome<IReadOnlyList<AttachmentRecord>> List() => Ask<IReadOnlyList<AttachmentRecord>>(
        store => store.List(), (mine, old) =>
            [.. mine.Concat(old).DistinctBy(record => record.Vf).OrderBy(record => record.Vf, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public Outcome<AttachmentRecord?> Find(string vf) => Ask<AttachmentRecord?>(store => store.Find(vf), (mine, old) => mine ?? old);

    /// <inheritdoc/>
    public Outcome<string?> HolderOf(string vf) => Ask<string?>(store => store.HolderOf(vf), (mine, old) => mine ?? old);

    /// <inheritdoc/>
    public Outcome<bool> IsKeptReady(string vf) => Ask(store => store.IsKeptReady(vf), (mine, _) => mine);

    /// <inheritdoc/>
    public Outcome<bool> IsMacPinned(string vf) => Ask(store => store.IsMacPinned(vf), (mine, _) => mine);

    /// <summary>Refused: a VF is handed out through the node, which holds it for its owner first.</summary>
    /// <param name="record">The record.</param>
    public Outcome<Unit> Save(AttachmentRecord record) =>
        new Fault(FaultKind.Internal, $"{record.Vf} cannot be handed out past the ledger") { Target = record.Vf };

    /// <summary>
    /// The same for a measurement that borrows free VFs for seconds: its records are files, so that what a crash leaves is taken over and taken back
    /// by the next command that opens the ledger.
    /// </summary>
    public IAttachmentStore ForBorrowing() => new BorrowedRecords(this, _files);

    /// <inheritdoc/>
    public Outcome<Unit> Remove(string vf) => Ask(store => store.Remove(vf), (_, done) => done);

    /// <inheritdoc/>
    public Outcome<Unit> RemoveMany(IEnumerable<string> vfs)
    {
        string[] all = [.. vfs];
        return Ask(store => store.RemoveMany(all), (_, done) => done);
    }

    /// <inheritdoc/>
    public Outcome<bool> Changing(string vf, string? usedBy) =>
        Ledger().Try(out NodeLedger? ledger, out Fault? fault)
            ? ledger is null ? false : new LedgerAttachmentStore(ledger).Changing(vf, usedBy)
            : fault;

    /// <inheritdoc/>
    public Outcome<Unit> Changed(string vf, bool isHeld, Baseline? now, VfSettings? set) =>
        Ledger().Try(out NodeLedger? ledger, out Fault? fault)
            ? ledger is null ? Unit.Done : new LedgerAttachmentStore(ledger).Changed(vf, isHeld, now, set)
            : fault;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isLent)
            _ledger?.Dispose();
    }

    /// <summary>Asks both: a record that was not imported yet is a file still.</summary>
    private Outcome<T> Ask<T>(Func<IAttachmentStore, Outcome<T>> ask, Func<T, T, T> join)
    {
        if (!Ledger().Try(out NodeLedger? ledger, out Fault? fault))
            return fault;
        Outcome<T> old = ask(_files);
        if (ledger is null || !old.Try(out T? files, out _))
            return old;
        return ask(new LedgerAttachmentStore(ledger)).Map(mine => join(mine, files));
    }
}
