namespace Vfleet.Simulation.Namespaces;

/// <summary>A process.</summary>
/// <param name="command">Its name, 1 to 15 bytes.</param>
/// <param name="start">When it started, in clock ticks since boot.</param>
internal sealed class SimulatedProcess(string command, long start)
{
    public string Command => command;

    public long Start => start;

    /// <summary>Its network namespace; null once it ended and waits for its parent.</summary>
    public SimulatedNamespace? Namespace { get; set; }

    /// <summary>/proc/PID/stat as far as its fields mean something here. Source: fs/proc/array.c, do_task_stat.</summary>
    public string Stat(int pid)
    {
        char state = Namespace is null ? 'Z' : 'S';
        return FormattableString.Invariant(
            $"{pid} ({command}) {state} 1 {pid} {pid} 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 {start} 4096000 100 18446744073709551615");
    }
}
