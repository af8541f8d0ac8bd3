using System.Text;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>A bond of two VFs of the real driver on two PFs, which are on one wire in the lab, made by the CNI plugin.</summary>
public sealed class LabBondTests : IAsyncLifetime
{
    private const string Bonded = "lab-bond", Peer = "lab-peer", Pool = "lab-bond";
    private const string Ping = "for i in $(seq 60); do ip netns exec " + Bonded + " busybox ping -c 1 -W 1 10.7.0.2 && exit 0; done; exit 1";
    private static readonly string[] Pfs = ["eth0", "eth1"];

    public async Task InitializeAsync()
    {
        await CleanAsync();
        // Without it the module makes an interface on the host when the first bond loads it.
        await Lab.MustAsync("modprobe", "bonding", "max_bonds=0");
        foreach (string pf in Pfs)
            await Lab.MustAsync("ip", "link", "set", pf, "up");
        string policy = $$$"""
            {"apiVersion": "sriovnetwork.openshift.io/v1", "kind": "SriovNetworkNodePolicy", "metadata": {"name": "{{{Pool}}}"},
             "spec": {"resourceName": "{{{Pool}}}", "numVfs": 2, "nicSelector": {"pfNames": ["{{{string.Join("\", \"", Pfs)}}}"]} } }
            """;
        Ended applied = await Lab.GuestWithInputAsync(Encoding.UTF8.GetBytes(policy), "/run/vfleet/program/vfleet", "apply", "-f", "-");
        Assert.True(applied.ExitCode == 0, $"{applied.Output}{applied.Errors}");
        foreach (string space in (string[])[Bonded, Peer])
            await Lab.MustAsync("ip", "netns", "add", space);
    }

    public async Task DisposeAsync() => await CleanAsync();

    [Theory]
    [InlineData("member")]
    [InlineData("PF")]
    public async Task Bond_survives_the_loss_of_the_vf_in_use_while_traffic_goes_to_another_namespace(string lost)
    {
        string clean = await Lab.VfsAsync();
        string bond = $$"""{"cniVersion": "1.0.0", "name": "lab", "type": "sriov", "pool": "{{Pool}}", "vlan": 100, "bond": {"miimon": "100"} }""";
        await Lab.PluginAsync("ADD", Bonded, bond);
        string active = await ActiveAsync();
        JsonElement[] vfs = [.. (await Lab.JsonAsync("vf", "list")).EnumerateArray()];
        JsonElement used = vfs.Single(vf => Text(vf, "netdev") == active && Text(vf, "namespace").EndsWith(Bonded, StringComparison.Ordinal));
        // The peer is on the PF that stays; what it is sent before crosses the wire, and afterwards that PF's own switch.
        JsonElement other = vfs.Single(vf => Text(vf, "pf") != Text(used, "pf") && Text(vf, "owner").Length == 0);
        string peer = $$"""{"cniVersion": "1.0.0", "name": "lab", "type": "sriov", "deviceID": "{{Text(other, "bdf")}}", "vlan": 100}""";
        await Lab.PluginAsync("ADD", Peer, peer);
        await Lab.MustAsync("ip", "-n", Bonded, "address", "add", "10.7.0.1/24", "dev", "net1");
        await Lab.MustAsync("ip", "-n", Peer, "address", "add", "10.7.0.2/24", "dev", "net1");
        await Lab.MustAsync("sh", "-c", Ping);

        // igb refuses a VF's link state: a PF that is down takes its VFs' carrier instead.
        string[] down = lost == "PF" ? ["ip", "link", "set", Text(used, "pf"), "down"] : ["ip", "-n", Bonded, "link", "set", active, "down"];
        await Lab.MustAsync(down);
        await Lab.MustAsync("sh", "-c", Ping);
        Assert.NotEqual(active, await ActiveAsync());

        await Lab.MustAsync("ip", "link", "set", Text(used, "pf"), "up");
        await Lab.PluginAsync("DEL", Peer, peer);
        await Lab.PluginAsync("DEL", Bonded, bond);
        Assert.Equal(0, (await Lab.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(clean, await Lab.VfsAsync());
        Assert.Equal(0, (await Lab.VfleetAsync("verify")).ExitCode);
    }

    /// <summary>The member that the bond sends and receives by.</summary>
    private static async Task<string> ActiveAsync() =>
        (await Lab.MustAsync("ip", "netns", "exec", Bonded, "cat", "/sys/class/net/net1/bonding/active_slave")).Trim();

    private static string Text(JsonElement vf, string key) => vf.GetProperty(key).ToString();

    private static async Task CleanAsync()
    {
        foreach (string space in (string[])[Bonded, Peer])
            await Lab.GuestAsync("ip", "netns", "delete", space);
        foreach (string pf in Pfs)
            await Lab.GuestAsync("ip", "link", "set", pf, "up");
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("delete", "SriovNetworkNodePolicy", Pool);
        foreach (string pf in Pfs)
            await Lab.VfleetAsync("vf", "delete", pf, "--yes");
    }
}
