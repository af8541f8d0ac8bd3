using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>
/// dockerd and the agent that serves it in the guest, with one image made of a static busybox; until it is disposed. dockerd has neither a
/// bridge nor firewall rules of its own, so that containers have nothing but their VFs.
/// </summary>
internal sealed class LabDocker : IAsyncDisposable
{
    public const string Image = "lab", Pf = "eth0";

    private const string Program = "/run/vfleet/program/vfleet", Docker = "/usr/bin/docker", Logs = "/tmp/lab-docker", Busybox = "/run/vfleet/busybox";
    private const string Dockerd = "/usr/sbin/dockerd --bridge=none --iptables=false --ip-masq=false --storage-driver=overlay2";

    /// <summary>On an emulated processor a start takes tens of seconds; what nobody deletes is taken back after a minute of doubt.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task<LabDocker> StartAsync(int vfs)
    {
        await CleanAsync();
        await Lab.MustAsync("mkdir", "-p", Logs);
        await Lab.JsonAsync("vf", "create", Pf, $"{vfs}");
        await StartAgentAsync();
        await StartDockerdAsync();
        await Lab.MustAsync("sh", "-c", $"""
            cd {Logs} && rm -rf root && mkdir -p root/bin root/proc root/sys root/etc root/tmp && cp {Busybox} root/bin/busybox
            for name in sh ip ping ping6 sleep cat; do ln -s busybox root/bin/$name; done
            tar -C root -c . | {Docker} import - {Image}
            """);
        return new LabDocker();
    }

    public static Task StartAgentAsync() => StartAsync("agent", $"{Program} agent --docker", async () => (await Lab.VfleetAsync("status")).ExitCode == 0);

    public static Task StartDockerdAsync() => StartAsync("dockerd", Dockerd, async () => (await Lab.GuestAsync(Docker, "info")).ExitCode == 0);

    /// <summary>Ends the agent or dockerd as by kill -9.</summary>
    public static Task KillAsync(string name) => Lab.MustAsync("sh", "-c",
        $"kill -9 $(cat {Logs}/{name}.pid); while kill -0 $(cat {Logs}/{name}.pid) 2>/dev/null; do sleep 0.1; done");

    /// <summary>Runs docker in the guest.</summary>
    public static Task<Ended> TryAsync(params string[] words) => Lab.GuestAsync([Docker, .. words]);

    /// <summary>Runs docker in the guest and expects success.</summary>
    public static async Task<string> MustAsync(params string[] words)
    {
        Ended ended = await TryAsync(words);
        Assert.True(ended.ExitCode == 0, $"docker {string.Join(' ', words)}: {ended.ExitCode}\n{ended.Errors}\n{await LogAsync()}");
        return ended.Output.Trim();
    }

    /// <summary>Runs docker-compose in the guest with the compose file that the documentation shows, and expects success.</summary>
    public static async Task ComposeAsync(params string[] words)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Containers", "docker.md"));
        string file = text.Split("```yaml\n", StringSplitOptions.None).Single(part => part.StartsWith("services:", StringComparison.Ordinal)).Split("```")[0];
        Ended ended = await Lab.GuestWithInputAsync(Encoding.UTF8.GetBytes(file), ["/usr/bin/docker-compose", "-p", "shop", "-f", "-", .. words]);
        Assert.True(ended.ExitCode == 0, $"docker-compose {string.Join(' ', words)}: {ended.ExitCode}\n{ended.Errors}\n{await LogAsync()}");
    }

    /// <summary>Starts a container that waits.</summary>
    public static Task RunAsync(string name, string network, params string[] options) =>
        MustAsync(["run", "-d", "--name", name, "--network", network, .. options, Image, "/bin/sleep", "3600"]);

    /// <summary>True where one ping of several comes back.</summary>
    public static async Task<bool> PingsAsync(string from, string address) =>
        (await TryAsync("exec", from, "/bin/ping", "-c", "3", "-W", "2", address)).ExitCode == 0;

    /// <summary>Owners in the ledger, sorted.</summary>
    public static async Task<string[]> OwnersAsync() => [.. (await Lab.JsonAsync("ledger", "list")).EnumerateArray()
        .Select(row => row.GetProperty("owner").GetString()!).Order(StringComparer.Ordinal)];

    /// <summary>Every VF is free, clean and on the host.</summary>
    public static async Task<bool> AreAllFreeAsync(int vfs)
    {
        JsonElement pools = await Lab.JsonAsync("pool", "list");
        return pools.EnumerateArray().Sum(pool => pool.GetProperty("free").GetInt32()) == vfs && (await OwnersAsync()).Length == 0
            && (await Lab.VfleetAsync("verify")).ExitCode == 0;
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!await holds())
        {
            if (waited.Elapsed > Patience)
                Assert.Fail($"not within {Patience.TotalSeconds:0} s: {what}\n{await LogAsync()}");
            await Task.Delay(500);
        }
    }

    public async ValueTask DisposeAsync() => await CleanAsync();

    private static async Task<string> LogAsync() => (await Lab.GuestAsync("sh", "-c", $"tail -n 25 {Logs}/*.log")).Output;

    private static async Task StartAsync(string name, string command, Func<Task<bool>> isUp)
    {
        await Lab.MustAsync("sh", "-c", $"setsid {command} >>{Logs}/{name}.log 2>&1 </dev/null & echo $! >{Logs}/{name}.pid");
        await UntilAsync(isUp, $"{name} is up");
    }

    private static async Task CleanAsync()
    {
        await Lab.GuestAsync("sh", "-c", $"""
            test -e {Logs} || exit 0
            {Docker} ps -aq | xargs -r {Docker} rm -f
            {Docker} network ls -q --filter driver=vfleet | xargs -r {Docker} network rm
            for name in dockerd agent; do
                kill $(cat {Logs}/$name.pid)
                for i in $(seq 200); do kill -0 $(cat {Logs}/$name.pid) 2>/dev/null || break; sleep 0.1; done
            done
            """);
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
    }
}
