using System.Net.Sockets;
using System.Text;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Agent.Tests;

/// <summary>Callers that begin and do not go on, or never end: each is ended, and others are served meanwhile.</summary>
public sealed class UnitApiLimitTests
{
    /// <summary>Short, so that nobody waits for minutes; the web server looks once a second.</summary>
    private static readonly ApiLimits Short = new()
    {
        HeadersTime = TimeSpan.FromMilliseconds(500), IdleTime = TimeSpan.FromMilliseconds(500), StallTime = TimeSpan.FromSeconds(1.1),
    };

    [Theory]
    [InlineData("", "")]
    [InlineData("GET /v1/sta", "HTTP/1.1 408 ")]
    [InlineData("GET /v1/status HTTP/1.1\r\nHost: local", "HTTP/1.1 408 ")]
    [InlineData("POST /v1/allocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        "HTTP/1.1 400 ")]
    public async Task ACallerThatDoesNotGoOnIsEnded(string sent, string answer)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, limits: Short);
        using Socket caller = await ConnectAsync(machine);
        await caller.SendAsync(Encoding.ASCII.GetBytes(sent));
        await ServesAsync(machine);
        string heard = await HearAsync(caller);
        Assert.True(answer.Length == 0 ? heard.Length == 0 : heard.StartsWith(answer, StringComparison.Ordinal), heard);
        await ServesAsync(machine);
    }

    [Theory]
    [InlineData("GET /v1/", "HTTP/1.1 414 ")]
    [InlineData("GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Long: ", "HTTP/1.1 431 ")]
    [InlineData(
        "POST /v1/allocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n\"",
        "HTTP/1.1 400 ")]
    public async Task ACallerThatNeverEndsIsEnded(string begun, string answer)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, limits: Short);
        using Socket caller = await ConnectAsync(machine);
        await caller.SendAsync(Encoding.ASCII.GetBytes(begun));
        Task<string> hearing = HearAsync(caller);
        await FloodAsync(caller, hearing);
        Assert.StartsWith(answer, await hearing, StringComparison.Ordinal);
        await ServesAsync(machine);
    }

    [Fact]
    public async Task CallersThatHoldEveryConnectionAreEnded()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, limits: Short with { MostConnections = 4 });
        Socket[] callers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConnectAsync(machine)));
        foreach (Socket caller in callers)
            await caller.SendAsync("GET /"u8.ToArray());
        await Soon.TrueAsync(() => machine.Client.StatusAsync().Result.Succeeded);
        await ServesAsync(machine);
        foreach (Socket caller in callers)
        {
            Assert.StartsWith("HTTP/1.1 408 ", await HearAsync(caller), StringComparison.Ordinal);
            caller.Dispose();
        }
    }

    /// <summary>As many as are taken, so that one that were not ended would keep others out.</summary>
    [Fact]
    public async Task FollowersThatDoNotReadAreEndedAndOthersFollow()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, limits: Short with { SlowestRate = 1_000_000 });
        using LocalNode other = machine.OpenNode();
        // More than the buffers between the two hold.
        string detail = new('x', 8 * 1024);
        for (int i = 0; i < 200; i++)
            _ = other.Ledger.Change(LedgerStep.Repair, change => change.Note("noise", detail)).Value;
        Socket[] callers = await Task.WhenAll(Enumerable.Range(0, EventsApi.MostStreams).Select(_ => ConnectAsync(machine)));
        foreach (Socket caller in callers)
            await caller.SendAsync("GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await Soon.TrueAsync(() => callers.All(caller => caller.Available > 64 * 1024));
        await ServesAsync(machine);
        await FollowAloneAsync(machine);
        foreach (Socket caller in callers)
        {
            string heard = await HearAsync(caller);
            Assert.StartsWith("HTTP/1.1 200 ", heard, StringComparison.Ordinal);
            Assert.True(heard.Length < 200 * detail.Length, $"{heard.Length} bytes");
            caller.Dispose();
        }
    }

    /// <summary>Follows as often as is allowed at once, for which everybody else has to be gone.</summary>
    private static async Task FollowAloneAsync(AgentMachine machine)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        List<IAsyncEnumerator<Outcome<HistoryReport?>>> streams = [];
        while (streams.Count < EventsApi.MostStreams)
        {
            IAsyncEnumerator<Outcome<HistoryReport?>> stream = machine.Client.FollowAsync(null, late.Token).GetAsyncEnumerator(late.Token);
            streams.Add(stream);
            Assert.True(await stream.MoveNextAsync());
            if (stream.Current.Succeeded)
                continue;
            Assert.Equal(FaultKind.Refused, stream.Current.Fault!.Kind);
            streams.Remove(stream);
            await stream.DisposeAsync();
            await Task.Delay(50, late.Token);
        }
        foreach (IAsyncEnumerator<Outcome<HistoryReport?>> stream in streams)
            await stream.DisposeAsync();
    }

    /// <summary>Somebody else, on a connection of their own, is answered.</summary>
    private static async Task ServesAsync(AgentMachine machine)
    {
        using AgentClient other = new(machine.Socket);
        Assert.Null((await other.StatusAsync()).Fault);
    }

    private static async Task<Socket> ConnectAsync(AgentMachine machine)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(machine.Socket));
        return socket;
    }

    private static async Task FloodAsync(Socket caller, Task hearing)
    {
        byte[] more = Encoding.ASCII.GetBytes(new string('a', 4096));
        try
        {
            for (int i = 0; i < 1000 && !hearing.IsCompleted; i++)
                await caller.SendAsync(more);
        }
        catch (SocketException)
        {
            // The agent has closed its end, as it is to.
        }
    }

    /// <summary>Everything until the agent ends the connection.</summary>
    private static async Task<string> HearAsync(Socket caller)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        StringBuilder heard = new();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await caller.ReceiveAsync(buffer, late.Token) is > 0 and var count)
                heard.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (SocketException)
        {
            // Ended with something of ours unread: the kernel calls that a reset.
        }
        return heard.ToString();
    }
}
