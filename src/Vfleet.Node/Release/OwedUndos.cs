using System.Globalization;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Node.Release;

/// <summary>
/// What front doors still have to undo for allocations that ended without them, such as an address to give back. The VFs do not wait for it: an
/// engine that hangs or was removed would keep them from everybody. It is noted in the change that claims the VFs, and tried again until it is done.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="doors">The front doors of this process; what belongs to another is left to one that has it.</param>
/// <param name="time">Measures the deadline.</param>
public sealed class OwedUndos(NodeLedger ledger, FrontDoors doors, TimeProvider time)
{
    private const string Prefix = "undo/";

    /// <summary>How long an attempt may take; all that are due are tried side by side.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>From the beginning of one attempt to the next, whichever process makes it.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    /// <summary>Tries what is due.</summary>
    /// <param name="cancel">Ends the waiting; what is not done is tried again.</param>
    /// <returns>What did not succeed, in words, by allocation.</returns>
    public async Task<Outcome<IReadOnlyDictionary<string, string>>> TryAsync(CancellationToken cancel)
    {
        Outcome<bool> any = ledger.Read(view => view.MetaOf(Prefix).Any(text => IsDue(text, time.GetUtcNow())));
        if (!any.Try(out bool isAny, out Fault? fault))
            return fault;
        if (!isAny)
            return new Dictionary<string, string>();
        if (!ledger.Change(LedgerStep.Undo, change => Outcome<List<LedgerAllocation>>.Of(Claim(change))).Try(out List<LedgerAllocation>? due, out fault))
            return fault;
        Dictionary<string, string> left = new(StringComparer.Ordinal);
        Fault?[] ended = await Task.WhenAll(due.Select(each => UndoAsync(each, cancel))).ConfigureAwait(false);
        foreach ((LedgerAllocation allocation, Fault? stuck) in due.Zip(ended).Where(each => each.Second is not null))
            left[allocation.Id] = $"{allocation.Id} of {allocation.Owner.Name}: {stuck!.Error}";
        string[] done = [.. due.Select(each => each.Id).Where(id => !left.ContainsKey(id))];
        return done.Length > 0 && ledger.Change(LedgerStep.Undo, change => Array.ForEach(done, id => change.SetMeta(Key(id), null))).Fault is { } unkept
            ? unkept
            : left;
    }

    /// <summary>Notes that an allocation's front door has something to undo; one whose owner has no words of a front door's has not.</summary>
    internal static void Owe(LedgerChange change, LedgerAllocation allocation)
    {
        if (allocation.Owner.Workload is not null && change.Meta(Key(allocation.Id)) is null)
            change.SetMeta(Key(allocation.Id), Text(allocation.Id, DateTimeOffset.UnixEpoch));
    }

    /// <summary>
    /// Drops what is owed for an earlier allocation of the same request: from here on the workload's front door answers for both, and to undo the
    /// first now would take what the second has.
    /// </summary>
    /// <returns>Refused while somebody undoes it.</returns>
    internal static Fault? Supersede(LedgerChange change, string requestKey)
    {
        foreach ((string id, DateTimeOffset next) in change.MetaOf(Prefix).Select(Parse).OfType<(string, DateTimeOffset)>())
        {
            if (change.Allocation(id) is not { } owed || owed.RequestKey != requestKey)
                continue;
            if (next - change.Now > Between - Deadline)
                return Fault.Refused($"what {owed.Owner.Name} had before ({id}) is being given back for the same request", null, "ask again when that is done", id);
            change.SetMeta(Key(id), null);
        }
        return null;
    }

    private List<LedgerAllocation> Claim(LedgerChange change)
    {
        List<LedgerAllocation> mine = [];
        foreach (string text in change.MetaOf(Prefix).Where(text => IsDue(text, change.Now)))
        {
            string id = Parse(text)!.Value.Id;
            LedgerAllocation? allocation = change.Allocation(id);
            // One that history has forgotten is told to nobody any more.
            if (allocation is null)
                change.SetMeta(Key(id), null);
            if (allocation is null || doors.Find(allocation.FrontDoor) is null)
                continue;
            change.SetMeta(Key(id), Text(id, change.Now + Between));
            mine.Add(allocation);
        }
        return mine;
    }

    private async Task<Fault?> UndoAsync(LedgerAllocation allocation, CancellationToken cancel)
    {
        using CancellationTokenSource late = new(Deadline, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        FrontDoorUndo undo = new(allocation.Id, allocation.Owner, [.. allocation.Vfs.Select(vf => vf.Vf)]);
        try
        {
            return (await doors.Find(allocation.FrontDoor)!.UndoAsync(undo, either.Token).ConfigureAwait(false)).Fault;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            // How a front door says that its time was up.
            return Fault.TimedOut($"what {allocation.FrontDoor} did for it was not undone within {Deadline.TotalSeconds:0} s", "it is tried again every minute");
        }
    }

    private static bool IsDue(string text, DateTimeOffset now) => Parse(text) is { } owed && owed.Next <= now;

    private static string Key(string id) => $"{Prefix}{id}";

    private static string Text(string id, DateTimeOffset next) => string.Create(CultureInfo.InvariantCulture, $"{id} {next.ToUnixTimeMilliseconds()}");

    /// <summary>Null for what was not written here: a file that somebody edited must not stop everybody.</summary>
    private static (string Id, DateTimeOffset Next)? Parse(string text) => text.Split(' ') is [var id, var next]
        && long.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) && milliseconds < 1L << 46
        ? (id, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))
        : null;
}
