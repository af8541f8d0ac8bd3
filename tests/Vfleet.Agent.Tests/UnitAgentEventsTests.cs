using System.Diagnostics;
using System.Text.Json;
using Vfleet.Agent.Api;
using Vfleet.Cli.Tests;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;

namespace Vfleet.Agent.Tests;

public sealed class UnitAgentEventsTests
{
    [Fact]
    public async Task HistoryOfOtherProcessesComesAsItHappensAndAReaderGoesOnWhereItStopped()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        using LocalNode other = machine.OpenNode();
        List<HistoryReport> seen = [];
        long start = TimeProvider.System.GetTimestamp();
        await foreach (Outcome<HistoryReport?> next in machine.Client.FollowAsync(null, late.Token))
        {
            if (next.Value is { } row)
                seen.Add(row);
            else
                _ = (await other.AllocateAsync(new AllocationRequest { Owner = new Owner { Name = "blue" }, Pool = machine.Pf })).Value;
            if (seen.Count == 1)
                break;
        }
        // Told by the write, not found when it looks in doubt after 15 s.
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
        Assert.Equal(("allocate", "cli", "free", "reserved"), (seen[0].Reason, seen[0].FrontDoor, seen[0].From, seen[0].To));

        foreach (LedgerAllocation open in other.Ledger.Read(view => view.OpenAllocations()).Value)
            _ = (await other.ReleaseAsync(open.Id)).Value;
        long head = other.Ledger.Read(view => view.Head().Sequence).Value;
        await foreach (Outcome<HistoryReport?> next in machine.Client.FollowAsync(seen[0].Sequence, late.Token))
        {
            if (next.Value is { } row)
                seen.Add(row);
            if (seen[^1].Sequence == head)
                break;
        }
        Assert.Equal(Enumerable.Range((int)seen[0].Sequence, seen.Count), seen.Select(row => (int)row.Sequence));
        Assert.True(seen.Count > 3);
    }

    [Fact]
    public async Task AReaderThatMissedWhatWasPrunedIsToldSo()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 3);
        using LocalNode other = machine.OpenNode();
        CheckpointSigner signer = CheckpointSigner.Open(new LedgerOptions { StateDirectory = machine.Options.StateDirectory }).Value;
        Assert.Equal(2, LedgerRetention.Prune(other.Ledger, new RetentionRule(TimeSpan.FromDays(1), 1), signer,
            TimeProvider.System.GetUtcNow()).Value);
        using HttpClient raw = machine.RawClient();
        using HttpRequestMessage request = new(HttpMethod.Get, "v1/events");
        request.Headers.Add("Last-Event-ID", "1");
        using HttpResponseMessage response = await raw.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        List<string> lines = [];
        while (lines.Count < 8)
            lines.Add((await reader.ReadLineAsync())!);
        Assert.Equal([": connected", "", "event: pruned", "data: {\"through\":2}", "", "id: 3", "event: history"], lines[..7]);
        Assert.Equal(3, JsonSerializer.Deserialize(lines[7]["data: ".Length..], AgentJson.Default.HistoryReport)!.Sequence);
    }

    [Fact]
    public async Task StreamsAreBoundedAndEndWithTheAgent()
    {
        AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        await using (machine)
        {
            List<IAsyncEnumerator<Outcome<HistoryReport?>>> streams = [];
            for (int i = 0; i < EventsApi.MostStreams; i++)
            {
                streams.Add(machine.Client.FollowAsync(null, CancellationToken.None).GetAsyncEnumerator());
                Assert.True(await streams[i].MoveNextAsync());
                Assert.Null(streams[i].Current.Value);
            }
            await using IAsyncEnumerator<Outcome<HistoryReport?>> more = machine.Client.FollowAsync(null,
                CancellationToken.None).GetAsyncEnumerator();
            Assert.True(await more.MoveNextAsync());
            Assert.Equal(FaultKind.Refused, more.Current.Fault?.Kind);

            await machine.EndAsync();
            foreach (IAsyncEnumerator<Outcome<HistoryReport?>> stream in streams)
            {
                // Whatever the agent wrote down while it ended may come first.
                while (await stream.MoveNextAsync() && stream.Current.Succeeded)
                {
                }
                Assert.Equal(FaultKind.NotFound, stream.Current.Fault?.Kind);
                await stream.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task WhereTheAgentTakesNoMoreReadersTheLedgerIsFollowedAndThatIsSaid()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        using LocalNode other = machine.OpenNode();
        List<IAsyncEnumerator<Outcome<HistoryReport?>>> streams = [];
        for (int i = 0; i < EventsApi.MostStreams; i++)
        {
            streams.Add(machine.Client.FollowAsync(null, CancellationToken.None).GetAsyncEnumerator());
            Assert.True(await streams[i].MoveNextAsync());
        }
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        using Process follower = CommandProcess.Start([.. CommandProcess.Vfleet, "--state", machine.Options.StateDirectory, "events",
            "--follow", "-o", "json", "--socket", machine.Socket]);
        try
        {
            string? warning = await follower.StandardError.ReadLineAsync(late.Token);
            Assert.Contains($"{EventsApi.MostStreams} streams of events are open already; the ledger is read instead", warning,
                StringComparison.Ordinal);
            _ = Maintenance.Start(other.Ledger, null, null, TimeProvider.System.GetUtcNow()).Value;
            string? line;
            do
                line = await follower.StandardOutput.ReadLineAsync(late.Token);
            while (line?.Contains("maintenance begins", StringComparison.Ordinal) == false);
            Assert.NotNull(line);
        }
        finally
        {
            follower.Kill();
        }
        foreach (IAsyncEnumerator<Outcome<HistoryReport?>> stream in streams)
            await stream.DisposeAsync();
    }
}
