using System.Runtime.InteropServices;
using Vfleet.Linux.Real;

namespace Vfleet.Cli.Session;

/// <summary>
/// While a program runs for this process, signals are its business: they are passed on to it, and end nothing here. Else Ctrl-C and SIGTERM
/// cancel the command.
/// </summary>
internal sealed class SignalRoute : IDisposable
{
    private static SignalRoute? current;
    private readonly int _process;
    private readonly PosixSignalRegistration[] _further;

    private SignalRoute(int process)
    {
        _process = process;
        _further = [Register(PosixSignal.SIGHUP), Register(PosixSignal.SIGQUIT)];
    }

    /// <summary>Passes signals on to a process until it is disposed.</summary>
    public static SignalRoute To(int process) => current = new SignalRoute(process);

    /// <summary>Passes a signal on.</summary>
    /// <returns>False where no program runs for this process.</returns>
    public static bool Pass(PosixSignal signal)
    {
        if (Volatile.Read(ref current) is not { } route)
            return false;
        // What a key sends, the program has got from the terminal already; a second one would be taken for impatience.
        if (signal is not (PosixSignal.SIGINT or PosixSignal.SIGQUIT) || !ProcessSignal.HasTerminal)
            _ = ProcessSignal.Send(route._process, signal);
        return true;
    }

    public void Dispose()
    {
        Volatile.Write(ref current, null);
        foreach (PosixSignalRegistration registration in _further)
            registration.Dispose();
    }

    private static PosixSignalRegistration Register(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = Pass(context.Signal));
}
