using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Namespaces;

/// <summary>Namespaces by name, process and descriptor. Everything here runs under the machine's gate.</summary>
internal sealed class NamespaceTable
{
    private const ulong FirstInode = 4026531840;
    private const int FirstDescriptor = 100;
    private const int FirstProcess = 1;

    private readonly SimulatedMachine _machine;
    private readonly List<SimulatedNamespace> _alive = [];
    private readonly SortedDictionary<string, SimulatedNamespace> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, SimulatedProcess> _processes = [];
    private readonly Dictionary<int, SimulatedNamespace> _descriptors = [];
    private readonly SortedSet<ulong> _freeInodes = [];
    private ulong _lastInode = FirstInode - 1;
    private ulong _lastCookie;
    private long _lastStart;
    private int _lastDescriptor = FirstDescriptor - 1;

    public NamespaceTable(SimulatedMachine machine)
    {
        _machine = machine;
        Initial = Create();
        Initial.References++;
        AddProcess(FirstProcess, Initial, "init");
    }

    public SimulatedNamespace Initial { get; }

    public IEnumerable<SimulatedNamespace> All => _alive;

    public IEnumerable<string> Names => _names.Keys;

    public IEnumerable<int> Processes => _processes.Keys;

    public SimulatedNamespace? ByName(string name) => _names.GetValueOrDefault(name);

    public SimulatedProcess? Process(int pid) => _processes.GetValueOrDefault(pid);

    /// <summary>The namespace of a process; one that ended and waits for its parent has none.</summary>
    public SimulatedNamespace? ByProcess(int pid) => _processes.GetValueOrDefault(pid)?.Namespace;

    public SimulatedNamespace? ByDescriptor(int descriptor) => _descriptors.GetValueOrDefault(descriptor);

    public Errno AddName(string name)
    {
        if (_names.ContainsKey(name))
            return Errno.EEXIST;
        Hold(_names[name] = Create());
        return Errno.None;
    }

    public Errno RemoveName(string name)
    {
        if (!_names.Remove(name, out SimulatedNamespace? space))
            return Errno.ENOENT;
        Release(space);
        return Errno.None;
    }

    /// <summary>Starts a process; without a namespace it gets a fresh one.</summary>
    public void AddProcess(int pid, SimulatedNamespace? within, string command)
    {
        RemoveProcess(pid);
        SimulatedNamespace space = within ?? Create();
        Hold(space);
        // One tick apart, so that a number that is used again has another start.
        _processes[pid] = new SimulatedProcess(command, ++_lastStart) { Namespace = space };
    }

    /// <summary>Ends a process whose parent does not ask for it.</summary>
    public void LeaveZombie(int pid)
    {
        if (_processes.GetValueOrDefault(pid) is not { Namespace: { } space } process)
            return;
        process.Namespace = null;
        Release(space);
    }

    public void RemoveProcess(int pid)
    {
        if (_processes.Remove(pid, out SimulatedProcess? process) && process.Namespace is { } space)
            Release(space);
    }

    public int Open(SimulatedNamespace space)
    {
        Hold(space);
        _descriptors[++_lastDescriptor] = space;
        return _lastDescriptor;
    }

    public void Close(int descriptor)
    {
        if (_descriptors.Remove(descriptor, out SimulatedNamespace? space))
            Release(space);
    }

    public static void Hold(SimulatedNamespace space) => space.References++;

    /// <summary>Drops a reference; the last one ends the namespace.</summary>
    public void Release(SimulatedNamespace space)
    {
        if (--space.References > 0)
            return;
        _alive.Remove(space);
        _freeInodes.Add(space.Inode);
        foreach (SimulatedNamespace other in _alive)
            other.PeerIds.Remove(space.Inode);
        LinkMove.Rescue(_machine, space);
    }

    private SimulatedNamespace Create()
    {
        SimulatedNamespace space = new(NextInode(), ++_lastCookie);
        space.Links.Add(1, new SimulatedLink
        {
            Name = "lo",
            Namespace = space,
            Index = 1,
            Switches = new LinkSwitches(space.Defaults),
            Mtu = 65536,
            MaximumMtu = 0,
            Flags = SimulatedLink.FlagLoopback | SimulatedLink.FlagUp,
            Carrier = true,
            Addresses = { new LinkAddress(2, [127, 0, 0, 1], 8, 254) },
        });
        _alive.Add(space);
        return space;
    }

    /// <summary>The lowest free one. Source: fs/proc/generic.c, proc_alloc_inum.</summary>
    private ulong NextInode()
    {
        if (_freeInodes.Count == 0)
            return ++_lastInode;
        ulong lowest = _freeInodes.Min;
        _freeInodes.Remove(lowest);
        return lowest;
    }
}
