using System.Net.Sockets;
using System.Text;
using Vfleet.Agent.Log;
using Vfleet.Agent.Loop;
using Vfleet.Agent.Systemd;
using Vfleet.Cli.Tests;

namespace Vfleet.Agent.Tests;

public sealed class UnitServiceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheManagerIsToldOfReadinessLifeReloadAndEnd(bool isAbstract)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        string name = Path.Combine(folder, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name}" : name));
        ServiceEnvironment service = new(isAbstract ? $"@{name}" : name, TimeSpan.FromSeconds(30));
        AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, service: service);
        await using (machine)
        {
            Assert.Equal("WATCHDOG=1", await NextAsync(manager));
            Assert.Equal("READY=1\nSTATUS=serving", await NextAsync(manager));
            await machine.Agent.ReloadAsync(CancellationToken.None);
            Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$", await NextAsync(manager, unless: "WATCHDOG=1"));
            Assert.Equal("READY=1\nSTATUS=serving", await NextAsync(manager, unless: "WATCHDOG=1"));
            await machine.EndAsync();
            Assert.Equal("STOPPING=1", await NextAsync(manager, unless: "WATCHDOG=1"));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task PassesThatFailLeaveTheWatchdogHungry()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        string name = Path.Combine(folder, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(name));
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, starts: false);
        Task<Outcome<Unit>> running = machine.Start(
            new ServiceEnvironment(name, TimeSpan.FromSeconds(30)), _ => new FailingPass());
        Assert.Equal("READY=1\nSTATUS=serving", await NextAsync(manager));
        Assert.Equal(FaultKind.Kernel, Enum.Parse<FaultKind>((await machine.Client.ReconcileAsync()).Value.Fault!.Kind, ignoreCase: true));
        await machine.EndAsync();
        Assert.Null((await running).Fault);
        Assert.Equal("STOPPING=1", await NextAsync(manager));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ALongPassFeedsTheWatchdogAsLongAsItGoesOn(bool goesOn)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        string name = Path.Combine(folder, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(name));
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1, starts: false);
        TaskCompletionSource end = new();
        Task<Outcome<Unit>> running = machine.Start(
            new ServiceEnvironment(name, TimeSpan.FromMilliseconds(400)), node => new LongPass(node, goesOn, end.Task));
        if (goesOn)
        {
            Assert.Equal("WATCHDOG=1", await NextAsync(manager));
            Assert.Equal("WATCHDOG=1", await NextAsync(manager));
        }
        else
        {
            // Whoever asks the agent meanwhile does not make the pass go on.
            await machine.Log.WithAsync("agent serves");
            _ = (await machine.Client.VfsAsync()).Value;
            await Task.Delay(TimeSpan.FromMilliseconds(600));
            _ = (await machine.Client.VfsAsync()).Value;
            Assert.Equal(0, manager.Available);
        }
        end.SetResult();
        Assert.Equal("READY=1\nSTATUS=serving", await NextAsync(manager, unless: "WATCHDOG=1"));
        await machine.EndAsync();
        Assert.Null((await running).Fault);
        Directory.Delete(folder, recursive: true);
    }

    private sealed class LongPass(Node.LocalNode node, bool goesOn, Task end) : IReconcilePass
    {
        public async Task<Outcome<PassSummary>> PassAsync(CancellationToken cancel)
        {
            while (goesOn && !end.IsCompleted)
            {
                _ = node.Host.Kernel.Files.ReadText("/proc/self/stat");
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancel);
            }
            await end.WaitAsync(cancel);
            return new PassSummary(0, []);
        }
    }

    [Fact]
    public void TheEnvironmentIsReadAsTheManagerMeansIt()
    {
        static ServiceEnvironment Read(params (string Name, string Value)[] variables) =>
            ServiceEnvironment.Read(name => variables.FirstOrDefault(each => each.Name == name).Value, processId: 42);

        Assert.Equal(ServiceEnvironment.None, Read());
        Assert.Equal(new ServiceEnvironment("@x", TimeSpan.FromSeconds(30)),
            Read(("NOTIFY_SOCKET", "@x"), ("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "42")));
        Assert.Equal(new ServiceEnvironment("/run/n", null),
            Read(("NOTIFY_SOCKET", "/run/n"), ("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "43")));
        Assert.Equal(ServiceEnvironment.None, Read(("NOTIFY_SOCKET", "vsock:2:1234"), ("WATCHDOG_USEC", "x")));
    }

    [Fact]
    public void ALineIsOneLineAndItsValuesAreTold()
    {
        using StringWriter text = new();
        new AgentLog(text, isJournal: true).Warn("call refused", ("a", 1), ("b", "x y"), ("c", "l1\nl2 \"q\""), ("d", null), ("e", ""));
        new AgentLog(text, isJournal: false).Error("pass failed", new Fault(FaultKind.Kernel, "no") { Cause = "a=b" });
        Assert.Equal("<4>warning call refused a=1 b=\"x y\" c=\"l1\\u000al2 \\\"q\\\"\" e=\"\"\n"
            + "error pass failed error=no cause=\"a=b\"\n", text.ToString());
    }

    [Fact]
    public void TheJournalIsToldFromAPipeThatInheritedItsVariable() =>
        Assert.False(AgentLog.IsJournal(new Linux.Real.LinuxKernel().Files, "8:123456789"));

    [ProgramFact("systemd-analyze")]
    public void TheUnitIsOneThatSystemdTakes()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        string unit = Path.Combine(folder, "vfleet-agent.service");
        string text = File.ReadAllText(Path.Combine(UnitAgentApiTests.RepositoryRoot(), "deploy", "systemd", "vfleet-agent.service"));
        // The program is not installed where tests run.
        File.WriteAllText(unit, text.Replace("/usr/bin/vfleet", "/bin/true", StringComparison.Ordinal));
        Assert.Equal("", Programs.Output("systemd-analyze", "verify", "--man=no", unit));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> NextAsync(Socket manager, string? unless = null)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        byte[] buffer = new byte[4096];
        while (true)
        {
            string message = Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer.AsMemory(), late.Token));
            if (message != unless)
                return message;
        }
    }

    private sealed class FailingPass : IReconcilePass
    {
        public Task<Outcome<PassSummary>> PassAsync(CancellationToken cancel) =>
            Task.FromResult<Outcome<PassSummary>>(Fault.Unsupported("the driver said no"));
    }
}
