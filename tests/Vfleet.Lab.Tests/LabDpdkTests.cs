using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>A VF that the CNI plugin hands out for a program that drives it itself.</summary>
public sealed class LabDpdkTests : IAsyncLifetime
{
    private const string Pf = "eth0", Driven = "0000:41:10.0", Kernel = "0000:41:10.2", Log = "/tmp/lab-testpmd.log";

    public async Task InitializeAsync()
    {
        await CleanAsync();
        await Lab.MustAsync("ip", "link", "set", Pf, "up");
        await Lab.JsonAsync("vf", "create", Pf, "2");
        await Lab.JsonAsync("vf", "bind", Driven, "vfio-pci");
        foreach (string space in (string[])["lab-dpdk", "lab-kernel"])
            await Lab.MustAsync("ip", "netns", "add", space);
        await Lab.MustAsync("sh", "-c", "echo 256 >/proc/sys/vm/nr_hugepages; mkdir -p /dev/hugepages; mountpoint -q /dev/hugepages || mount -t hugetlbfs none /dev/hugepages");
    }

    public async Task DisposeAsync() => await CleanAsync();

    [Fact]
    public async Task Testpmd_answers_a_kernel_vf_of_the_same_vlan_and_both_come_back_clean()
    {
        string[] clean = [await StandingAsync(Driven), await StandingAsync(Kernel)];
        await CallAsync("ADD", Driven, "lab-dpdk", 100);
        await CallAsync("ADD", Kernel, "lab-kernel", 100);
        await Lab.MustAsync("ip", "-n", "lab-kernel", "address", "add", "10.9.0.1/24", "dev", "net1");
        // It answers ARP and pings for every address, and ends with its standard input.
        await Lab.MustAsync("sh", "-c", $"(sleep 300 | setsid dpdk-testpmd -l 0-1 -m 256 -a {Driven} -- --forward-mode=icmpecho --auto-start --total-num-mbufs=4096) "
            + $">{Log} 2>&1 </dev/null &");
        // It waits some seconds for its link, and says so only when it ends.
        await Lab.MustAsync("sh", "-c", "for i in $(seq 60); do ip netns exec lab-kernel busybox ping -c 1 -W 1 10.9.0.2 && exit 0; done; cat " + Log + "; exit 1");
        await Lab.MustAsync("pkill", "-INT", "-x", "dpdk-testpmd");
        await Lab.MustAsync("sh", "-c", "for i in $(seq 100); do pgrep -x dpdk-testpmd >/dev/null || exit 0; sleep 0.1; done; exit 1");
        await CallAsync("DEL", Driven, "lab-dpdk", 100);
        await CallAsync("DEL", Kernel, "lab-kernel", 100);
        Assert.Equal(clean[0], await StandingAsync(Driven));
        Assert.Equal(clean[1], await StandingAsync(Kernel));
        Assert.Equal(0, (await Lab.VfleetAsync("verify")).ExitCode);
    }

    private static Task CallAsync(string command, string device, string space, int vlan) => Lab.PluginAsync(command, space,
        $$"""{"cniVersion": "1.0.0", "name": "dpdk", "type": "sriov", "deviceID": "{{device}}", "vlan": {{vlan}}}""");

    private static async Task<string> StandingAsync(string vf)
    {
        JsonElement shown = await Lab.JsonAsync("vf", "show", vf);
        string[] keys = ["driver", "namespace", "netdev", "vlan", "spoofCheck", "trust"];
        return string.Join(' ', keys.Select(key => shown.GetProperty(key).ToString()));
    }

    private static async Task CleanAsync()
    {
        await Lab.GuestAsync("pkill", "-KILL", "-x", "dpdk-testpmd");
        foreach (string space in (string[])["lab-dpdk", "lab-kernel"])
            await Lab.GuestAsync("ip", "netns", "delete", space);
        await Lab.GuestAsync("sh", "-c", "echo 0 >/proc/sys/vm/nr_hugepages");
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
    }
}
