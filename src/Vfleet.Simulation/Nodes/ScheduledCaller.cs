using Vfleet.Node;

namespace Vfleet.Simulation.Nodes;

/// <summary>
/// A process that stops before each step of the ledger and each change of the kernel, and goes on when it is let: then it is the only one that
/// runs.
/// </summary>
internal sealed class ScheduledCaller : IDisposable
{
    /// <summary>Where one that died stands.</summary>
    public const string Dead = "dead";

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _stopped = new(0);
    private readonly SemaphoreSlim _go = new(0);
    private readonly NodeProcess _process;
    private Action? _wait;
    private Task? _work;

    /// <param name="world">Its machine.</param>
    /// <param name="now">Where its clock stands; somewhere when null.</param>
    public ScheduledCaller(NodeWorld world, DateTimeOffset? now = null)
    {
        _process = world.Start(new GatedTime(Wait, now)).Value;
        _process.Passing = Stop;
    }

    /// <summary>Its process.</summary>
    public NodeProcess Process => _process;

    /// <summary>Where it stands; <c>done …</c> at its end.</summary>
    public string At { get; private set; } = "begin";

    /// <summary>True once it has ended or died.</summary>
    public bool IsDone => _work is { IsCompleted: true };

    /// <summary>True for one that died.</summary>
    public bool IsDead { get; private set; }

    /// <summary>What it saw when it was let go on last, as a number: what it read since its last step, on which its next ones depend.</summary>
    public ulong Seen { get; private set; }

    /// <summary>Begins the work, and stops before its first step.</summary>
    /// <param name="work">What it does; its result in a word.</param>
    public Task BeginAsync(Func<LocalNode, Task<string>> work)
    {
        _work = Task.Run(async () =>
        {
            string end;
            try
            {
                // What it reads first is read when it is let, not before.
                Stop(new NodeGate("before it begins", true));
                end = $"done {await work(_process.Node).ConfigureAwait(false)}";
            }
            catch (ProcessDiedException)
            {
                end = Dead;
            }
            lock (_gate)
                At = end;
        });
        return StandsAsync();
    }

    /// <summary>Lets it go on to its next step.</summary>
    /// <param name="view">The machine and the ledger as they are now.</param>
    /// <param name="dies">Ends it here instead.</param>
    public Task GoAsync(ulong view, bool dies)
    {
        Action? wait;
        lock (_gate)
        {
            Seen = view;
            IsDead |= dies;
            if (dies)
                _process.Kill(At);
            (wait, _wait) = (_wait, null);
        }
        if (wait is null)
            _go.Release();
        else
            wait();
        return StandsAsync();
    }

    /// <summary>Ends one that still stands somewhere.</summary>
    public async Task EndAsync()
    {
        while (!IsDone)
            await GoAsync(0, dies: true).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _process.Dispose();
        _stopped.Dispose();
        _go.Dispose();
    }

    /// <summary>Until it stands at its next step, waits for another, or has ended.</summary>
    private async Task StandsAsync()
    {
        using CancellationTokenSource over = new();
        Task stands = _stopped.WaitAsync(over.Token);
        if (await Task.WhenAny(stands, _work!).ConfigureAwait(false) != stands)
            await over.CancelAsync().ConfigureAwait(false);
        if (_work!.IsCompleted)
            await _work.ConfigureAwait(false);
    }

    private void Stop(NodeGate gate)
    {
        if (!gate.IsChange || !gate.Name.StartsWith("before ", StringComparison.Ordinal))
            return;
        lock (_gate)
            At = gate.Name;
        _stopped.Release();
        _go.Wait();
        if (IsDead)
            throw new ProcessDiedException();
    }

    private void Wait(Action end)
    {
        lock (_gate)
        {
            // The lock it looks for again and again may never be free.
            if (IsDead)
                throw new ProcessDiedException();
            At = "waits";
            _wait = () => ThreadPool.QueueUserWorkItem(_ => end());
        }
        _stopped.Release();
    }
}
