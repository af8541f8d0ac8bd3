using System.Runtime.InteropServices;
using System.Text.Json;
using Vfleet.Cli.Run;
using Vfleet.Cli.Session;
using Vfleet.Cli.Tests.Ledger;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Run;

/// <summary><c>vfleet run</c> on the simulated machine: the VF is simulated, the command runs here.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitRunTests
{
    private const string Pf = KeptMachine.Pf, Vf = $"{Pf}/0";

    [Fact]
    public async Task AVfIsThereAsLongAsTheCommandRunsAndReturnsClean()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string clean = await machine.ShownAsync(Vf);
        using Waiting command = new(machine, "exit 7");
        string[] options = ["--pool", Pf, "--vlan", "100", "--address", "192.0.2.1/24", "--name", "net1", "--tenant", "acme"];
        Task<CommandRun> run = machine.RunAsync(["run", .. options, "--", .. command.Words]);
        await command.StartedAsync();
        JsonElement vf = await machine.JsonAsync("vf", "show", Vf);
        Assert.Equal(("sh", 100, "net1"),
            (vf.GetProperty("owner").GetString(), vf.GetProperty("vlan").GetInt32(), vf.GetProperty("netdev").GetString()));
        Assert.StartsWith("/proc/", vf.GetProperty("namespace").GetString(), StringComparison.Ordinal);
        // A pass of another process takes nothing away from it.
        await machine.JsonAsync("reconcile");
        await machine.FailsAsync(4, "attach", "--pool", Pf, "--netns", "blue");
        command.GoOn();
        CommandRun ended = await run;
        Assert.True(ended.ExitCode == 7, ended.Errors);
        Assert.Equal(clean, await machine.ShownAsync(Vf));
        JsonElement row = (await machine.JsonAsync("ledger", "list", "--all"))[0];
        Assert.Equal(("run ended", "acme"), (row.GetProperty("reason").GetString(), row.GetProperty("tenant").GetString()));
    }

    [Theory]
    [InlineData(0, "true")]
    [InlineData(3, "sh", "-c", "exit 3")]
    [InlineData(137, "sh", "-c", "kill -KILL $$")]
    [InlineData(141, "sh", "-c", "kill -PIPE $$")]
    [InlineData(0, "sh", "-c", "test \"$1\" = 'a b; exit 1'", "sh", "a b; exit 1")]
    public async Task ItEndsWithTheExitCodeOfTheCommand(int code, params string[] words)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string clean = await machine.ShownAsync(Vf);
        CommandRun run = await machine.RunAsync(["run", "--vf", Vf, "--", .. words]);
        Assert.True(run.ExitCode == code, $"{run.ExitCode}: {run.Errors}");
        Assert.Equal(clean, await machine.ShownAsync(Vf));
    }

    [Theory]
    [InlineData(127, "no-such-command")]
    [InlineData(127, "/nowhere/at/all")]
    [InlineData(126, "/etc/passwd")]
    [InlineData(126, "/etc")]
    public async Task ACommandThatCannotBeRunIsRefusedBeforeAnythingIsDone(int code, string command)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        CommandRun run = await machine.RunAsync("run", "--vf", Vf, "--", command);
        Assert.Equal(code, run.ExitCode);
        Assert.StartsWith("vfleet: ", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list", "--all")).GetArrayLength());
    }

    [Fact]
    public async Task ACommandWhoseInterpreterIsMissingGivesTheVfBack()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string clean = await machine.ShownAsync(Vf);
        string script = Path.Combine(machine.State, "script");
        await File.WriteAllTextAsync(script, "#!/nowhere/interpreter\n");
        Assert.Equal(126, (await machine.RunAsync("run", "--vf", Vf, "--", script)).ExitCode);
        await CommandProcess.RunAsync(["chmod", "+x", script]);
        Assert.Equal(127, (await machine.RunAsync("run", "--vf", Vf, "--", script)).ExitCode);
        Assert.Equal(clean, await machine.ShownAsync(Vf));
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
    }

    [Theory]
    [InlineData(2, "--vf", Vf)]
    [InlineData(2, "--", "true")]
    [InlineData(3, "--pool", "nowhere", "--", "true")]
    [InlineData(3, "--vf", $"{Pf}/9", "--", "true")]
    [InlineData(2, "--vf", Vf, "--vlan", "5000", "--", "true")]
    [InlineData(2, "--vf", Vf, "--address", "192.0.2.1", "--", "true")]
    [InlineData(2, "--vf", Vf, "--name", "lo/0", "--", "true")]
    [InlineData(2, "--vf", Vf, "--mtu", "9217", "--", "true")]
    [InlineData(4, "--vf", Vf, "--name", "lo", "--", "true")]
    [InlineData(2, "--vf", Vf, "--netns", "blue", "--", "true")]
    [InlineData(2, "--vf", Vf, "--dhcp", "--address", "192.0.2.1/24", "--", "true")]
    [InlineData(4, "--vf", Vf, "--dhcp", "--", "true")]
    public async Task WhatCannotBeMeantIsRefusedAndNothingIsChanged(int code, params string[] words)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string before = await machine.ShownAsync(Vf);
        CommandRun run = await machine.RunAsync(["run", .. words]);
        Assert.True(run.ExitCode == code, $"{run.ExitCode}: {run.Errors}");
        Assert.Equal(before, await machine.ShownAsync(Vf));
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list", "--all")).GetArrayLength());
    }

    [Fact]
    public async Task ADryRunTellsWhatWouldBeDoneAndDoesNothing()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string file = Path.Combine(machine.State, "made");
        CommandRun run = await machine.RunAsync("run", "--pool", Pf, "--vlan", "7", "--dry-run", "-o", "json", "--", "touch", file);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonElement planned = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(["vf", "namespace", "netdev", "mac", "mtu", "addresses", "deviceNodes", "dryRun", "allocation", "command"],
            planned.EnumerateObject().Select(each => each.Name));
        Assert.Equal("touch", planned.GetProperty("command")[0].GetString());
        Assert.False(File.Exists(file));
        Assert.False(File.Exists(machine.LedgerPath));
    }

    [Fact]
    public async Task WhereItsNamespaceEndedTheVfIsFreeThoughNobodyReleasedIt()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string clean = await machine.ShownAsync(Vf);
        using Waiting command = new(machine, "exit 5");
        Task<CommandRun> run = machine.RunAsync(["run", "--vf", Vf, "--vlan", "100", "--", .. command.Words]);
        await command.StartedAsync();
        string path = (await machine.JsonAsync("vf", "show", Vf)).GetProperty("namespace").GetString()!;
        machine.Kernel.Machine.EndProcess(int.Parse(path.Split('/')[2]));
        await machine.JsonAsync("reconcile");
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(clean, await machine.ShownAsync(Vf));
        command.GoOn();
        CommandRun ended = await run;
        Assert.Equal((5, ""), (ended.ExitCode, ended.Errors));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task ASignalIsPassedOnAndTheCommandDecides(string signal)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        using Waiting command = new(machine, "exit 1", $"trap 'exit 9' {signal}");
        Task<CommandRun> run = machine.RunAsync(["run", "--vf", Vf, "--", .. command.Words]);
        await command.StartedAsync();
        // The process that runs it is this one.
        await CommandProcess.RunAsync(["kill", $"-{signal}", $"{Environment.ProcessId}"]);
        Assert.Equal(9, (await run).ExitCode);
        Assert.False(SignalRoute.Pass(PosixSignal.SIGTERM));
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
    }

    [Fact]
    public async Task AfterABootTheVfIsFree()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        using Waiting command = new(machine, "exit 0");
        Task<CommandRun> run = machine.RunAsync(["run", "--vf", Vf, "--vlan", "100", "--", .. command.Words]);
        await command.StartedAsync();
        machine.Kernel.Machine.Reboot();
        machine.Kernel.Machine.AddProcess(Environment.ProcessId, command: "vfleet");
        await machine.JsonAsync("vf", "create", Pf, "1");
        await machine.JsonAsync("reconcile");
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(0, (await machine.JsonAsync("vf", "show", Vf)).GetProperty("vlan").GetInt32());
        command.GoOn();
        await run;
    }

    [Fact]
    public void WithoutADhcpClientItIsSaidWhatToInstall()
    {
        string? path = Environment.GetEnvironmentVariable("PATH");
        string folder = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
        try
        {
            Environment.SetEnvironmentVariable("PATH", folder);
            Assert.Contains("iproute2", DhcpClient.Find().Fault?.Remedy, StringComparison.Ordinal);
            File.Copy("/bin/true", Path.Combine(folder, "ip"));
            Fault none = DhcpClient.Find().Fault!;
            Assert.Equal(FaultKind.Refused, none.Kind);
            Assert.Contains("udhcpc", none.Remedy, StringComparison.Ordinal);
            File.Copy("/bin/true", Path.Combine(folder, "dhclient"));
            Assert.Equal("dhclient", DhcpClient.Find().Value);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A command that says when it runs, and goes on when it may.</summary>
    private sealed class Waiting(KeptMachine machine, string last, string first = ":") : IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
        private readonly string _started = Path.Combine(machine.State, "started"), _go = Path.Combine(machine.State, "go");

        public string[] Words => ["sh", "-c", $"{first}; touch {_started}; while [ ! -e {_go} ]; do sleep 0.05; done; {last}"];

        public async Task StartedAsync()
        {
            using CancellationTokenSource late = new(Patience);
            while (!File.Exists(_started))
                await Task.Delay(20, late.Token);
        }

        public void GoOn() => File.WriteAllText(_go, "");

        public void Dispose()
        {
            // Whatever failed meanwhile, the command ends.
            if (Directory.Exists(machine.State))
                GoOn();
        }
    }
}
