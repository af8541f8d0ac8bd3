using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>A real dockerd that gives its containers VFs.</summary>
public sealed class LabDockerTests
{
    [Fact]
    public async Task Containers_of_a_vlan_reach_each_other_and_no_other_and_their_vfs_come_back_clean()
    {
        await using LabDocker docker = await LabDocker.StartAsync(vfs: 3);
        await LabDocker.MustAsync("network", "create", "-d", "vfleet", "-o", $"pool={LabDocker.Pf}", "-o", "vlan=100", "-o", "spoofchk=on",
            "--subnet", "192.0.2.0/24", "--gateway", "192.0.2.254", "blue");
        await LabDocker.MustAsync("network", "create", "-d", "vfleet", "-o", $"netdevice={LabDocker.Pf}", "-o", "vlanid=200", "-o", "prefix=net",
            "--subnet", "198.51.100.0/24", "green");
        await LabDocker.RunAsync("one", "blue", "--ip", "192.0.2.1");
        await LabDocker.RunAsync("two", "blue", "--ip", "192.0.2.2", "--mac-address", "02:00:00:00:00:07");
        await LabDocker.RunAsync("three", "green", "--ip", "198.51.100.3", "--cap-add", "NET_ADMIN");
        await LabDocker.MustAsync("exec", "three", "/bin/ip", "address", "add", "192.0.2.3/24", "dev", "net0");

        await LabDocker.UntilAsync(() => LabDocker.PingsAsync("one", "192.0.2.2"), "one reaches two");
        Assert.False(await LabDocker.PingsAsync("three", "192.0.2.1"));
        Assert.Equal(["one", "three", "two"], await LabDocker.OwnersAsync());
        Assert.Contains("02:00:00:00:00:07", await LabDocker.MustAsync("exec", "two", "/bin/ip", "link", "show", "eth0"), StringComparison.Ordinal);
        Assert.Contains("default via 192.0.2.254", await LabDocker.MustAsync("exec", "one", "/bin/ip", "route"), StringComparison.Ordinal);
        // No passes of the agent took back what dockerd moved.
        Assert.Equal(0, (await Lab.VfleetAsync("reconcile")).ExitCode);
        Assert.Equal(0, (await Lab.VfleetAsync("verify")).ExitCode);
        Assert.True(await LabDocker.PingsAsync("one", "192.0.2.2"));

        await LabDocker.MustAsync("stop", "-t", "1", "one");
        await LabDocker.MustAsync("start", "one");
        await LabDocker.UntilAsync(() => LabDocker.PingsAsync("one", "192.0.2.2"), "one reaches two after a restart");
        await LabDocker.MustAsync("rm", "-f", "one", "two", "three");
        await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(3), "every VF is free");
    }

    [Fact]
    public async Task Nothing_leaks_when_agent_or_dockerd_is_killed_under_running_containers()
    {
        await using LabDocker docker = await LabDocker.StartAsync(vfs: 2);
        await LabDocker.MustAsync("network", "create", "-d", "vfleet", "-o", $"pf={LabDocker.Pf}", "-o", "vlan=100", "--subnet", "192.0.2.0/24", "blue");
        await LabDocker.RunAsync("one", "blue");
        await LabDocker.RunAsync("two", "blue");

        await LabDocker.KillAsync("agent");
        await LabDocker.StartAgentAsync();
        await LabDocker.MustAsync("rm", "-f", "one");
        await LabDocker.UntilAsync(async () => await LabDocker.OwnersAsync() is ["two"], "the VF of one is free");

        await LabDocker.KillAsync("dockerd");
        Assert.Equal(0, (await Lab.VfleetAsync("reconcile")).ExitCode);
        Assert.Equal(["two"], await LabDocker.OwnersAsync());
        await LabDocker.StartDockerdAsync();
        await LabDocker.TryAsync("rm", "-f", "two");
        await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(2), "every VF is free");

        // The network is known still, on both sides.
        await LabDocker.RunAsync("three", "blue");
        Assert.Equal(["three"], await LabDocker.OwnersAsync());
        await LabDocker.MustAsync("rm", "-f", "three");
        await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(2), "every VF is free again");
    }

    [Fact]
    public async Task Addresses_come_from_the_ledger_and_go_back_to_it()
    {
        await using LabDocker docker = await LabDocker.StartAsync(vfs: 2);
        await LabDocker.MustAsync("network", "create", "-d", "vfleet", "-o", $"pool={LabDocker.Pf}", "-o", "vlan=100", "--ipam-driver", "vfleet", "--ipv6",
            "--subnet", "192.0.2.0/29", "--gateway", "192.0.2.6", "--subnet", "2001:db8::/64", "--gateway", "2001:db8::1", "red");
        await LabDocker.RunAsync("one", "red");
        await LabDocker.KillAsync("agent");
        await LabDocker.StartAgentAsync();
        await LabDocker.RunAsync("two", "red", "--ip", "192.0.2.5");
        string one = await LabDocker.MustAsync("exec", "one", "/bin/ip", "address", "show", "eth0");
        Assert.Contains("192.0.2.1/29", one, StringComparison.Ordinal);
        Assert.Contains("2001:db8::2/64", one, StringComparison.Ordinal);
        Assert.Contains("192.0.2.5/29", await LabDocker.MustAsync("exec", "two", "/bin/ip", "address", "show", "eth0"), StringComparison.Ordinal);
        await LabDocker.UntilAsync(() => LabDocker.PingsAsync("one", "192.0.2.5"), "one reaches two");
        await LabDocker.MustAsync("rm", "-f", "one", "two");
        await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(2), "every VF is free");
        // As new: the same addresses again.
        await LabDocker.RunAsync("three", "red");
        Assert.Contains("192.0.2.1/29", await LabDocker.MustAsync("exec", "three", "/bin/ip", "address", "show", "eth0"), StringComparison.Ordinal);
        await LabDocker.MustAsync("rm", "-f", "three");
        await LabDocker.MustAsync("network", "rm", "red");
        await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(2), "every VF is free again");
    }

    [Fact]
    public async Task Compose_brings_services_up_on_vfs_and_takes_them_down()
    {
        await using LabDocker docker = await LabDocker.StartAsync(vfs: 2);
        // What the documentation's file names.
        await LabDocker.MustAsync("tag", LabDocker.Image, "debian");
        for (int times = 0; times < 2; times++)
        {
            await LabDocker.ComposeAsync("up", "-d");
            Assert.Equal(["shop_store_1", "shop_web_1"], await LabDocker.OwnersAsync());
            await LabDocker.UntilAsync(() => LabDocker.PingsAsync("shop_store_1", "192.0.2.7"), "store reaches web");
            await LabDocker.ComposeAsync("down", "-t", "1");
            await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(2), "every VF is free");
        }
        Assert.Equal("", await LabDocker.MustAsync("network", "ls", "-q", "--filter", "driver=vfleet"));
    }

    [Fact]
    public async Task What_cannot_be_is_said_by_docker_in_whole_sentences()
    {
        await using LabDocker docker = await LabDocker.StartAsync(vfs: 1);
        (string Option, string Expected)[] wrong =
        [
            ("vlan=4095", "vlan is a VLAN from 0 to 4094"),
            ("spoofcheck=on", "did you mean spoofchk?"),
            ("link_state=enable", "link state"),
        ];
        foreach ((string option, string expected) in wrong)
        {
            Ended refused = await LabDocker.TryAsync("network", "create", "-d", "vfleet", "-o", $"pf={LabDocker.Pf}", "-o", option, "--subnet", "192.0.2.0/24", "bad");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains(expected, refused.Errors, StringComparison.Ordinal);
        }
        await LabDocker.MustAsync("network", "create", "-d", "vfleet", "-o", $"pf={LabDocker.Pf}", "--ipv6", "--subnet", "192.0.2.0/24", "--subnet", "2001:db8::/64", "six");
        await LabDocker.RunAsync("one", "six", "--ip6", "2001:db8::7");
        Assert.Contains("2001:db8::7/64", await LabDocker.MustAsync("exec", "one", "/bin/ip", "-6", "address", "show", "eth0"), StringComparison.Ordinal);
        Ended full = await LabDocker.TryAsync("run", "--name", "two", "--network", "six", LabDocker.Image, "/bin/sleep", "1");
        Assert.NotEqual(0, full.ExitCode);
        Assert.Contains("has 0 VFs free", full.Errors, StringComparison.Ordinal);
        JsonElement vf = await Lab.JsonAsync("vf", "show", $"{LabDocker.Pf}/0");
        Assert.Equal("eth0", vf.GetProperty("netdev").GetString());
        await LabDocker.MustAsync("rm", "-f", "one", "two");
        await LabDocker.UntilAsync(() => LabDocker.AreAllFreeAsync(1), "the VF is free");
    }
}
