using System.Diagnostics;
using System.Globalization;
using Vfleet.Containers.Find;
using Vfleet.Linux.Real;
using Vfleet.Linux.Tests;

namespace Vfleet.Containers.Tests.Find;

/// <summary>Containers of a real podman, whose storage is the test's own.</summary>
public sealed class KernelPodmanTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("vfleet-podman-").FullName;
    private ContainerFinder _finder = null!;

    public Task InitializeAsync()
    {
        string settings = Path.Combine(_root, "storage.conf");
        File.WriteAllText(settings, $"[storage]\ndriver = \"vfs\"\ngraphroot = \"{_root}/storage\"\nrunroot = \"{_root}/run\"\n");
        ContainerPlaces places = new() { StorageSettings = [settings] };
        _finder = new ContainerFinder([new PodmanEngine(new LinuxKernel().Files, places)]);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (Directory.Exists($"{_root}/storage"))
            await PodmanAsync("rm", "-f", "-a", "-t", "0");
        // The monitor of each container becomes a podman that cleans up behind it, in the same storage.
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        while (Directory.GetDirectories("/proc").Any(IsOurs))
            await Task.Delay(50, late.Token);
        Directory.Delete(_root, recursive: true);
    }

    [KernelFact("podman", "conmon", "runc", "busybox")]
    public async Task OneIsFoundWhileItRunsAndNotAfterItsEnd()
    {
        (string id, int process) = await RunAsync("web");
        foreach (string name in (string[])["web", id, id[..12]])
            Assert.Equal(new FoundContainer("podman", "web", id, process), (await _finder.FindAsync(name)).Value);
        await PodmanAsync("rename", "web", "shop");
        Assert.Equal(process, (await _finder.FindAsync("shop")).Value.Process);
        await PodmanAsync("stop", "-t", "0", "shop");
        // Its number is in the file still.
        Assert.Equal($"{process}", File.ReadAllText($"{_root}/run/vfs-containers/{id}/userdata/pidfile"));
        Assert.Contains("does not run", (await _finder.FindAsync("shop")).Fault?.Error, StringComparison.Ordinal);
        await PodmanAsync("start", "shop");
        Assert.Equal(await ProcessAsync("shop"), (await _finder.FindAsync("shop")).Value.Process);
        await PodmanAsync("rm", "-f", "-t", "0", "shop");
        Assert.Equal(FaultKind.NotFound, (await _finder.FindAsync("shop")).Fault?.Kind);
    }

    [KernelFact("podman", "conmon", "runc", "busybox")]
    public async Task OneThatIsRemovedWithItsEndIsFoundToo()
    {
        (string id, int process) = await RunAsync("web", "--rm");
        Assert.Equal(new FoundContainer("podman", "web", id, process), (await _finder.FindAsync("web")).Value);
    }

    private async Task<(string Id, int Process)> RunAsync(string name, params string[] options)
    {
        string bin = Directory.CreateDirectory($"{_root}/{name}/bin").FullName;
        string busybox = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "busybox"))
            .First(File.Exists);
        File.Copy(busybox, $"{bin}/sleep");
        // Its own defaults may be above what this process may give.
        string id = await PodmanAsync(
            ["run", "-d", "--name", name, "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
            .. options, "--rootfs", $"{_root}/{name}", "/bin/sleep", "300"]);
        return (id, await ProcessAsync(name));
    }

    private async Task<int> ProcessAsync(string name) =>
        int.Parse(await PodmanAsync("inspect", "--format", "{{.State.Pid}}", name), CultureInfo.InvariantCulture);

    /// <summary>True for a process whose command line names the test's folder.</summary>
    private bool IsOurs(string process) =>
        new LinuxKernel().Files.ReadText($"{process}/cmdline").Or(null)?.Contains(_root, StringComparison.Ordinal) == true;

    private async Task<string> PodmanAsync(params string[] words)
    {
        using Process podman = Process.Start(new ProcessStartInfo("podman",
        [
            "--root", $"{_root}/storage", "--runroot", $"{_root}/run", "--tmpdir", $"{_root}/tmp", "--storage-driver", "vfs", "--runtime",
            "runc",
            "--cgroup-manager", "cgroupfs", "--events-backend", "none", .. words,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = podman.StandardError.ReadToEndAsync();
        string output = await podman.StandardOutput.ReadToEndAsync();
        await podman.WaitForExitAsync();
        Assert.True(podman.ExitCode == 0, $"podman {string.Join(' ', words)}: {await errors}");
        return output.Trim();
    }
}
