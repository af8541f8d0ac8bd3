using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Vfleet.Agent.Sockets;
using Vfleet.Linux.Sockets;

namespace Vfleet.Agent.Tests;

[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class UnitAgentPlaceTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task TheSocketIsItsOwnersWhereThereIsNoGroupAndGoesWithTheAgent()
    {
        AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        await using (machine)
        {
            uint? readers = UnixGroup.Find(new Linux.Real.LinuxKernel().Files, AccessRule.GroupName);
            UnixFileMode expected = readers is null ? OwnerOnly : OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
            Assert.Equal(expected, File.GetUnixFileMode(machine.Socket));
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(machine.Socket)!) & ~(UnixFileMode)0b101_101);
            await machine.EndAsync();
            Assert.False(Path.Exists(machine.Socket));
            Assert.Equal(FaultKind.NotFound, (await machine.Client.StatusAsync()).Fault?.Kind);
        }
    }

    [Fact]
    public async Task ASecondAgentSaysWhoRuns()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        foreach ((string? socket, string? state) in ((string?, string?)[])[(null, Path.Combine(machine.Folder, "other")),
            (Path.Combine(machine.Folder, "b.sock"), null)])
        {
            Fault refused = (await machine.Start(socket: socket, state: state).WaitAsync(TimeSpan.FromSeconds(30))).Fault!;
            Assert.Equal((FaultKind.Refused, "another agent runs on this machine"), (refused.Kind, refused.Error));
            Assert.StartsWith($"process {Environment.ProcessId}, socket {machine.Socket}, since ", refused.Cause, StringComparison.Ordinal);
        }
        Assert.True((await machine.Client.StatusAsync()).Succeeded);
    }

    [Fact]
    public async Task TheSocketOfADeadAgentIsReplacedAndWhatElseLiesThereIsNot()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        string path = Path.Combine(folder, "agent.sock");
        using (Socket dead = AgentSocket.Bind(path, null).Value)
            File.Move(path, path + ".kept");
        File.Move(path + ".kept", path);
        Assert.True(Path.Exists(path));
        using (Socket live = AgentSocket.Bind(path, null).Value)
        {
            live.Listen();
            Fault refused = AgentSocket.Bind(path, null).Fault!;
            Assert.Equal((FaultKind.Refused, $"another program listens on {path}"), (refused.Kind, refused.Error));
        }
        await File.WriteAllTextAsync(path, "");
        Assert.Equal($"{path} is no socket", AgentSocket.Bind(path, null).Fault?.Error);
        File.Delete(path);
        Assert.Equal("", Programs.Output("mkfifo", path));
        Assert.Equal($"{path} is no socket", AgentSocket.Bind(path, null).Fault?.Error);
        Assert.True(Path.Exists(path));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void APathThatNoSocketCanHaveIsAUsageError()
    {
        Assert.Equal(FaultKind.Usage, AgentSocket.Prepare($"/tmp/{new string('a', 120)}").Fault?.Kind);
        Assert.Equal(FaultKind.Usage, AgentSocket.Prepare("").Fault?.Kind);
    }

    [Theory]
    [InlineData(0, 0, null, Access.Change)]
    [InlineData(0, 5, 77, Access.Change)]
    [InlineData(1000, 1000, null, Access.Change)]
    [InlineData(1001, 77, 77, Access.Read)]
    [InlineData(1001, 88, 77, Access.Read)]
    [InlineData(1001, 5, 77, Access.None)]
    [InlineData(1001, 77, null, Access.None)]
    public void WhoMayDoWhatFollowsFromTheKernelsWord(uint user, uint group, int? readers, Access may)
    {
        AccessRule rule = new(OwnUser: 1000, (uint?)readers);
        Assert.Equal(may, rule.Of(new PeerIdentity(1, user, group) { FurtherGroups = group == 88 ? [3, 77] : [3] }));
    }

    [Fact]
    public async Task TheKernelTellsWhoIsAtTheOtherEnd()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        using Socket listener = AgentSocket.Bind(Path.Combine(folder, "s"), null).Value;
        listener.Listen();
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, "s")));
        using Socket accepted = await listener.AcceptAsync();
        PeerIdentity peer = PeerIdentity.Read(accepted).Value;
        Assert.Equal((Environment.ProcessId, UnixGroup.OwnUser), (peer.Process, peer.User));
        Assert.Equal(Programs.Output("id", "-G").Split(' ').Select(uint.Parse).Order(),
            peer.FurtherGroups.Append(peer.Group).Distinct().Order());
        Directory.Delete(folder, recursive: true);
    }
}
