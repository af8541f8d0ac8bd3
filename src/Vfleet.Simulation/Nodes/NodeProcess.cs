using Vfleet.Node;

namespace Vfleet.Simulation.Nodes;

/// <summary>Where a process dies.</summary>
/// <param name="OnlyChanges">Counts what leaves something behind: steps of the ledger and changes of the kernel; else readings too.</param>
/// <param name="At">Places of that kind that it passes before, from 0.</param>
internal sealed record CrashPoint(bool OnlyChanges, int At);

/// <summary>One process of a simulated machine with a node of its own. It can be told to die at a place, and then does nothing any more.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _changes = [];
    private CrashPoint? _crash;
    private int _all;
    private bool _isDead;

    private NodeProcess(int pid) => Pid = pid;

    /// <summary>Its number.</summary>
    public int Pid { get; }

    /// <summary>Its node.</summary>
    public LocalNode Node { get; private set; } = null!;

    /// <summary>Where it died; null while it lives.</summary>
    public string? DiedAt { get; private set; }

    /// <summary>Called at every place, outside of any lock; may block, and may throw <see cref="ProcessDiedException"/>.</summary>
    public Action<NodeGate>? Passing { get; set; }

    /// <summary>Places of either kind passed since <see cref="Watch"/>.</summary>
    public int Passed => _all;

    /// <summary>Places that leave something behind, passed since <see cref="Watch"/>, in order.</summary>
    public IReadOnlyList<string> Changes
    {
        get
        {
            lock (_gate)
                return [.. _changes];
        }
    }

    /// <summary>Starts a process on a machine.</summary>
    public static Outcome<NodeProcess> Start(IKernel machine, int pid, Func<NodeProcess, IKernel, Outcome<LocalNode>> open)
    {
        NodeProcess process = new(pid);
        return open(process, new GatedKernel(machine, process.Pass)).Map(node =>
        {
            process.Node = node;
            return process;
        });
    }

    /// <summary>Counts from zero again, and dies where it is told to; null lets it live.</summary>
    public void Watch(CrashPoint? crash)
    {
        lock (_gate)
        {
            _crash = crash;
            _all = 0;
            _changes.Clear();
        }
    }

    /// <summary>Ends it where it is: every later operation throws.</summary>
    public void Kill(string where)
    {
        lock (_gate)
        {
            _isDead = true;
            DiedAt ??= where;
        }
    }

    /// <summary>Told of a step of the ledger.</summary>
    public void Stepped(string step) => Pass(new NodeGate($"{step} in the ledger", true));

    public void Dispose() => Node?.Dispose();

    private void Pass(NodeGate gate)
    {
        lock (_gate)
        {
            if (_isDead)
                throw new ProcessDiedException();
            int number = _crash is { OnlyChanges: true } ? _changes.Count : _all;
            bool counts = gate.IsChange || _crash is { OnlyChanges: false };
            if (_crash is { } crash && counts && number == crash.At)
            {
                _isDead = true;
                DiedAt = gate.Name;
                throw new ProcessDiedException();
            }
            _all++;
            if (gate.IsChange)
                _changes.Add(gate.Name);
        }
        Passing?.Invoke(gate);
    }
}
