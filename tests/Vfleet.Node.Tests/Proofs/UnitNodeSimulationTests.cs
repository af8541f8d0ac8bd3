using System.Diagnostics;
using System.Security.Cryptography;
using Vfleet.Simulation.Nodes;
using Xunit.Abstractions;

namespace Vfleet.Node.Tests.Proofs;

/// <summary>Random lives of a node, each from one seed: ./dev simulate runs more of them.</summary>
public sealed class UnitNodeSimulationTests(ITestOutputHelper output)
{
    private const int Fixed = 100;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    [Fact]
    public Task FixedSeedsBreakNoInvariant() => HoldAsync(1, Fixed);

    /// <summary>As many as fit into the time, from a seed that is another one each time.</summary>
    [Fact]
    public async Task FreshSeedsBreakNoInvariant()
    {
        ulong first = (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"from seed {first}");
        using CancellationTokenSource over = new(Longest);
        await HoldAsync(first, int.MaxValue, cancel: over.Token);
    }

    /// <summary>Seeds that once broke an invariant, of the kinds of action there were then.</summary>
    [Theory]
    [InlineData(10, 14, nameof(NodeActionKind.Prewarm))]
    [InlineData(1123, 20, nameof(NodeActionKind.Prewarm))]
    [InlineData(22831, 20, nameof(NodeActionKind.Prewarm))]
    [InlineData(50756, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(51698, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(52568, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(51573, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(60222, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(60981, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(1201207042, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(398708327, 14, nameof(NodeActionKind.Meeting))]
    [InlineData(500004326, 14, nameof(NodeActionKind.Meeting))]
    public async Task ASeedThatFailedOnceFailsNoMore(ulong seed, int steps, string last)
    {
        (NodeFailure? failure, IReadOnlyList<string> trace) = await NodeRun.ExecuteAsync(NodePlan.Of(seed, steps, Enum.Parse<NodeActionKind>(last)));
        Assert.True(failure is null, $"{failure}\n{string.Join('\n', trace)}");
    }

    /// <summary>What is never reached proves nothing: policies that are made again after a boot, drift, owners whose VF is tuned, meetings.</summary>
    [Fact]
    public async Task TheLivesReachWhatTheyAreToProve()
    {
        List<string> lines = [];
        for (ulong seed = 1; seed <= 60; seed++)
            lines.AddRange((await NodeRun.ExecuteAsync(NodePlan.Of(seed, NodeSimulation.UsualSteps))).Trace);
        foreach (string word in (string[])["is made as documents say", "would destroy", "Repaired:", "changed: enp", "ready: 0000:", "handed out tuned"])
            Assert.Contains(lines, line => line.Contains(word, StringComparison.Ordinal));
        string[] ends = [.. lines.Where(line => line.StartsWith("   process", StringComparison.Ordinal))];
        Assert.Contains(ends.Zip(ends.Skip(1)), pair => IsDone(pair.First) && IsDone(pair.Second));
        Assert.Contains(ends, end => end.EndsWith(": dead", StringComparison.Ordinal));

        static bool IsDone(string end) => end.EndsWith(": done done", StringComparison.Ordinal);
    }

    [Fact]
    public void ASeedIsTheSamePlanEachTime()
    {
        Assert.Equal(NodePlan.Of(7, 20).Actions, NodePlan.Of(7, 20).Actions);
        Assert.NotEqual(NodePlan.Of(7, 20).Actions, NodePlan.Of(8, 20).Actions);
        // Every kind of action happens, also with a death and with a fault.
        NodeAction[] many = [.. NodePlan.Of(1, 2_000).Actions];
        Assert.Equal(Enum.GetValues<NodeActionKind>(), many.Select(action => action.Kind).Distinct().Order());
        Assert.Contains(many, action => action.Crash is { OnlyChanges: true });
        Assert.Contains(many, action => action.Crash is { OnlyChanges: false });
        Assert.True(many.Select(action => action.Fault?.Split('*')[0]).OfType<string>().Distinct().Count() > 5);
    }

    private async Task HoldAsync(ulong first, int count, int steps = NodeSimulation.UsualSteps, CancellationToken cancel = default)
    {
        long began = Stopwatch.GetTimestamp();
        int done = 0;
        FailedSeed? failed = await NodeSimulation.RunManyAsync(first, count, steps, () => Interlocked.Increment(ref done), cancel);
        output.WriteLine($"{done} seeds, {done / Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} seeds/s");
        Assert.True(failed is null, failed?.ToString());
        Assert.True(done > 0, "no seed was carried out");
    }
}
