using Vfleet.Agent.Loop;

namespace Vfleet.Agent.Tests;

/// <summary>A pass that takes as long, and ends as, the test says; it notes when it began, and whether two ran at once.</summary>
internal sealed class ScriptedPass(VirtualTime time) : IReconcilePass
{
    private readonly List<TimeSpan> _begun = [];
    private int _running;

    public bool Overlapped { get; private set; }

    public Func<CancellationToken, Task<Outcome<PassSummary>>> Run { get; set; } = _ =>
        Task.FromResult<Outcome<PassSummary>>(new PassSummary(0, []));

    public IReadOnlyList<TimeSpan> Begun
    {
        get
        {
            lock (_begun)
                return [.. _begun];
        }
    }

    public async Task<Outcome<PassSummary>> PassAsync(CancellationToken cancel)
    {
        lock (_begun)
            _begun.Add(time.Now);
        Overlapped |= Interlocked.Increment(ref _running) > 1;
        try
        {
            return await Run(cancel);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public Task BeganAsync(int passes) => Soon.TrueAsync(() => Begun.Count >= passes, () => $"{Begun.Count} passes instead of {passes}");
}
