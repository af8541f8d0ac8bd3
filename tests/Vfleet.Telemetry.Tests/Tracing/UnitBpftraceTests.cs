using Vfleet.Linux;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Telemetry.Tests.Tracing;

/// <summary>What bpftrace prints, and a program that stands for it.</summary>
public sealed class UnitBpftraceTests
{
    private static readonly Dictionary<int, string> Reasons = new() { [3] = "NO_SOCKET" };

    [Fact]
    public void DropsAreCountedByReasonAndFoldedByStack()
    {
        BpftraceOutput output = new(Reasons);
        output.Read("""{"type": "map", "data": {"@drops": {"3,\n    sk_skb_reason_drop+144\n    __udp4_lib_rcv+1212\n": 3, "3,\n    a;b c+1\n": 4, "77,\n    tcp_v4_rcv+3\n": 1}}}""");
        Assert.Equal([new TraceCount("NO_SOCKET", 7), new TraceCount("reason_77", 1)], output.Counts);
        Assert.Equal(["a:b_c;NO_SOCKET 4", "__udp4_lib_rcv;sk_skb_reason_drop;NO_SOCKET 3", "tcp_v4_rcv;reason_77 1"],
            output.Stacks.Select(stack => stack.Folded));
    }

    [Fact]
    public void ADropWithoutReasonIsNamedByTheFunctionThatFreedThePacket()
    {
        BpftraceOutput output = new(new Dictionary<int, string> { [2] = "NOT_SPECIFIED" });
        output.Read("""{"type": "map", "data": {"@drops": {"2,\n    net_tx_action+1\n    run_ksoftirqd+2\n": 3, "2,\n    tcp_v4_rcv+3\n": 1}}}""");
        Assert.Equal([new TraceCount("NOT_SPECIFIED:net_tx_action", 3), new TraceCount("NOT_SPECIFIED:tcp_v4_rcv", 1)], output.Counts);
        Assert.Equal("run_ksoftirqd;net_tx_action;NOT_SPECIFIED:net_tx_action 3", output.Stacks[0].Folded);
    }

    [Fact]
    public void HistogramsHaveTheirSumsAndVectors()
    {
        BpftraceOutput output = new(Reasons);
        output.Read("""{"type": "hist", "data": {"@poll": [{"max": -1, "count": 1}, {"min": 0, "max": 0, "count": 1}, {"min": 1024, "max": 2047, "count": 98}, {"min": 4096, "max": 8191, "count": 1}]}}""");
        output.Read("""{"type": "map", "data": {"@poll_ns": 150000}}""");
        output.Read("""{"type": "hist", "data": {"@handler": {"41": [{"min": 8, "max": 15, "count": 2}], "40": [{"min": 8, "max": 15, "count": 1}]}}}""");
        output.Read("""{"type": "map", "data": {"@handler_ns": {"40": 9, "41": 20}}}""");
        output.Read("""{"type": "map", "data": {"@interrupts": {"40": 1, "41": 2}}}""");

        Assert.Equal([("handler", 40, 9L), ("handler", 41, 20L), ("poll", null, 150000L)],
            output.Histograms.Select(each => (each.Name, each.Vector, each.Total)));
        TraceHistogram poll = output.Histograms[2];
        Assert.Equal((100L, 2047L, 2047L, 8191L), (poll.Count, poll.Quantile(0.5), poll.Quantile(0.99), poll.Quantile(1)));
        Assert.Equal([new TraceCount("41", 2), new TraceCount("40", 1)], output.Counts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"type": 7, "data": []}""")]
    [InlineData("""{"type": "map"}""")]
    [InlineData("""{"type": "map", "data": {"@drops": {"3": "many"}}}""")]
    [InlineData("""{"type": "map", "data": {"@drops": 5}}""")]
    [InlineData("""{"type": "hist", "data": {"@poll": [7, {"min": "a"}]}}""")]
    [InlineData("""{"type": "hist", "data": {"@poll": [{"mi""")]
    [InlineData("""{"type": "lost_events", "data": 7}""")]
    public void GarbageIsPassedOver(string line)
    {
        BpftraceOutput output = new(Reasons);
        output.Read(line);
        Assert.Empty(output.Counts);
        Assert.All(output.Histograms, each => Assert.Equal(0, each.Count));
        Assert.False(output.IsReady);
    }

    [Fact]
    public async Task TheClockStartsWhenAllIsAttached()
    {
        using FakeProgram program = new("""
            trap 'echo "{\"type\": \"map\", \"data\": {\"@interrupts\": {\"40\": 2}}}"; exit 0' INT
            echo '{"type": "attached_probes", "data": {"probes": 3}}'
            sleep 1.5
            printf '%s\n' '{"type": "printf", "data": "ready\n"}'
            echo '{"type": "lost_events", "data": {"events": 6}}'
            while :; do sleep 0.1; done
            """);
        (BpftraceOutput output, DateTimeOffset from, DateTimeOffset to) = (await RunAsync(program, TimeSpan.FromSeconds(1))).Value;
        Assert.InRange((to - from).TotalSeconds, 0.95, 20);
        Assert.Equal((new TraceCount("40", 2), 6L), (Assert.Single(output.Counts), output.Lost));
    }

    [Fact]
    public async Task WhatCannotBeAttachedIsToldInItsOwnWords()
    {
        using FakeProgram program = new("""
            echo "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace." >&2
            echo "ERROR: Error attaching probe: 'kprobe:__napi_poll'" >&2
            echo '{"type": "attached_probes", "data": {"probes": 3}}'
            exit 255
            """);
        Fault fault = (await RunAsync(program, TimeSpan.FromSeconds(1))).Fault!;
        Assert.Equal(FaultKind.Kernel, fault.Kind);
        Assert.Contains("could not attach", fault.Error, StringComparison.Ordinal);
        Assert.Contains("__napi_poll", fault.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneThatIsKilledHasNoResults()
    {
        using FakeProgram program = new("printf '%s\\n' '{\"type\": \"printf\", \"data\": \"ready\\n\"}'\nkill -9 $$");
        Assert.Contains("without its results", (await RunAsync(program, TimeSpan.FromSeconds(5))).Fault?.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoeverAskedMayEndIt()
    {
        using FakeProgram program = new("""
            trap 'echo "{\"type\": \"map\", \"data\": {\"@interrupts\": {\"40\": 2}}}"; exit 0' INT
            printf '%s\n' '{"type": "printf", "data": "ready\n"}'
            while :; do sleep 0.1; done
            """);
        using CancellationTokenSource end = new(TimeSpan.FromSeconds(1));
        Assert.Single((await RunAsync(program, TimeSpan.FromMinutes(5), end.Token)).Value.Output.Counts);
    }

    private static Task<Outcome<(BpftraceOutput Output, DateTimeOffset From, DateTimeOffset To)>> RunAsync(
        FakeProgram program, TimeSpan duration, CancellationToken cancel = default) =>
        new Bpftrace(program.Start, TimeProvider.System).RunAsync(new TraceProgram("BEGIN { }", []), Reasons, duration, null, cancel);
}
