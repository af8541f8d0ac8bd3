using Vfleet.Node;

namespace Vfleet.Simulation.Nodes;

/// <summary>
/// Two processes of a machine at once. Before each step of the ledger and each change of the kernel a number says who goes on, so that a seed is the
/// same order each time.
/// </summary>
internal static class NodeMeeting
{
    /// <summary>A meeting takes a few hundred steps; in one that takes so many each waits for the other.</summary>
    private const int CommonSteps = 2_000, MostSteps = 50_000;

    /// <summary>Lets them work until both have ended or died.</summary>
    /// <param name="world">The machine.</param>
    /// <param name="works">What each does; its result in words.</param>
    /// <param name="numbers">Say who goes on.</param>
    /// <param name="deathAt">The step at which whoever is to go on dies instead; null for none.</param>
    /// <returns>How each ended, and what is wrong with that; null for nothing.</returns>
    public static async Task<(IReadOnlyList<string> Ends, NodeViolation? Violation)> RunAsync(
        NodeWorld world, IReadOnlyList<Func<LocalNode, Task<string>>> works, SeededNumbers numbers, int? deathAt)
    {
        DateTimeOffset now = world.Options.Time.GetUtcNow();
        ScheduledCaller[] callers = [.. works.Select(_ => new ScheduledCaller(world, now))];
        try
        {
            for (int i = 0; i < callers.Length; i++)
                await callers[i].BeginAsync(works[i]).ConfigureAwait(false);
            int step = 0;
            while (callers.Where(caller => !caller.IsDone).ToArray() is { Length: > 0 } open)
            {
                // Whoever died gives its locks back on another thread, which a busy machine may not have got to.
                if (step > CommonSteps && step % 64 == 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System).ConfigureAwait(false);
                if (step == MostSteps)
                    return (Ends(callers), new NodeViolation("liveness", $"two processes wait for each other: {string.Join("; ", Ends(callers))}"));
                ScheduledCaller next = open[numbers.Below(open.Length)];
                await next.GoAsync(0, dies: step++ == deathAt).ConfigureAwait(false);
                // The others see that it is no more.
                if (next is { IsDead: true, IsDone: true })
                    world.Machine.EndProcess(next.Process.Pid);
            }
            return (Ends(callers), callers.FirstOrDefault(caller => caller.IsDead && caller.At != ScheduledCaller.Dead) is { } survivor
                ? new NodeViolation("simulation", $"somebody caught the end of process {survivor.Process.Pid}") : null);
        }
        finally
        {
            foreach (ScheduledCaller caller in callers)
            {
                await caller.EndAsync().ConfigureAwait(false);
                world.Machine.EndProcess(caller.Process.Pid);
                caller.Dispose();
            }
        }
    }

    private static string[] Ends(ScheduledCaller[] callers) => [.. callers.Select(caller => $"process {caller.Process.Pid}: {caller.At}")];
}
