using System.Threading.Tasks.Sources;

namespace Vfleet.Linux.Real;

/// <summary>
/// Runs a system call on a thread of its own, one at a time, so that waiting for it can end before it does. It is used again and again and
/// allocates nothing. Whoever waited goes on upon the thread of the call: one change of threads for each call, not two. Its owner uses it from
/// one place at a time.
/// </summary>
internal sealed class SideCall : IValueTaskSource
{
    private readonly object _gate = new();
    private readonly Action _run;
    private readonly Action? _inPlace;
    private ManualResetValueTaskSourceCore<bool> _waiting;
    private CancellationTokenRegistration _caller;
    private Action? _then;
    private bool _isRunning;
    private bool _isAwaited;

    /// <summary>Prepares a call.</summary>
    /// <param name="call">The system call. It must not throw: what came of it is left where its owner finds it.</param>
    /// <param name="waitsInPlace">It runs on the caller's thread after all, and has ended when <see cref="Start"/> returns.</param>
    public SideCall(Action call, bool waitsInPlace = false)
    {
        _inPlace = waitsInPlace ? call : null;
        _run = () =>
        {
            call();
            Ended();
        };
    }

    /// <summary>Starts the call; the one before has ended.</summary>
    public void Start()
    {
        if (_inPlace is not null)
        {
            _inPlace();
            return;
        }
        lock (_gate)
            _isRunning = true;
        LentThread.Run(_run);
    }

    /// <summary>Awaits the call that is under way; done at once where there is none.</summary>
    /// <param name="cancel">Ends the waiting; the call goes on, and can be awaited again.</param>
    public ValueTask EndAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            if (!_isRunning)
                return ValueTask.CompletedTask;
            _waiting.Reset();
            _isAwaited = true;
        }
        _caller = cancel.UnsafeRegister(static (call, token) => ((SideCall)call!).GiveUp(token), this);
        return new ValueTask(this, _waiting.Version);
    }

    /// <summary>Does something at once, or as soon as the call that is under way has ended.</summary>
    public void WhenEnded(Action then)
    {
        lock (_gate)
        {
            if (_isRunning)
            {
                _then += then;
                return;
            }
        }
        then();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiting.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        _caller.Dispose();
        _ = _waiting.GetResult(token);
    }

    private void Ended()
    {
        bool isAwaited;
        Action? then;
        lock (_gate)
        {
            _isRunning = false;
            (isAwaited, _isAwaited) = (_isAwaited, false);
            (then, _then) = (_then, null);
        }
        then?.Invoke();
        if (!isAwaited)
            return;
        _waiting.RunContinuationsAsynchronously = false;
        _waiting.SetResult(true);
    }

    private void GiveUp(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_isAwaited)
                return;
            _isAwaited = false;
        }
        // Whoever waited must not go on inside the timer or the Ctrl-C that ended the waiting.
        _waiting.RunContinuationsAsynchronously = true;
        _waiting.SetException(new OperationCanceledException(token));
    }
}
