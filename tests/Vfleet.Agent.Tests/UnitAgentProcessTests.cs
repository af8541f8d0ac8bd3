using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Cli.Tests;

namespace Vfleet.Agent.Tests;

/// <summary>The built program as a process: signals, descriptors, memory.</summary>
public sealed class UnitAgentProcessTests : IDisposable
{
    private readonly AgentProcesses _agents = new();

    private string SocketPath => _agents.SocketPath;

    public void Dispose() => _agents.Dispose();

    [Fact]
    public async Task ItServesReloadsAndEndsByItsSignals()
    {
        string notify = Path.Combine(_agents.Folder, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(notify));
        (Process agent, LogLines log) = _agents.Start(("NOTIFY_SOCKET", notify));
        using AgentClient client = new(SocketPath);
        await log.WithAsync("info pass");
        StatusReport status = (await client.StatusAsync()).Value;
        Assert.Equal((agent.Id, "sim:igb"), (status.ProcessId, status.Kernel));

        Assert.Equal("", Programs.Output("kill", "-HUP", $"{agent.Id}"));
        await log.WithAsync("info reload");
        await Soon.TrueAsync(() => client.StatusAsync().Result.Value.Passes > status.Passes);

        Assert.Equal("", Programs.Output("kill", "-TERM", $"{agent.Id}"));
        await agent.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, agent.ExitCode);
        Assert.False(Path.Exists(SocketPath));
        string[] told = [.. Messages(manager)];
        Assert.Equal(("READY=1\nSTATUS=serving", "STOPPING=1"), (told[0], told[^1]));
    }

    [Theory]
    [InlineData("INT", 1)]
    [InlineData("TERM", 1)]
    [InlineData("INT", 2)]
    public async Task EachSignalEndsItWhileItIsAskedAndFollowed(string signal, int times)
    {
        (Process agent, LogLines log) = _agents.Start();
        await log.WithAsync("info pass");
        using AgentClient client = new(SocketPath);
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        await using IAsyncEnumerator<Outcome<HistoryReport?>> follower =
            client.FollowAsync(null, late.Token).GetAsyncEnumerator(late.Token);
        Assert.True(await follower.MoveNextAsync());
        Task asking = AskAsync(client, late.Token);
        // All by one program: by the time a second one has started, the agent may be gone.
        Assert.Equal("", Programs.Output("kill", [$"-{signal}", .. Enumerable.Repeat($"{agent.Id}", times)]));
        await agent.WaitForExitAsync(late.Token);
        Assert.Equal(0, agent.ExitCode);
        Assert.False(Path.Exists(SocketPath));
        await log.WithAsync("info agent ends");
        await asking;
        // The place is free for the next one.
        (_, LogLines nextLog) = _agents.Start();
        await nextLog.WithAsync("info pass");
    }

    [Fact]
    public async Task ASecondProcessIsRefusedAndAKilledOneIsReplaced()
    {
        (Process agent, LogLines log) = _agents.Start();
        await log.WithAsync("info pass");
        CommandRun second = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, "--host", "sim:igb", "agent", "--socket", SocketPath]);
        Assert.Equal(4, second.ExitCode);
        Assert.Contains($"another agent runs on this machine: process {agent.Id}, socket {SocketPath}", second.Errors,
            StringComparison.Ordinal);
        agent.Kill();
        await agent.WaitForExitAsync();
        Assert.True(Path.Exists(SocketPath));
        (Process next, LogLines nextLog) = _agents.Start();
        await nextLog.WithAsync("info pass");
        using AgentClient client = new(SocketPath);
        Assert.Equal(next.Id, (await client.StatusAsync()).Value.ProcessId);
    }

    [Fact]
    public async Task ItHoldsNoNamespaceOpenAndItsMemoryIsBounded()
    {
        (Process agent, LogLines log) = _agents.Start();
        await log.WithAsync("info pass");
        using AgentClient client = new(SocketPath);
        for (int i = 0; i < 300; i++)
            Assert.True((await client.ReconcileAsync()).Succeeded);
        long before = Resident(agent);
        for (int i = 0; i < 2000; i++)
            Assert.True((i % 2 == 0 ? (await client.ReconcileAsync()).Fault : (await client.StatusAsync()).Fault) is null);
        long grown = Resident(agent) - before;
        Assert.True(grown < 32 * 1024, $"{grown} kB more");
        string own = new FileInfo("/proc/self/ns/net").LinkTarget!;
        string[] links = [.. Directory.GetFiles($"/proc/{agent.Id}/fd").Select(path => new FileInfo(path).LinkTarget ?? "")];
        Assert.Contains(links, link => link.Contains("ledger.db", StringComparison.Ordinal));
        Assert.DoesNotContain(links, link => link.StartsWith("net:[", StringComparison.Ordinal) && link != own);
        Assert.True(links.Length < 300, $"{links.Length} descriptors");
    }

    [Fact]
    public async Task EventsAreFollowedThroughTheAgentAndGoOnWithoutIt()
    {
        string state = Path.Combine(_agents.Folder, "state");
        Process follower = CommandProcess.Start([.. CommandProcess.Vfleet, "--state", state, "events", "--follow", "-o", "json",
            "--socket", SocketPath]);
        _agents.Add(follower);
        foreach (string word in (string[])["start", "end"])
        {
            CommandRun run = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, "--state", state, "maintenance", word]);
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
            string line = await follower.StandardOutput.ReadLineAsync(late.Token)
                ?? await follower.StandardError.ReadToEndAsync(late.Token);
            Assert.Contains("\"reason\":\"maintenance ", line, StringComparison.Ordinal);
        }
        Assert.Equal("", Programs.Output("kill", "-INT", $"{follower.Id}"));
        await follower.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, follower.ExitCode);
    }

    /// <summary>Until nobody answers any more.</summary>
    private static async Task AskAsync(AgentClient client, CancellationToken cancel)
    {
        while ((await client.ReconcileAsync(cancel)).Succeeded)
        {
        }
    }

    private static long Resident(Process process) =>
        File.ReadLines($"/proc/{process.Id}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture)).Single();

    private static IEnumerable<string> Messages(Socket manager)
    {
        byte[] buffer = new byte[4096];
        while (manager.Available > 0)
            yield return System.Text.Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
    }
}
