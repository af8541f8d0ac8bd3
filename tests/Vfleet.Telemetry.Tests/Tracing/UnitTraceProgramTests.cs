using Vfleet.Linux;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Telemetry.Tests.Tracing;

public sealed class UnitTraceProgramTests
{
    private static readonly TraceTarget Blue = new("net1", 7, 4026532001, [40, 41]);

    private static readonly TraceKernel Whole = new()
    {
        HasTypes = true,
        HasPoll = true,
        TellsDropSocket = true,
        Points = TraceProgram.Points.ToHashSet(),
        DropReasons = new Dictionary<int, string> { [3] = "NO_SOCKET" },
    };

    [Theory]
    [InlineData(TraceKind.Latency)]
    [InlineData(TraceKind.Drops)]
    [InlineData(TraceKind.Interrupts)]
    public void PacketsAreToldByIndexAndNamespaceAndNeverByName(TraceKind kind)
    {
        TraceProgram program = TraceProgram.Of(kind, Blue, Whole, countsStacks: true).Value;
        Assert.Empty(program.Missing);
        Assert.Contains("->ifindex == 7 && $dev->nd_net.net->ns.inum == 4026532001", program.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("net1", program.Text, StringComparison.Ordinal);
        // The same name and index in another namespace is another VF.
        Assert.NotEqual(program.Text, TraceProgram.Of(kind, Blue with { NamespaceInode = 4026532002 }, Whole, countsStacks: true).Value.Text);
    }

    [Theory]
    [InlineData(TraceKind.Latency)]
    [InlineData(TraceKind.Interrupts)]
    public void InterruptsAreToldByTheirNumbers(TraceKind kind) =>
        Assert.Contains("@vector[40] = 1; @vector[41] = 1; printf(\"ready\\n\")",
            TraceProgram.Of(kind, Blue, Whole, countsStacks: false).Value.Text, StringComparison.Ordinal);

    [Fact]
    public void WhatTheKernelLacksIsLeftOutAndSaid()
    {
        TraceKernel poor = Whole with { HasPoll = false };
        TraceProgram interrupts = TraceProgram.Of(TraceKind.Interrupts, Blue, poor, countsStacks: false).Value;
        Assert.DoesNotContain("kprobe", interrupts.Text, StringComparison.Ordinal);
        Assert.Contains("this kernel has no kprobe of __napi_poll", Assert.Single(interrupts.Missing), StringComparison.Ordinal);

        TraceProgram latency = TraceProgram.Of(TraceKind.Latency, Blue, poor, countsStacks: false).Value;
        Assert.Contains("@softirq_to_socket", latency.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("@begun", latency.Text, StringComparison.Ordinal);

        TraceProgram drops =
            TraceProgram.Of(TraceKind.Drops, Blue, Whole with { DropReasons = new Dictionary<int, string>(), TellsDropSocket = false }, false).Value;
        Assert.Equal(2, drops.Missing.Count);
        Assert.DoesNotContain("args->reason", drops.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("rx_sk", drops.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WhereNothingRemainsItIsRefusedWithTheReasons()
    {
        Fault? nothing = TraceProgram.Of(TraceKind.Drops, Blue, Whole with { HasTypes = false }, false).Fault;
        Assert.Equal(FaultKind.Refused, nothing?.Kind);
        Assert.Contains("BTF", nothing?.Cause, StringComparison.Ordinal);
        TraceTarget guest = new(null, 0, 0, [50]);
        Assert.Contains("no interface", TraceProgram.Of(TraceKind.Latency, guest, Whole, false).Fault?.Cause, StringComparison.Ordinal);
        // Its interrupts still come to the host.
        Assert.True(TraceProgram.Of(TraceKind.Interrupts, guest, Whole, false).Succeeded);
        Assert.False(TraceProgram.Of(TraceKind.Interrupts, Blue with { Vectors = [] }, Whole, false).Succeeded);
    }

    [Fact]
    public void ReasonsAreNamedAsTheKernelNamesThem()
    {
        const string Format = """
            	field:enum skb_drop_reason reason;	offset:28;	size:4;	signed:0;

            print fmt: "reason: %s", __print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 3, "NO_SOCKET" }, { 99999999999, "X" }, { 4, "a b" })
            """;
        Assert.Equal([(2, "NOT_SPECIFIED"), (3, "NO_SOCKET")], TraceKernel.Reasons(Format).Select(pair => (pair.Key, pair.Value)));
        Assert.Empty(TraceKernel.Reasons("field:void * location; { 2, \"NOT_SPECIFIED\" }"));
    }
}
