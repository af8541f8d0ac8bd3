using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Vfleet.Agent.Sockets;
using Vfleet.Cli.Tests;
using Vfleet.Linux.Tests;

namespace Vfleet.Agent.Tests;

/// <summary>What needs root: giving a file to a group, and being somebody else.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class KernelAgentAccessTests
{
    [KernelFact]
    public void WhereThereIsAGroupTheSocketIsGivenToIt()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        string path = Path.Combine(folder, "agent.sock");
        using (Socket socket = AgentSocket.Bind(path, group: 12345).Value)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
                File.GetUnixFileMode(path));
            Assert.Equal("0 12345", Programs.Output("stat", "-c", "%u %g", path));
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Where nobody may connect but the mode lets it be tried, the agent itself refuses, by the kernel's word.</summary>
    [KernelFact("setpriv")]
    public async Task AnotherUserIsRefusedByTheKernelsWord()
    {
        using AgentProcesses agents = new();
        (_, LogLines log) = agents.Start();
        await log.WithAsync("info pass");
        Assert.Equal("", Programs.Output("chmod", "-R", "a+rwx", agents.Folder));
        CommandRun run = await CommandProcess.RunAsync(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. CommandProcess.Vfleet, "--host", "sim:igb", "status",
                "--socket", agents.SocketPath], "", ("HOME", "/tmp"));
        Assert.Equal((6, true), (run.ExitCode, run.Errors.Contains("user 65534 may not GET /v1/status", StringComparison.Ordinal)));
        Assert.Contains("user=65534 group=65534", await log.WithAsync("call refused"), StringComparison.Ordinal);
    }
}
