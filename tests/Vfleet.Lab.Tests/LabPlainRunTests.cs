using System.Diagnostics;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>Commands with VFs of the real igb driver in namespaces of their own.</summary>
public sealed class LabPlainRunTests : IAsyncLifetime
{
    private const string Pf = "eth0", Program = "/run/vfleet/program/vfleet", Mark = "4321";

    /// <summary>On an emulated processor a command takes seconds, where a real one needs a fraction of one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task InitializeAsync()
    {
        await CleanAsync();
        await Lab.JsonAsync("vf", "create", Pf, "3");
    }

    public async Task DisposeAsync() => await CleanAsync();

    [Fact]
    public async Task Two_commands_of_one_vlan_reach_each_other_and_a_third_of_another_does_not()
    {
        string clean = await StandingAsync();
        await StartAsync("100", "10.30.0.1/24");
        JsonElement row = Assert.Single((await Lab.JsonAsync("ledger", "list")).EnumerateArray());
        Assert.Equal(("sleep", "attached"), (row.GetProperty("owner").GetString(), row.GetProperty("state").GetString()));
        JsonElement vf = await Lab.JsonAsync("vf", "show", row.GetProperty("vf").GetString()!);
        Assert.Equal((100, "net1"), (vf.GetProperty("vlan").GetInt32(), vf.GetProperty("netdev").GetString()));

        const string Ping = "ip -4 -o address show dev net1; for i in $(seq 20); do busybox ping -c 1 -W 1 10.30.0.1 && exit 0; done; exit 9";
        Ended near = await RunAsync("100", "10.30.0.2/24", Ping);
        Assert.True(near.ExitCode == 0, $"{near.ExitCode}\n{near.Errors}\n{near.Output}");
        Assert.Contains("10.30.0.2/24", near.Output, StringComparison.Ordinal);
        Ended far = await RunAsync("200", "10.30.0.3/24", "busybox ping -c 3 -W 1 10.30.0.1 >/dev/null && exit 0; exit 9");
        Assert.Equal(9, far.ExitCode);

        // The command gets the signal; its end is that of the run, which takes the VF back.
        await Lab.MustAsync("sh", "-c", "kill -TERM $(cat /tmp/lab-run.pid)");
        await UntilAsync(async () => (await Lab.MustAsync("cat", "/tmp/lab-run.code")).Trim() == "143",
            "the run ends with the command's exit code");
        Assert.Equal(0, (await Lab.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(clean, await StandingAsync());
    }

    [Fact]
    public async Task A_run_that_is_killed_takes_its_command_along_and_the_next_command_finds_the_vf_clean()
    {
        string clean = await StandingAsync();
        await StartAsync("100", "10.30.0.1/24");
        await Lab.MustAsync("sh", "-c", "kill -KILL $(cat /tmp/lab-run.pid)");
        await UntilAsync(async () => (await Lab.GuestAsync("pgrep", "-f", $"sleep {Mark}")).ExitCode == 1, "the command is gone");

        // All three: the one that was killed with its run is among them.
        JsonElement all = await Lab.JsonAsync("allocate", "--pool", Pf, "--count", "3", "--owner", "next");
        await Lab.JsonAsync("release", all.GetProperty("id").GetString()!);
        Assert.Equal(clean, await StandingAsync());
        Ended verified = await Lab.VfleetAsync("verify");
        Assert.True(verified.ExitCode == 0, $"{verified.Output}{verified.Errors}");
    }

    /// <summary>A command that stays, with its run's process and exit code written down.</summary>
    private static async Task StartAsync(string vlan, string address)
    {
        string run = $"{Program} run --pool {Pf} --vlan {vlan} --address {address} --name net1 -- sleep {Mark}";
        await Lab.MustAsync("sh", "-c", ": >/tmp/lab-run.code; "
            + $"setsid sh -c '{run} & echo $! >/tmp/lab-run.pid; wait $!; echo $? >/tmp/lab-run.code' >/tmp/lab-run.log 2>&1 </dev/null &");
        await UntilAsync(async () => (await Lab.GuestAsync("pgrep", "-x", "-f", $"sleep {Mark}")).ExitCode == 0, "the command runs");
    }

    private static Task<Ended> RunAsync(string vlan, string address, string script) =>
        Lab.VfleetAsync("run", "--pool", Pf, "--vlan", vlan, "--address", address, "--name", "net1", "--", "sh", "-c", script);

    /// <summary>Where each VF is and what it has.</summary>
    private static async Task<string> StandingAsync()
    {
        string[] keys = ["driver", "namespace", "netdev", "vlan", "spoofCheck", "trust", "mtu", "owner"];
        return string.Join('\n', (await Lab.JsonAsync("vf", "list", Pf)).EnumerateArray()
            .Select(vf => string.Join(' ', keys.Select(key => vf.GetProperty(key).ToString()))));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!await holds())
        {
            if (waited.Elapsed > Patience)
                Assert.Fail($"not within {Patience.TotalSeconds:0} s: {what}\n{(await Lab.GuestAsync("cat", "/tmp/lab-run.log")).Output}");
            await Task.Delay(200);
        }
    }

    private static async Task CleanAsync()
    {
        await Lab.GuestAsync("pkill", "-f", $"sleep {Mark}");
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
    }
}
