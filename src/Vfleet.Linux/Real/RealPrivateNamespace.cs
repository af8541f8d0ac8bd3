using System.Diagnostics;

namespace Vfleet.Linux.Real;

/// <summary>
/// A thread that has a network namespace of its own. What it starts is in the same one: a process begins in those of the thread that forked
/// it.
/// </summary>
internal sealed class RealPrivateNamespace : IPrivateNamespace
{
    private readonly KeptThread _thread = new();

    public string Path { get; private set; } = "";

    /// <summary>Equivalent to <c>unshare --net</c>, with the loopback interface up.</summary>
    public static Outcome<IPrivateNamespace> Create(IKernel kernel)
    {
        RealPrivateNamespace space = new();
        if (space._thread.Do(space.Enter).Try(out _, out Fault? fault)
            && kernel.OpenNamespace(space.Path).Try(out NetworkNamespace? opened, out fault))
        {
            using (opened)
            {
                if (NamedNamespaces.LoopbackUp(kernel, opened).Try(out _, out fault))
                    return space;
            }
        }
        space.Dispose();
        return fault;
    }

    public Outcome<Process> Start(ProcessStartInfo start) => _thread.Do(() => ProgramImage.Start(start));

    public void Dispose() => _thread.Dispose();

    private Outcome<Unit> Enter()
    {
        if (Native.Unshare(Native.CloneNewNet) != 0)
            return Fault.FromErrno(Native.LastError, "unshare --net", "network namespace");
        Path = $"/proc/{new FileInfo("/proc/thread-self").LinkTarget}/ns/net";
        return Unit.Done;
    }
}
