using System.Diagnostics;

namespace Vfleet.Linux;

/// <summary>
/// A network namespace without a name, with its loopback interface up. It lives until it is disposed or this process ends, however that
/// ends, and as long as a process is in it.
/// </summary>
public interface IPrivateNamespace : IDisposable
{
    /// <summary>A path by which any process can open it, until it is disposed.</summary>
    string Path { get; }

    /// <summary>Starts a program in it. Equivalent to <c>nsenter --net=PATH PROGRAM ARGUMENTS…</c>.</summary>
    /// <param name="start">The program; standard streams that are not redirected are this process's.</param>
    /// <returns>NotFound where the program is not there, Kernel where it cannot be started.</returns>
    Outcome<Process> Start(ProcessStartInfo start);
}
