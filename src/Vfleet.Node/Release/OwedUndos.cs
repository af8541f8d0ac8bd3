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

    /// <summary>From the beginning of the first attempt to the next, whichever process makes it; twice as long after each, up to <see cref="Longest"/>.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>How many are tried side by side; the others are next.</summary>
    private const int AtOnce = 8;

    /// <summary>Tries what is due.</summary>
    /// <param name="cancel">Ends the waiting; what is not done is tried again.</param>
    /// <returns>What did not succeed, in words, by allocation.</returns>
    public async Task<Outcome<IReadOnlyDictionary<string, string>>> TryAsync(CancellationToken cancel)
    {
        Outcome<bool> any = ledger.Read(view => All(view).Any(owed => IsDue(owed, time.GetUtcNow()) && IsOurs(view, owed)));
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
            change.SetMeta(Key(allocation.Id), Text(new Owed(allocation.Id, DateTimeOffset.UnixEpoch, 0)));
    }

    /// <summary>
    /// Drops what is owed for an earlier allocation of the same request: from here on the workload's front door answers for both, and to undo the
    /// first now would take what the second has.
    /// </summary>
    /// <returns>Refused while somebody undoes it.</returns>
    internal static Fault? Supersede(LedgerChange change, string requestKey)
    {
        foreach (Owed owed in All(change))
        {
            if (change.Allocation(owed.Id) is not { } before || before.RequestKey != requestKey)
                continue;
            // Begun less than its deadline ago; the clock may have been set since.
            TimeSpan since = change.Now - (owed.Next - Wait(owed.Tries));
            if (owed.Tries > 0 && since >= TimeSpan.Zero && since < Deadline)
                return Fault.Refused($"what {before.Owner.Name} had before ({owed.Id}) is being given back for the same request", null,
                    "ask again when that is done", owed.Id);
            change.SetMeta(Key(owed.Id), null);
        }
        return null;
    }

    private List<LedgerAllocation> Claim(LedgerChange change)
    {
        List<LedgerAllocation> mine = [];
        foreach (Owed owed in All(change).Where(owed => IsDue(owed, change.Now) && IsOurs(change, owed)))
        {
            // One that history has forgotten is told to nobody any more.
            if (change.Allocation(owed.Id) is not { } allocation)
            {
                change.SetMeta(Key(owed.Id), null);
                continue;
            }
            if (mine.Count == AtOnce)
                break;
            change.SetMeta(Key(owed.Id), Text(new Owed(owed.Id, change.Now + Wait(owed.Tries + 1), owed.Tries + 1)));
            mine.Add(allocation);
        }
        return mine;
    }

    /// <summary>True for what a front door of this process can undo, and for what nobody can any more.</summary>
    private bool IsOurs(LedgerView view, Owed owed) => view.Allocation(owed.Id) is not { } allocation || doors.Find(allocation.FrontDoor) is not null;

    private static TimeSpan Wait(int tries) => tries <= 0 ? TimeSpan.Zero : tries > 6 ? Longest : Between * (1 << (tries - 1));

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
            return Fault.TimedOut($"what {allocation.FrontDoor} did for it was not undone within {Deadline.TotalSeconds:0} s", "it is tried again");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A front door's defect must not fail the hand-out of somebody else, whose call this attempt is part of.
            return new Fault(FaultKind.Internal, $"what {allocation.FrontDoor} did for it could not be undone: {e.Message}") { Target = allocation.Id };
        }
    }

    /// <summary>One that is too far ahead was noted before the clock was set back.</summary>
    private static bool IsDue(Owed owed, DateTimeOffset now) => owed.Next <= now || owed.Next > now + Wait(owed.Tries);

    private static IEnumerable<Owed> All(LedgerView view) => view.MetaOf(Prefix).Select(Parse).OfType<Owed>();

    private static string Key(string id) => $"{Prefix}{id}";

    private static string Text(Owed owed) => string.Create(CultureInfo.InvariantCulture, $"{owed.Id} {owed.Next.ToUnixTimeMilliseconds()} {owed.Tries}");

    /// <summary>Null for what was not written here: a file that somebody edited must not stop everybody.</summary>
    private static Owed? Parse(string text) => text.Split(' ') is [var id, var next, var tries]
        && long.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) && milliseconds < 1L << 46
        && int.TryParse(tries, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        ? new Owed(id, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), count)
        : null;

    /// <param name="Id">The allocation.</param>
    /// <param name="Next">When the next attempt may be made.</param>
    /// <param name="Tries">Attempts so far.</param>
    private sealed record Owed(string Id, DateTimeOffset Next, int Tries);
}
