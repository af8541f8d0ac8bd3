using System.Diagnostics;
using System.Globalization;
using Vfleet.Linux.Real;

namespace Vfleet.Simulation.Namespaces;

/// <summary>
/// A namespace that a simulated process keeps. Programs cannot run on a simulated machine: what is started in it runs on the real one, where
/// it was called, and has no VF.
/// </summary>
internal sealed class PrivateNamespace : IPrivateNamespace
{
    /// <summary>Far from what the real machine gives to those who stand for themselves on the simulated one.</summary>
    private const int FirstProcess = 1 << 24;

    private readonly SimulatedMachine _machine;
    private readonly KeptThread _thread = new();
    private readonly int _keeper;

    private PrivateNamespace(SimulatedMachine machine, int keeper)
    {
        _machine = machine;
        _keeper = keeper;
        Path = string.Create(CultureInfo.InvariantCulture, $"/proc/{keeper}/ns/net");
    }

    public string Path { get; }

    public static Outcome<IPrivateNamespace> Create(SimulatedMachine machine)
    {
        lock (machine.Gate)
        {
            if (!machine.Privileged)
                return Fault.FromErrno(Errno.EPERM, "unshare --net", "network namespace");
            int keeper = Math.Max(machine.Namespaces.Processes.Max() + 1, FirstProcess);
            machine.Namespaces.AddProcess(keeper, null, "vfleet");
            return new PrivateNamespace(machine, keeper);
        }
    }

    public Outcome<Process> Start(ProcessStartInfo start) => _thread.Do(() => ProgramImage.Start(start));

    public void Dispose()
    {
        _thread.Dispose();
        _machine.EndProcess(_keeper);
    }
}
