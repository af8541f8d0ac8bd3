using System.Diagnostics;

namespace Vfleet.Linux.Real;

/// <summary>
/// A thread in a network namespace. What it starts begins there, and where it asked to end with whoever started it, ends with this: dispose
/// it after them.
/// </summary>
public sealed class NamespaceThread : IDisposable
{
    private readonly KeptThread _thread = new();

    private NamespaceThread()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="within">The namespace; it may be closed afterwards. Null for this process's own.</param>
    /// <returns>NotPermitted for who may not enter it (setns(2)).</returns>
    public static Outcome<NamespaceThread> Enter(NetworkNamespace? within)
    {
        NamespaceThread made = new();
        Outcome<Unit> entered = made._thread.Do(() =>
            within is not null && RealNetworkNamespace.Enter(within) is { } refused ? refused : Outcome<Unit>.Of(Unit.Done));
        if (entered.Fault is not { } fault)
            return made;
        made.Dispose();
        return fault;
    }

    /// <summary>Starts a program in the namespace. Equivalent to <c>nsenter --net=PATH PROGRAM ARGUMENTS…</c>.</summary>
    /// <param name="start">The program; standard streams that are not redirected are this process's.</param>
    /// <returns>NotFound where the program is not there, Kernel where it cannot be started.</returns>
    public Outcome<Process> Start(ProcessStartInfo start) => _thread.Do(() => ProgramImage.Start(start));

    /// <inheritdoc/>
    public void Dispose() => _thread.Dispose();
}
