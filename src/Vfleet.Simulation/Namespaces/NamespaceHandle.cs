namespace Vfleet.Simulation.Namespaces;

/// <summary>An open handle; it keeps its namespace alive.</summary>
internal sealed class NamespaceHandle : NetworkNamespace
{
    private readonly SimulatedMachine _machine;
    private readonly int _descriptor;
    private bool _closed;

    /// <summary>Opens a handle; under the machine's gate.</summary>
    public NamespaceHandle(SimulatedMachine machine, SimulatedNamespace space, string path)
    {
        _machine = machine;
        Space = space;
        Path = path;
        _descriptor = machine.Namespaces.Open(space);
    }

    public SimulatedNamespace Space { get; }

    public override string Path { get; }

    public override int Descriptor
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _descriptor;
        }
    }

    public override ulong Inode => Space.Inode;

    public override ulong? Cookie => Space.Cookie;

    /// <summary>The simulated kernel takes a request within the call: nothing outlasts it.</summary>
    public override IDisposable KeepOpen() => new NamespaceHandle(_machine, Space, Path);

    protected override void Dispose(bool disposing)
    {
        lock (_machine.Gate)
        {
            if (_closed)
                return;
            _closed = true;
            _machine.Namespaces.Close(_descriptor);
        }
    }
}
