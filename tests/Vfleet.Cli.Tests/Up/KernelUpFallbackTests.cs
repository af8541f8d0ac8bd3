using System.Text.Json;
using Vfleet.Linux.Tests;

namespace Vfleet.Cli.Tests.Up;

/// <summary><c>vfleet up</c> where there is neither a NIC, nor QEMU, nor the right to install it.</summary>
public sealed class KernelUpFallbackTests
{
    /// <summary>A user who may read the tests' files and nothing more, in a network without NICs; its /usr/bin has no QEMU.</summary>
    private const string Script = """
        mount -t tmpfs tmpfs "$0" && mkdir "$0/upper" "$0/work" && mknod "$0/upper/qemu-system-x86_64" c 0 0 &&
            mount -t overlay overlay -o "lowerdir=/usr/bin,upperdir=$0/upper,workdir=$0/work" /usr/bin || exit 99
        exec setpriv --reuid 65534 --regid 65534 --clear-groups \
            --inh-caps +dac_read_search --ambient-caps +dac_read_search "$@"
        """;

    [KernelFact("unshare", "setpriv", "mount", "mknod")]
    public async Task WithoutNicAndQemuAndRootTheKernelIsSimulatedAndThatIsSaid()
    {
        DirectoryInfo place = Directory.CreateTempSubdirectory("vfleet-test-");
        string[] up = [.. CommandProcess.Vfleet, "--state", "/nowhere", "up", "--json"];
        CommandRun run = await CommandProcess.RunAsync(["unshare", "--mount", "--net", "sh", "-c", Script, place.FullName, .. up]);
        place.Delete();

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal("simulated", JsonDocument.Parse(run.Output).RootElement.GetProperty("mode").GetString());
        Assert.Contains("no QEMU, and not root to install it: the kernel and its NIC are simulated", run.Errors, StringComparison.Ordinal);
    }
}
