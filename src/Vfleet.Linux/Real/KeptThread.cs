using System.Collections.Concurrent;

namespace Vfleet.Linux.Real;

/// <summary>
/// A thread that does what it is given until it is disposed. Namespaces are a thread's own, and children that asked to end with whoever
/// started them (prctl(2), PR_SET_PDEATHSIG) end with the thread that did, so both need one that stays.
/// </summary>
public sealed class KeptThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    /// <summary>Starts it.</summary>
    public KeptThread()
    {
        _thread = new Thread(Live) { IsBackground = true, Name = "vfleet-kept" };
        _thread.Start();
    }

    /// <summary>Has it do something, and waits until that is done.</summary>
    public Outcome<T> Do<T>(Func<Outcome<T>> work)
    {
        TaskCompletionSource<Outcome<T>> done = new();
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                // Carried to the caller's thread; an exception must not end the process from here.
                done.SetException(e);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Ends it; the kernel may know it for a moment longer.</summary>
    public void Dispose()
    {
        if (_work.IsAddingCompleted)
            return;
        _work.CompleteAdding();
        _thread.Join();
    }

    private void Live()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
            work();
    }
}
