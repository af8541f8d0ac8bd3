using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>Real container engines that give VFs of the real driver to containers by way of the CNI plugin.</summary>
public sealed class LabContainersTests : IAsyncLifetime
{
    private const string Pf = "eth0", Root = "/run/lab-containers";

    public async Task InitializeAsync()
    {
        await CleanAsync();
        await Lab.MustAsync("ip", "link", "set", Pf, "up");
        await Lab.JsonAsync("vf", "create", Pf, "3");
        string script = Path.Combine(AppContext.BaseDirectory, "Containers", "prepare.sh");
        string plugin = Path.Combine(Path.GetDirectoryName(Lab.Executable)!, "sriov");
        Ended prepared = await Lab.GuestWithInputAsync(await File.ReadAllBytesAsync(script), "bash", "-s", Pf, plugin);
        Assert.True(prepared.ExitCode == 0, prepared.Errors);
    }

    public async Task DisposeAsync() => await CleanAsync();

    [Fact]
    public async Task Podman_gives_vfs_by_vlan_and_gives_them_back_clean()
    {
        string clean = await Lab.VfsAsync();
        await PodmanAsync("load", "-q", "-i", $"{Root}/busybox.tar");
        foreach ((string name, int vlan) in ((string, int)[])[("a", 100), ("b", 100), ("c", 200)])
            await PodmanAsync("run", "-d", "--name", name, "--network", $"fast{vlan}", "--cap-add", "NET_RAW", "lab.example/busybox:1", "/bin/sleep", "600");
        JsonElement list = await Lab.JsonAsync("ledger", "list");
        Assert.Equal(3, list.EnumerateArray().Select(row => row.GetProperty("vf").GetString()).Distinct().Count());
        Assert.All(list.EnumerateArray(), row => Assert.Equal("cni", row.GetProperty("frontDoor").GetString()));
        await PodmanAsync("exec", "a", "/bin/ping", "-c", "2", "-W", "5", "10.5.0.11");
        Assert.NotEqual(0, (await Lab.GuestAsync(Podman("exec", "c", "/bin/ping", "-c", "2", "-W", "2", "10.5.0.10"))).ExitCode);
        await PodmanAsync("rm", "-f", "-t", "0", "a", "b", "c");
        Assert.Equal(0, (await Lab.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(clean, await Lab.VfsAsync());
        Assert.Equal(0, (await Lab.VfleetAsync("verify")).ExitCode);
    }

    [Fact]
    public async Task Containerd_gives_vfs_by_vlan_and_those_of_a_killed_container_come_back_too()
    {
        string clean = await Lab.VfsAsync();
        await Lab.MustAsync("sh", "-c", $"setsid containerd -c {Root}/containerd.toml >{Root}/containerd.log 2>&1 </dev/null & "
            + $"for i in $(seq 100); do [ -S {Root}/containerd.sock ] && exit 0; sleep 0.2; done; exit 1");
        await CtrAsync("images", "import", $"{Root}/busybox.tar");
        await RunAsync("a", 100);
        await RunAsync("b", 100);
        await RunAsync("c", 200);
        Assert.Equal(3, (await Lab.JsonAsync("ledger", "list")).GetArrayLength());
        await CtrAsync("task", "exec", "--exec-id", "x", "a", "/bin/ping", "-c", "2", "-W", "5", "10.5.0.11");
        Assert.NotEqual(0, (await Lab.GuestAsync(Ctr("task", "exec", "--exec-id", "x", "c", "/bin/ping", "-c", "2", "-W", "2", "10.5.0.10"))).ExitCode);
        foreach (string name in (string[])["a", "b", "c"])
        {
            await CtrAsync("task", "kill", "-s", "KILL", name);
            await Lab.MustAsync("sh", "-c", $"for i in $(seq 50); do {string.Join(' ', Ctr("task", "rm", name))} 2>/dev/null; "
                + $"{string.Join(' ', Ctr("container", "rm", name))} 2>/dev/null && exit 0; sleep 0.2; done; exit 1");
        }
        // ctr calls no DEL for a container it left in the background: its namespace is gone, and the next call takes the VF back.
        await Lab.MustAsync("/run/vfleet/program/vfleet", "reconcile");
        Assert.Equal(0, (await Lab.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(clean, await Lab.VfsAsync());
        Assert.Equal(0, (await Lab.VfleetAsync("verify")).ExitCode);
    }

    private static string[] Podman(params string[] words) => ["podman", "--root", "/var/lib/lab-podman", "--runroot", $"{Root}/podman", .. words];

    private static string[] Ctr(params string[] words) => ["ctr", "-a", $"{Root}/containerd.sock", .. words];

    private static Task<string> PodmanAsync(params string[] words) => Lab.MustAsync(Podman(words));

    private static Task<string> CtrAsync(params string[] words) => Lab.MustAsync(Ctr(words));

    /// <summary>ctr takes the first network of /etc/cni/net.d.</summary>
    private static async Task RunAsync(string name, int vlan)
    {
        await Lab.MustAsync("sh", "-c", $"mkdir -p /etc/cni/net.d && cp {Root}/nets/fast{vlan}.conflist /etc/cni/net.d/00-lab.conflist");
        await CtrAsync("run", "-d", "--cni", "--cap-add", "CAP_NET_RAW", "lab.example/busybox:1", name, "/bin/sleep", "600");
    }

    private static async Task CleanAsync()
    {
        await Lab.GuestAsync(Podman("rm", "-f", "-a", "-t", "0"));
        await Lab.GuestAsync("sh", "-c", $"pkill -f {Root}/containerd.toml; pkill -f containerd-shim; rm -f /etc/cni/net.d/00-lab.conflist");
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
    }
}
