using Vfleet.Node;
using Vfleet.Node.Census;

namespace Vfleet.Agent.Api;

/// <summary>
/// The machine as callers see it. Reading it takes a while, so one reading serves whoever asks within a second, unless the ledger has
/// changed
/// since; and however many ask, one reads at a time.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="time">Clock.</param>
internal sealed class ReadingCache(LocalNode node, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1);
    private NodeReading? _reading;
    private long _sequence, _at;

    public async Task<Outcome<NodeReading>> TakeAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!Head().Try(out long sequence, out Fault? fault))
                return fault;
            if (_reading is not null && sequence == _sequence && time.GetElapsedTime(_at) < Longest)
                return _reading;
            long at = time.GetTimestamp();
            Outcome<NodeReading> read = await node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false);
            if (!read.Try(out NodeReading? reading, out fault))
                return fault;
            // The ledger as it was before: what was written meanwhile makes the next caller read anew.
            (_reading, _sequence, _at) = (reading, sequence, at);
            return reading;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private Outcome<long> Head() => node.Ledger.Read(view => view.Head().Sequence);
}
