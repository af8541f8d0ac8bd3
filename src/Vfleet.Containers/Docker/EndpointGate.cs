namespace Vfleet.Containers.Docker;

/// <summary>
/// Lets one call after the other work on an endpoint: dockerd repeats a call whose answer it did not get while the first still works.
/// </summary>
internal sealed class EndpointGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    /// <summary>Waits for its turn.</summary>
    /// <returns>Ends the turn when disposed.</returns>
    public async Task<IDisposable> EnterAsync(string endpoint, CancellationToken cancel)
    {
        Waiting mine;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(endpoint, out mine!))
                _waiting[endpoint] = mine = new Waiting();
            mine.Count++;
        }
        try
        {
            await mine.Turn.WaitAsync(cancel).ConfigureAwait(false);
            return new Stay(this, endpoint, mine);
        }
        catch (OperationCanceledException)
        {
            // Whoever lost patience waits no more, and hears of it.
            Leave(endpoint, mine);
            throw;
        }
    }

    private void Leave(string endpoint, Waiting mine)
    {
        lock (_lock)
        {
            if (--mine.Count == 0)
                _waiting.Remove(endpoint);
        }
    }

    private sealed class Waiting
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Count { get; set; }
    }

    private sealed class Stay(EndpointGate gate, string endpoint, Waiting mine) : IDisposable
    {
        public void Dispose()
        {
            mine.Turn.Release();
            gate.Leave(endpoint, mine);
        }
    }
}
