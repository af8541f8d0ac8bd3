using System.Runtime.CompilerServices;
using Vfleet.Node.Ledger;

namespace Vfleet.Agent.History;

/// <summary>
/// History as it comes, from whichever process: the kernel tells when the ledger's file was written (inotify(7)), so nobody asks in vain.
/// Where
/// it cannot, the ledger is asked each second, but only while somebody follows.
/// </summary>
public sealed class HistoryFeed : IDisposable
{
    private const int Batch = 500;

    // A change is written before it can be read: SQLite waits for the disk in between. So after a write the ledger is asked more than once.
    private static readonly TimeSpan[] Rechecks =
        [TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), Doubt = TimeSpan.FromSeconds(15);
    private readonly NodeLedger _ledger;
    private readonly TimeProvider _time;
    private readonly FileSystemWatcher? _watcher;
    private TaskCompletionSource _written = New();

    /// <summary>Watches a ledger.</summary>
    public HistoryFeed(NodeLedger ledger, TimeProvider time)
    {
        _ledger = ledger;
        _time = time;
        try
        {
            _watcher = new FileSystemWatcher(Path.GetDirectoryName(ledger.Path)!,
                $"{Path.GetFileName(ledger.Path)}*") { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size };
            _watcher.Changed += (_, _) => Signal();
            _watcher.Error += (_, _) => Signal();
            _watcher.EnableRaisingEvents = true;
        }
        catch (IOException)
        {
            // No more watches for this user (fs.inotify.max_user_instances): asking is dearer and works.
            _watcher?.Dispose();
            _watcher = null;
        }
    }

    /// <summary>Rows after a sequence, then those that come, until cancelled.</summary>
    /// <param name="after">The last sequence the follower has; null for the newest now.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Rows, or null where nothing came for some seconds, so that a follower can show that it lives.</returns>
    public async IAsyncEnumerable<Outcome<HistoryRow?>> FollowAsync(long? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (!(after is { } known ? known : Head()).Try(out long last, out Fault? fault))
        {
            yield return fault;
            yield break;
        }
        int recheck = Rechecks.Length;
        while (true)
        {
            // Taken before the reading: what is written during it ends the waiting at once.
            Task written = Volatile.Read(ref _written).Task;
            if (!_ledger.Read(view => view.History(last, Batch)).Try(out IReadOnlyList<HistoryRow>? rows, out fault))
            {
                yield return fault;
                yield break;
            }
            foreach (HistoryRow row in rows)
                yield return row;
            last = rows.Count > 0 ? rows[^1].Sequence : last;
            if (rows.Count > 0)
                continue;
            if (recheck < Rechecks.Length)
                await Task.Delay(Rechecks[recheck++], _time, cancel).ConfigureAwait(false);
            else if (await ChangesAsync(written, cancel).ConfigureAwait(false))
                recheck = 0;
            else
                yield return Outcome<HistoryRow?>.Of(null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watcher?.Dispose();

    private Outcome<long> Head() => _ledger.Read(view => view.Head().Sequence);

    private void Signal() => Interlocked.Exchange(ref _written, New()).TrySetResult();

    private async Task<bool> ChangesAsync(Task written, CancellationToken cancel)
    {
        try
        {
            await written.WaitAsync(_watcher is null ? Poll : Doubt, _time, cancel).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
