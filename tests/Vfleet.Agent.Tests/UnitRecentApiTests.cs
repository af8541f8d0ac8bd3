using System.Net;
using System.Text.Json;
using Vfleet.Agent.Api;
using Vfleet.Agent.Log;
using Vfleet.Agent.Recent;
using Vfleet.Node.Counters;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Agent.Tests;

/// <summary>Recent history through the agent: its API, and the reading every 5 s.</summary>
public sealed class UnitRecentApiTests
{
    [Fact]
    public async Task WhatVfsDoIsToldAfterTheSecondReading()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        AllocationReport held = (await machine.Client.AllocateAsync(
            new AllocationOrder { Owner = "blue", Tenant = "acme", Vf = $"{machine.Pf}/0" })).Value;
        string vf = held.Vfs[0].Vf;
        RecentReport report = (await machine.Client.RecentAsync($"{machine.Pf}/0", "10m", null)).Value;
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(60));
        while (report.Samples.Count == 0)
        {
            await Task.Delay(100, late.Token);
            report = (await machine.Client.RecentAsync($"{machine.Pf}/0", "10m", null)).Value;
        }
        RecentSampleReport sample = report.Samples[^1];
        Assert.Equal((vf, 600, 5, "blue", "acme", held.Id),
            (report.Vf, report.SinceSeconds, report.StepSeconds, sample.Owner, sample.Tenant, sample.Allocation));
        Assert.Equal((0, 0, null), (sample.ReceiveBytesPerSecond, sample.DroppedPerSecond, sample.LatencyP99Seconds));

        // However it is called, by however many at once.
        RecentReport[] same = [.. (await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            machine.Client.RecentAsync(i % 2 == 0 ? vf : $"{machine.Pf}/0", "1h", "5s")))).Select(each => each.Value)];
        Assert.All(same, each => Assert.Equal(vf, each.Vf));
        IReadOnlyList<NewestReport> newest = (await machine.Client.NewestAsync()).Value;
        Assert.Equal(3, newest.Count);
        Assert.Equal("blue", newest.Single(each => each.Vf == vf).Sample.Owner);
        Assert.Single(newest, each => each.Sample.Owner is not null);
    }

    [Theory]
    [InlineData("since=someday", HttpStatusCode.BadRequest)]
    [InlineData("since=2d", HttpStatusCode.BadRequest)]
    [InlineData("since=2h&step=5s", HttpStatusCode.BadRequest)]
    [InlineData("since=10m&step=-5s", HttpStatusCode.BadRequest)]
    [InlineData("since=%00", HttpStatusCode.BadRequest)]
    [InlineData("since=&step=", HttpStatusCode.OK)]
    [InlineData("since=1d&step=1h", HttpStatusCode.OK)]
    public async Task WhatIsNotKeptIsRefused(string query, HttpStatusCode status)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        using HttpClient client = machine.RawClient();
        using HttpResponseMessage answer = await client.GetAsync($"v1/vfs/{Uri.EscapeDataString($"{machine.Pf}/0")}/recent?{query}");
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK ? "samples" : "error",
            JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.EnumerateObject()
                .First(each => each.Name is "samples" or "error").Name);
    }

    [Fact]
    public async Task AVfThatNeverWasIsNotFoundAndAnAgentThatKeepsNothingSaysSo()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        Assert.Equal(FaultKind.NotFound, (await machine.Client.RecentAsync("eth99/3", "10m", null)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await machine.Client.RecentAsync(new string('x', 4000), "10m", null)).Fault?.Kind);

        await using AgentMachine without = await AgentMachine.CreateAsync(recent: false);
        Fault fault = (await without.Client.RecentAsync($"{without.Pf}/0", "10m", null)).Fault!;
        Assert.Equal((FaultKind.Refused, "it was started with --no-recent"), (fault.Kind, fault.Cause));
        Assert.Equal(FaultKind.Refused, (await without.Client.NewestAsync()).Fault?.Kind);
    }

    [Fact]
    public async Task ReadingsThatFailAreAGapThatIsLoggedOnce()
    {
        VirtualTime time = new();
        await using LogLines lines = new();
        RecentHistory history = new(time);
        int reading = 0;
        RecentSampler sampler = new(_ =>
        {
            int now = reading++;
            Assert.NotEqual(5, now);
            return Task.FromResult(now is 2 or 3 ? Fault.TimedOut("a driver is stuck") : Outcome<RecentReading>.Of(new RecentReading(
                time.GetTimestamp(), time.GetUtcNow(),
                [new VfCounts("eth0/1", CounterValues.Of(_ => (ulong)now * 500), null, null)])));
        }, history, time, new AgentLog(lines, isJournal: false));
        using CancellationTokenSource end = new();
        Task running = sampler.RunAsync(end.Token);
        for (int i = 0; i < 7; i++)
        {
            await time.WaitsAsync(RecentHistory.Step);
            time.Advance(RecentHistory.Step);
        }
        await time.WaitsAsync(RecentHistory.Step);
        await end.CancelAsync();
        await running;

        // Readings 2 and 3 failed, 5 was a defect; none of them ends the rest.
        RecentSeries series = history.Of("eth0/1", RecentQuery.Parse("1m", null).Value);
        Assert.Equal([0, 10, 5, 0], series.Points.Select(point => point.Gap.TotalSeconds));
        Assert.All(series.Points, point => Assert.Equal(100, point.Values.Of(RecentColumn.ReceiveBytes)));
        IReadOnlyList<string> told = lines.Lines;
        Assert.Equal(2, told.Count(line => line.Contains("recent history has a gap", StringComparison.Ordinal)));
        Assert.Equal(2, told.Count(line => line.Contains("recent history goes on", StringComparison.Ordinal)));
    }
}
