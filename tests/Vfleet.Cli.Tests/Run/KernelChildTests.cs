using System.Diagnostics;
using System.Globalization;
using Vfleet.Cli.Run;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Linux.Tests;

namespace Vfleet.Cli.Tests.Run;

/// <summary>Commands of <c>vfleet run</c> on the real kernel.</summary>
public sealed class KernelChildTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [KernelFact]
    public async Task ACommandIsKilledWithWhoeverStartedItAndItsNamespaceEnds()
    {
        // The shell stands for vfleet: it starts the command, and is killed without a chance to do anything about it.
        using Process parent = CommandProcess.Start(
            ["sh", "-c", $"{CommandProcess.VfleetQuoted} become $$ unshare --net sleep 300 & echo $!; wait"]);
        int child = int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await UntilAsync(() => NameOf(child) == "sleep", "the command runs");
        string space = $"/proc/{child}/ns/net";
        Assert.True(new LinuxKernel().OpenNamespace(space).Succeeded);
        parent.Kill();
        await UntilAsync(() => !File.Exists($"/proc/{child}/comm") || NameOf(child) is null, "the command ended");
        Assert.Equal(FaultKind.NotFound, new LinuxKernel().OpenNamespace(space).Fault?.Kind);
    }

    [KernelFact]
    public async Task ACommandWhoseStarterIsGoneAlreadyDoesNotBegin()
    {
        CommandRun run = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, "become", "1", "echo", "begun"]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.DoesNotContain("begun", run.Output, StringComparison.Ordinal);
    }

    [KernelFact("ip")]
    public async Task ACommandIsInTheNamespaceWithTheStreamsOfWhoeverAsked()
    {
        using IPrivateNamespace space = new LinuxKernel().CreatePrivateNamespace().Value;
        ProcessStartInfo start = ChildStart.Of(["sh", "-c", "cat; ip -o link; readlink /proc/self/ns/net; exit 7"]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        using Process process = space.Start(start).Value;
        await process.StandardInput.WriteAsync("said\n");
        process.StandardInput.Close();
        string[] lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.Equal((7, 3, "said"), (process.ExitCode, lines.Length, lines[0]));
        Assert.Contains("lo: <LOOPBACK,UP", lines[1], StringComparison.Ordinal);
        Assert.NotEqual(new FileInfo("/proc/self/ns/net").LinkTarget, lines[2]);
    }

    [KernelFact("ip", "busybox")]
    public Task AnAddressComesByDhcpAndTheMachinesOwnFilesStay() => AnAddressComesByAsync("busybox");

    [KernelFact("ip", "busybox", "dhclient")]
    public Task AnAddressComesByDhclientToo() => AnAddressComesByAsync("dhclient");

    private static async Task AnAddressComesByAsync(string program)
    {
        LinuxKernel kernel = new();
        using IPrivateNamespace server = kernel.CreatePrivateNamespace().Value, client = kernel.CreatePrivateNamespace().Value;
        await InAsync(server, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "net1", "netns", client.Path);
        await InAsync(server, "ip", "address", "add", "192.0.2.1/24", "dev", "eth0");
        await InAsync(server, "ip", "link", "set", "eth0", "up");
        await InAsync(client, "ip", "link", "set", "net1", "up");
        string names = await File.ReadAllTextAsync("/etc/resolv.conf");
        string[] files = FilesOfRuns();
        string folder = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
        await File.WriteAllLinesAsync(Path.Combine(folder, "conf"),
        [
            "start 192.0.2.100", "end 192.0.2.109", "interface eth0", $"lease_file {folder}/leases", $"pidfile {folder}/pid",
            "option subnet 255.255.255.0", "option router 192.0.2.1", "option dns 192.0.2.53", "option lease 60",
        ]);
        using Process daemon = server.Start(new ProcessStartInfo("busybox", ["udhcpd", "-f", Path.Combine(folder, "conf")])).Value;
        try
        {
            Outcome<DhcpClient> started = await DhcpClient.StartAsync(kernel, client, program, "net1", CancellationToken.None);
            Assert.True(started.Succeeded, $"{started.Fault}");
            await using (started.Value)
            {
                string addresses = await InAsync(client, "ip", "-4", "-o", "address", "show", "dev", "net1");
                Assert.Contains("192.0.2.10", addresses, StringComparison.Ordinal);
                Assert.Contains("default via 192.0.2.1", await InAsync(client, "ip", "-4", "route"), StringComparison.Ordinal);
                // Whoever is killed now leaves nothing.
                Assert.Equal(files, FilesOfRuns());
            }
            Assert.Equal(names, await File.ReadAllTextAsync("/etc/resolv.conf"));
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [KernelFact("ip", "busybox")]
    public async Task WhereNobodyAnswersDhcpThatIsSaidAndNoClientIsLeft()
    {
        LinuxKernel kernel = new();
        using IPrivateNamespace space = kernel.CreatePrivateNamespace().Value;
        await InAsync(space, "ip", "link", "add", "net1", "type", "veth", "peer", "name", "far");
        foreach (string name in (string[])["net1", "far"])
            await InAsync(space, "ip", "link", "set", name, "up");
        Outcome<DhcpClient> started = await DhcpClient.StartAsync(kernel, space, "busybox", "net1", CancellationToken.None);
        Assert.Contains("no address by DHCP", started.Fault?.Error, StringComparison.Ordinal);
        string inode = new FileInfo(space.Path).LinkTarget!;
        Assert.DoesNotContain(Directory.GetDirectories("/proc").Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit)),
            folder => Path.Exists($"{folder}/ns/net") && new FileInfo($"{folder}/ns/net").LinkTarget == inode);
    }

    /// <summary>What a run of ours may have written: temporary files, and the client's own lists.</summary>
    private static string[] FilesOfRuns() =>
    [
        .. Directory.GetFileSystemEntries(Path.GetTempPath(), "vfleet-dhcp*"),
        .. ((string[])["/var/lib/dhcp", "/run"]).Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "dhclient*")),
    ];

    private static async Task<string> InAsync(IPrivateNamespace space, params string[] words)
    {
        using Process process = space.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true }).Value;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Join(' ', words));
        return output;
    }

    /// <summary>The name of a process that runs; null for one that has ended.</summary>
    private static string? NameOf(int process)
    {
        try
        {
            return ProcessIdentity.Read(new LinuxKernel().Files, process).Or(null) is null
                ? null
                : File.ReadAllText($"/proc/{process}/comm").Trim();
        }
        catch (IOException)
        {
            // It ended between the two.
            return null;
        }
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        using CancellationTokenSource late = new(Patience);
        while (!holds())
        {
            Assert.False(late.IsCancellationRequested, what);
            await Task.Delay(20);
        }
    }
}
