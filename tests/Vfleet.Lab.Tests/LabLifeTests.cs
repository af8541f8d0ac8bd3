using System.Diagnostics;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>A second lab beside the one the other tests use: how it comes and goes, and what it leaves behind.</summary>
public sealed class LabLifeTests : IAsyncLifetime
{
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(3);

    private readonly string _lab = $"/var/tmp/vfleet-life-{Environment.ProcessId}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await OnHostAsync("lab", "down");
        Directory.Delete(_lab, recursive: true);
    }

    [Fact]
    public async Task A_boot_that_is_late_or_interrupted_leaves_no_process()
    {
        Ended late = await OnHostAsync("lab", "up", "--timeout", "1");
        Assert.True(late.ExitCode == 7, late.Errors);
        Assert.Empty(Processes());

        using Process up = Interruptible("lab", "up");
        while (!File.Exists($"{_lab}/qemu.pid"))
        {
            Assert.False(up.HasExited, up.HasExited ? await up.StandardError.ReadToEndAsync() : "");
            await Task.Delay(10);
        }

        Assert.NotEmpty(Processes());
        Assert.Equal(130, await InterruptAsync(up));
        Assert.Empty(Processes());
        Assert.Equal(3, (await OnHostAsync("lab", "status")).ExitCode);
    }

    [HostWithoutSriovFact]
    public async Task Up_boots_it_and_lets_go_of_its_caller_and_var_lib_survives_a_reboot()
    {
        // A third descriptor of the pipe: whatever runs on must not hold that one either, or the pipe never ends.
        Ended up = await Lab.HostAsync(_lab, "sh", "-c", "exec \"$0\" up --json 3>&1", Lab.Executable);
        Assert.True(up.ExitCode == 0, up.Errors + up.Output);
        Assert.Equal("lab", JsonDocument.Parse(up.Output).RootElement.GetProperty("mode").GetString());
        Assert.Contains("no SR-IOV hardware here: using the lab", up.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await OnHostAsync("lab", "status")).ExitCode);

        using Process run = Interruptible("lab", "run", "--", "sh", "-c", "echo begun; exec sleep 1234");
        Assert.Equal("begun", await run.StandardOutput.ReadLineAsync());
        Assert.Equal(130, await InterruptAsync(run));
        Assert.Equal(1, (await InGuestAsync("exec pgrep -fx 'sleep 1234'")).ExitCode);

        Assert.Equal(0, (await InGuestAsync("echo kept >/var/lib/kept; echo gone >/tmp/gone")).ExitCode);
        Assert.Equal(0, (await OnHostAsync("lab", "reboot")).ExitCode);
        Assert.Equal("kept\n", (await InGuestAsync("cat /var/lib/kept; cat /tmp/gone 2>/dev/null")).Output);

        Assert.Equal(0, (await OnHostAsync("down")).ExitCode);
        Assert.Empty(Processes());
        Assert.Equal(3, (await OnHostAsync("lab", "status")).ExitCode);
    }

    private Task<Ended> OnHostAsync(params string[] arguments) => Lab.HostAsync(_lab, [Lab.Executable, .. arguments]);

    private Task<Ended> InGuestAsync(string script) => OnHostAsync("lab", "run", "--", "sh", "-c", script);

    /// <summary>Starts vfleet with SIGINT as a terminal would: a script's background hands it down ignored.</summary>
    private Process Interruptible(params string[] arguments) =>
        Lab.Start(["env", "--default-signal=INT", Lab.Executable, .. arguments], _lab);

    private static async Task<int> InterruptAsync(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        Task said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Boot);
        await said.WaitAsync(Boot);
        return process.ExitCode;
    }

    /// <summary>Command lines of processes that have to do with this lab.</summary>
    private string[] Processes() =>
        [.. Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])).Select(CommandLine)
            .Where(line => line.Contains(_lab, StringComparison.Ordinal))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            // It has just ended.
            return "";
        }
    }
}
