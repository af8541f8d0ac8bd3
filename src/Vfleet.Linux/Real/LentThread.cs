namespace Vfleet.Linux.Real;

/// <summary>
/// A thread for one system call that the kernel may never end; afterwards it is lent again. A thread that stays in the kernel is missed by
/// nobody, which is not so of the thread pool's. Idle ones sleep: waiting busily would keep the processor from whoever has the work.
/// </summary>
internal sealed class LentThread
{
    // Bounds what a burst leaves behind; two take turns where one request follows another.
    private const int MostIdle = 8;
    private static readonly List<LentThread> Idle = [];
    private readonly object _gate = new();
    private Action? _work;

    private LentThread(Action work) => _work = work;

    /// <summary>Runs work on a thread that nobody else uses meanwhile. Returns at once.</summary>
    public static void Run(Action work)
    {
        if (TakeIdle() is not { } thread)
        {
            new Thread(new LentThread(work).Live) { IsBackground = true, Name = "vfleet-kernel" }.UnsafeStart();
            return;
        }
        lock (thread._gate)
        {
            thread._work = work;
            Monitor.Pulse(thread._gate);
        }
    }

    private static LentThread? TakeIdle()
    {
        lock (Idle)
        {
            if (Idle.Count == 0)
                return null;
            LentThread last = Idle[^1];
            Idle.RemoveAt(Idle.Count - 1);
            return last;
        }
    }

    private void Live()
    {
        do
        {
            Action work = _work!;
            _work = null;
            work();
        }
        while (BecomeIdle());
    }

    /// <returns>True with new work; false where enough others are idle.</returns>
    private bool BecomeIdle()
    {
        lock (Idle)
        {
            if (Idle.Count == MostIdle)
                return false;
            Idle.Add(this);
        }
        lock (_gate)
        {
            while (_work is null)
                Monitor.Wait(_gate);
        }
        return true;
    }
}
