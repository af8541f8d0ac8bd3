using System.Globalization;

namespace Vfleet.Simulation.Nodes;

/// <summary>A seed whose plan broke an invariant.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">What was broken.</param>
/// <param name="Trace">The shortest way found to break it, a line for each action.</param>
public sealed record FailedSeed(ulong Seed, NodeViolation Violation, IReadOnlyList<string> Trace)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed} breaks {Violation}\n{string.Join('\n', Trace)}");
}

/// <summary>
/// A real node on simulated machines: random front-door actions, faults, deaths of processes and boots, all from one seed, with every invariant
/// checked after each action.
/// </summary>
public static class NodeSimulation
{
    /// <summary>Actions of a seed where nobody says otherwise.</summary>
    public const int UsualSteps = 14;

    /// <summary>Carries out one seed; where it fails, the shortest trace that still fails is looked for.</summary>
    /// <returns>Null where every invariant held.</returns>
    public static async Task<FailedSeed?> RunAsync(ulong seed, int steps = UsualSteps)
    {
        NodePlan plan = NodePlan.Of(seed, steps);
        (NodeFailure? failure, IReadOnlyList<string> trace) = await NodeRun.ExecuteAsync(plan).ConfigureAwait(false);
        if (failure is null)
            return null;
        (NodeFailure Failure, NodePlan Plan, IReadOnlyList<string> Trace) least = await PlanShrinker.ShrinkAsync(plan, failure, trace).ConfigureAwait(false);
        string machine = string.Create(CultureInfo.InvariantCulture, $"{least.Plan.Profile} with {least.Plan.Vfs} VFs");
        return new FailedSeed(seed, least.Failure.Violation, [machine, .. least.Trace]);
    }

    /// <summary>Carries out many seeds side by side, until the first that fails.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="steps">Actions of each.</param>
    /// <param name="progress">Told of each seed that held.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The first failure found; null where all held.</returns>
    public static async Task<FailedSeed?> RunManyAsync(
        ulong first, int count, int steps = UsualSteps, Action? progress = null, CancellationToken cancel = default)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        FailedSeed? found = null;
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested && Interlocked.Increment(ref next) is var at && at < count)
            {
                if (await RunAsync(first + (ulong)at, steps).ConfigureAwait(false) is { } failed)
                {
                    Interlocked.CompareExchange(ref found, failed, null);
                    await over.CancelAsync().ConfigureAwait(false);
                    return;
                }
                progress?.Invoke();
            }
        }, CancellationToken.None))).ConfigureAwait(false);
        return found;
    }
}
