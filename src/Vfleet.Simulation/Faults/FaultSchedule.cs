namespace Vfleet.Simulation.Faults;

/// <summary>The faults that are on. Safe for concurrent use; switch them at any time.</summary>
public sealed class FaultSchedule
{
    private readonly Lock _lock = new();
    private readonly List<Armed> _armed = [];
    private readonly List<(SimulatedFault Fault, string Target)> _struck = [];
    private int _paused;

    internal FaultSchedule(Action<FaultInjection> armed) => OnArmed = armed;

    /// <summary>Names of all faults, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Enum.GetValues<SimulatedFault>().Select(FaultSyntax.NameOf).Order(StringComparer.Ordinal)];

    /// <summary>Faults that struck so far, in order: fault and target.</summary>
    public IReadOnlyList<(SimulatedFault Fault, string Target)> Struck
    {
        get
        {
            lock (_lock)
                return [.. _struck];
        }
    }

    private Action<FaultInjection> OnArmed { get; }

    /// <summary>Switches a fault on.</summary>
    public void Arm(FaultInjection injection)
    {
        lock (_lock)
            _armed.Add(new Armed(injection));
        OnArmed(injection);
    }

    /// <summary>Switches a fault on by its text: <c>NAME[@TARGET][*COUNT][+AFTER]</c>, such as <c>slow-probe@0000:01:10.0*3</c>.</summary>
    public Outcome<Unit> Arm(string text)
    {
        if (!FaultSyntax.Parse(text).Try(out FaultInjection? injection, out Fault? fault))
            return fault;
        Arm(injection);
        return Unit.Done;
    }

    /// <summary>Switches every fault off, and releases what was blocked.</summary>
    public void ClearAll()
    {
        lock (_lock)
        {
            foreach (Armed armed in _armed)
                armed.Released.Set();
            _armed.Clear();
        }
    }

    /// <summary>No fault strikes and none counts until the result is disposed: for whoever looks from outside.</summary>
    internal IDisposable Pause()
    {
        lock (_lock)
            _paused++;
        return new Pausing(this);
    }

    /// <summary>Switches a fault off, with all its targets, and releases what it blocked.</summary>
    public void Clear(SimulatedFault fault)
    {
        lock (_lock)
        {
            foreach (Armed armed in _armed.Where(armed => armed.Injection.Fault == fault))
                armed.Released.Set();
            _armed.RemoveAll(armed => armed.Injection.Fault == fault);
        }
    }

    /// <summary>Counts an operation against the fault; the injection where it strikes.</summary>
    internal FaultInjection? Hit(SimulatedFault fault, string target) => Strike(fault, target)?.Injection;

    internal bool IsHit(SimulatedFault fault, string target) => Strike(fault, target) is not null;

    /// <summary>True while a fault is on for the target; nothing is counted.</summary>
    internal bool IsArmed(SimulatedFault fault, string target)
    {
        lock (_lock)
            return _armed.Any(armed => armed.Injection.Fault == fault && armed.Injection.Matches(target));
    }

    /// <summary>True while a fault is on for anything.</summary>
    internal bool IsOn(SimulatedFault fault)
    {
        lock (_lock)
            return _armed.Exists(armed => armed.Injection.Fault == fault);
    }

    /// <summary>Blocks while the fault is on for the target.</summary>
    internal void BlockOn(SimulatedFault fault, string target) => Strike(fault, target)?.Released.Wait();

    private Armed? Strike(SimulatedFault fault, string target)
    {
        lock (_lock)
        {
            foreach (Armed armed in _armed)
            {
                if (_paused > 0 || armed.Injection.Fault != fault || !armed.Injection.Matches(target) || !armed.Count())
                    continue;
                _struck.Add((fault, target));
                return armed;
            }
            return null;
        }
    }

    private sealed class Pausing(FaultSchedule schedule) : IDisposable
    {
        public void Dispose()
        {
            lock (schedule._lock)
                schedule._paused--;
        }
    }

    private sealed class Armed(FaultInjection injection)
    {
        private int _seen;

        public FaultInjection Injection => injection;

        public ManualResetEventSlim Released { get; } = new(false);

        public bool Count()
        {
            _seen++;
            return _seen > injection.After && _seen - injection.After <= injection.Count;
        }
    }
}
