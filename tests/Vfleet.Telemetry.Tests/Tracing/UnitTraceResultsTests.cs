using System.Text;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Telemetry.Tests.Tracing;

/// <summary>Traces in the ledger and as metrics.</summary>
public sealed class UnitTraceResultsTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task TheLastOfEachKindIsKeptForAnHour()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        NodeLedger ledger = machine.Machine.Node.Ledger;
        Keep(ledger, Latency(Now));
        Keep(ledger, Drops(Now, 3));
        Keep(ledger, Drops(Now, 5));
        Keep(ledger, Drops(Now, 7) with { Vf = "0000:01:10.4" });

        IReadOnlyList<TraceResult> read = ledger.Read(view => TraceResults.Read(view, Now.AddMinutes(1))).Value;
        Assert.Equal([5L, 0L, 7L], read.Select(each => each.Counts.Sum(count => count.Count)));
        Assert.Equal(TraceJson.Of(Latency(Now)).ToJsonString(), TraceJson.Of(read[1]).ToJsonString());
        Assert.Empty(ledger.Read(view => TraceResults.Read(view, Now.AddHours(1))).Value);

        // What is an hour old goes with the next; what a later version wrote is passed over.
        ledger.Change(LedgerStep.Repair, change => change.SetMeta("trace/x/latency", "{\"kind\": \"latency\", \"vf\": 7}"));
        Keep(ledger, Drops(Now.AddHours(-2), 9) with { Vf = "old" });
        Assert.Equal(3, ledger.Read(view => TraceResults.Read(view, Now)).Value.Count);
        Keep(ledger, Drops(Now, 5));
        Assert.Equal(3, ledger.Read(view => view.MetaPairs("trace/").Count).Value);
    }

    [Fact]
    public void MetricsTellBucketsDropsAndRates()
    {
        TraceResult interrupts = Drops(Now, 0) with { Kind = TraceKind.Interrupts, Counts = [new TraceCount("40", 30)] };
        string text = Encoding.UTF8.GetString(
            ExpositionWriter.Write([.. TraceFamilies.Of("node7", [Latency(Now), Drops(Now, 5), interrupts])], ExpositionFormat.PrometheusText));

        const string Labels = "host=\"node7\",pf=\"eth0\",vf=\"1\",bdf=\"0000:01:10.2\",allocation=\"a17\"";
        foreach (string line in new[]
        {
            $"vfleet_trace_seconds_bucket{{{Labels},stage=\"interrupt_to_poll\",le=\"1.024E-06\"}} 2",
            $"vfleet_trace_seconds_bucket{{{Labels},stage=\"interrupt_to_poll\",le=\"4.096E-06\"}} 5",
            $"vfleet_trace_seconds_bucket{{{Labels},stage=\"interrupt_to_poll\",le=\"+Inf\"}} 6",
            $"vfleet_trace_seconds_count{{{Labels},stage=\"interrupt_to_poll\"}} 6",
            $"vfleet_trace_seconds_sum{{{Labels},stage=\"interrupt_to_poll\"}} 9E-06",
            $"vfleet_trace_drops{{{Labels},reason=\"NO_SOCKET\"}} 5",
            $"vfleet_trace_interrupts_per_second{{{Labels},vector=\"40\"}} 3",
            $"vfleet_trace_duration_seconds{{{Labels},kind=\"drops\"}} 10",
        })
            Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);
        Assert.Equal("# EOF\n", Encoding.UTF8.GetString(ExpositionWriter.Write([.. TraceFamilies.Of("node7", [])], ExpositionFormat.OpenMetrics)));
    }

    [Fact]
    public void FoldedStacksReplaceAFileOnlyOnDemand()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vfleet-fold-");
        try
        {
            string path = Path.Combine(folder.FullName, "a.folded");
            Assert.Null(FoldedFile.Write(path, [new TraceStack(["a", "b"], 3), new TraceStack(["c"], 1)], replaces: false));
            Assert.Equal("a;b 3\nc 1\n", File.ReadAllText(path));
            Assert.NotNull(FoldedFile.Write(path, [], replaces: false));
            Assert.Equal("a;b 3\nc 1\n", File.ReadAllText(path));
            Assert.Null(FoldedFile.Write(path, [], replaces: true));
            Assert.Equal("", File.ReadAllText(path));
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "link"), path);
            Assert.NotNull(FoldedFile.Write(Path.Combine(folder.FullName, "link"), [], replaces: true));
            Assert.Equal(2, folder.GetFiles().Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Keep(NodeLedger ledger, TraceResult result) =>
        Assert.True(ledger.Change(LedgerStep.Repair, change => TraceResults.Keep(change, result)).Succeeded);

    private static TraceResult Latency(DateTimeOffset end) => Drops(end, 0) with
    {
        Kind = TraceKind.Latency,
        Counts = [],
        Histograms =
        [
            new TraceHistogram("interrupt_to_poll", null,
                [new TraceBucket(512, 1023, 2), new TraceBucket(2048, 4095, 3), new TraceBucket(1L << 60, long.MaxValue, 1)], 9000),
        ],
        Missing = ["this kernel has no x"],
    };

    private static TraceResult Drops(DateTimeOffset end, long count) => new()
    {
        Kind = TraceKind.Drops,
        Vf = "0000:01:10.2",
        Pf = "eth0",
        Index = 1,
        Bdf = "0000:01:10.2",
        Allocation = "a17",
        From = end.AddSeconds(-10),
        To = end,
        Counts = [new TraceCount("NO_SOCKET", count)],
        Stacks = [new TraceStack(["a"], count)],
    };
}
