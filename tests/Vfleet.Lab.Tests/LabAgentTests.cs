using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>An agent in the guest, and people who change by hand what it watches over.</summary>
public sealed class LabAgentTests : IAsyncLifetime
{
    private const string Pf = "eth0", Vf = "0000:41:10.0", Space = "lab-agent", Program = "/run/vfleet/program/vfleet";

    /// <summary>On an emulated processor a pass takes seconds that a real one takes a fraction of.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task InitializeAsync()
    {
        await CleanAsync();
        await Lab.MustAsync("ip", "netns", "add", Space);
        await Lab.JsonAsync("vf", "create", Pf, "2");
    }

    public async Task DisposeAsync() => await CleanAsync();

    /// <summary>What is changed by hand, and how history tells of it.</summary>
    public static TheoryData<string, string> Tampering() => new()
    {
        { $"ip link set {Pf} vf 0 vlan 5", "VLAN 5 instead of 100" },
        { $"ip link set {Pf} vf 0 spoofchk off", "spoof check off instead of on" },
        { $"ip -n {Space} link set eth0 mtu 1400", "MTU 1400 instead of 1500" },
        { $"ip -n {Space} link set eth0 down && ip -n {Space} link set eth0 name other", "name other instead of eth0" },
        { $"ip -n {Space} link set eth0 netns 1 name stray", $"instead of /run/netns/{Space}" },
        { $"echo {Vf} >/sys/bus/pci/devices/{Vf}/driver/unbind", "driver none instead of igbvf" },
    };

    [Fact]
    public async Task What_is_changed_by_hand_is_put_back_and_written_down_and_what_a_dead_owner_had_is_free()
    {
        await using Agent agent = await Agent.StartAsync();
        await Lab.JsonAsync("attach", $"{Pf}/0", "--netns", Space, "--name", "eth0", "--vlan", "100", "--spoofchk", "on");
        string before = await StandingAsync();
        foreach ((string command, string difference) in Tampering().Select(row => ((string)row[0], (string)row[1])))
        {
            await Lab.MustAsync("sh", "-c", command);
            await UntilAsync(async () => await StandingAsync() == before && await HasDriftAsync(difference), $"{command}: {difference}");
        }
        await VerifiedAsync();

        await Lab.MustAsync("ip", "netns", "delete", Space);
        await UntilAsync(AreAllFreeAsync, "the namespace is gone");
        await VerifiedAsync();
    }

    [Fact]
    public async Task An_attach_killed_at_any_moment_loses_no_vf()
    {
        string clean = await StandingAsync();
        // Kill after kill, a little later each time, until one attach comes to its end.
        int kills = 0;
        for (int delay = 100; ; delay += 150)
        {
            string seconds = (delay / 1000.0).ToString(CultureInfo.InvariantCulture);
            Ended attach = await Lab.GuestAsync("timeout", "--signal=KILL", seconds, Program, "attach", $"{Pf}/0", "--netns", Space, "--vlan", "100");
            if (attach.ExitCode == 0)
            {
                await Lab.JsonAsync("detach", $"{Pf}/0");
                break;
            }
            kills++;
            Assert.Equal(0, (await Lab.VfleetAsync("reconcile")).ExitCode);
            await VerifiedAsync();
            // Killed between the ledger's last word and its own end: the living namespace has it, whole.
            if ((await Lab.JsonAsync("ledger", "list")).EnumerateArray().Any(each => each.GetProperty("state").GetString() == "attached"))
            {
                await Lab.JsonAsync("detach", $"{Pf}/0");
                break;
            }
            Assert.True(await AreAllFreeAsync(), $"after {delay} ms: {await Lab.MustAsync(Program, "pool", "list", "-o", "wide")}");
            Assert.Equal(clean, await StandingAsync());
        }
        Assert.True(kills >= 2, "the program was done before it was killed");
        Assert.Equal(clean, await StandingAsync());
    }

    /// <summary>Where the VF is and what it has, as its owner got it.</summary>
    private static async Task<string> StandingAsync()
    {
        JsonElement vf = await Lab.JsonAsync("vf", "show", $"{Pf}/0");
        string[] keys = ["driver", "namespace", "netdev", "vlan", "spoofCheck", "trust", "mtu"];
        return string.Join(' ', keys.Select(key => vf.GetProperty(key).ToString()));
    }

    private static async Task VerifiedAsync()
    {
        Ended verified = await Lab.VfleetAsync("verify");
        Assert.True(verified.ExitCode == 0, $"{verified.Output}{verified.Errors}{await Lab.MustAsync(Program, "ledger", "history", Vf)}");
    }

    private static async Task<bool> AreAllFreeAsync() => (await Lab.JsonAsync("ledger", "list")).GetArrayLength() == 0
        && (await Lab.JsonAsync("pool", "list")).EnumerateArray().Sum(pool => pool.GetProperty("free").GetInt32()) == 2;

    private static async Task<bool> HasDriftAsync(string difference) => (await Lab.JsonAsync("ledger", "history", Vf)).EnumerateArray()
        .Any(row => row.GetProperty("reason").GetString() == "drift" && row.GetProperty("detail").GetString()!.Contains(difference, StringComparison.Ordinal));

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!await holds())
        {
            if (waited.Elapsed > Patience)
                Assert.Fail($"not within {Patience.TotalSeconds:0} s: {what}\n{await Lab.MustAsync("tail", "-20", Agent.Log)}");
            await Task.Delay(200);
        }
    }

    private static async Task CleanAsync()
    {
        await Lab.GuestAsync("pkill", "-f", $"{Program} agent");
        await Lab.GuestAsync("ip", "netns", "delete", Space);
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
    }

    /// <summary>An agent that runs in the guest until it is disposed, which ends it as systemd would.</summary>
    private sealed class Agent : IAsyncDisposable
    {
        public const string Log = "/tmp/lab-agent.log";

        public static async Task<Agent> StartAsync()
        {
            await Lab.MustAsync("sh", "-c", $"setsid {Program} agent >{Log} 2>&1 </dev/null & echo $! >/tmp/lab-agent.pid");
            Agent agent = new();
            await UntilAsync(async () => (await Lab.VfleetAsync("status")).ExitCode == 0, "the agent answers");
            return agent;
        }

        public async ValueTask DisposeAsync() =>
            await Lab.GuestAsync("sh", "-c", "kill $(cat /tmp/lab-agent.pid); for i in $(seq 100); do kill -0 $(cat /tmp/lab-agent.pid) 2>/dev/null || exit 0; sleep 0.1; done");
    }
}
