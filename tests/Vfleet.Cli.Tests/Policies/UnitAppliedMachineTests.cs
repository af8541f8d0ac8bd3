using System.Text.Json;
using Vfleet.Cli.Tests.Ledger;

namespace Vfleet.Cli.Tests.Policies;

/// <summary>Documents on a machine that has VFs and owners already.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitAppliedMachineTests
{
    [Fact]
    public async Task UnusedVfsAreDestroyedAfterAYesOnly()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 2);
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", KeptMachine.Pf, 4));
        JsonElement refused = await machine.FailsAsync(4, "apply", "-f", file);
        Assert.Contains("nobody said yes", refused.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Empty((await machine.JsonAsync("get")).EnumerateArray());
        Assert.Equal(2, (await machine.JsonAsync("vf", "list")).GetArrayLength());

        JsonElement done = await machine.JsonAsync("apply", "-f", file, "--yes");
        Assert.True(done.GetProperty("destroys").GetBoolean());
        Assert.Equal(4, (await machine.JsonAsync("vf", "list")).GetArrayLength());
        Assert.Equal("net", Assert.Single((await machine.JsonAsync("pool", "list")).EnumerateArray()).GetProperty("pool").GetString());
        Assert.Equal("no changes\n", (await machine.RunAsync("plan", "-f", file)).Output);
    }

    [Fact]
    public async Task GrowingAPfInUseIsRefusedWithOwnersAndChoicesAndForceIsWrittenDown()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 2);
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", KeptMachine.Pf, 4));
        JsonElement held = await machine.JsonAsync("allocate", "--owner", "dpdk", "--pool", KeptMachine.Pf, "--tenant", "acme");
        string id = held.GetProperty("id").GetString()!;

        string plan = (await machine.RunAsync("plan", "-f", file)).Output;
        Assert.Contains($"IN USE: {id} of dpdk (tenant acme)", plan, StringComparison.Ordinal);
        JsonElement refused = await machine.FailsAsync(4, "apply", "-f", file, "--yes");
        Assert.All(["wait", $"vfleet release {id}", "provision: max"],
            (string choice) => Assert.Contains(choice, refused.GetProperty("remedy").GetString(), StringComparison.Ordinal));
        Assert.Empty(machine.Forced());

        _ = await machine.JsonAsync("apply", "-f", file, "--yes", "--force");
        Assert.Contains("of dpdk (tenant acme)", Assert.Single(machine.Forced()), StringComparison.Ordinal);
        Assert.Equal(4, (await machine.JsonAsync("vf", "list")).GetArrayLength());
    }

    [Fact]
    public async Task APoolThatSomebodyHasAVfOfIsNotDeletedAndPruningAsks()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 0);
        using DocumentFolder folder = new();
        _ = await machine.JsonAsync("apply", "-f", folder.Write("net.yaml", DocumentFolder.Policy("net", KeptMachine.Pf, 2)));
        string id = (await machine.JsonAsync("allocate", "--owner", "dpdk", "--pool", "net")).GetProperty("id").GetString()!;
        string[] delete = ["delete", "SriovNetworkNodePolicy", "net"];
        JsonElement refused = await machine.FailsAsync(4, delete);
        Assert.Contains($"{id} of dpdk", refused.GetProperty("cause").GetString(), StringComparison.Ordinal);
        _ = await machine.JsonAsync("release", id);

        _ = await machine.FailsAsync(4, [.. delete, "--prune"]);
        Assert.Single((await machine.JsonAsync("get")).EnumerateArray());
        _ = await machine.JsonAsync([.. delete, "--prune", "--yes"]);
        Assert.Empty((await machine.JsonAsync("vf", "list")).EnumerateArray());
        Assert.Empty((await machine.JsonAsync("get")).EnumerateArray());
    }

    [Fact]
    public async Task ADryRunAndAPlanLeaveNoLedger()
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", "no-such-pf", 4));
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 0);
        foreach (string[] words in (string[][])[["plan"], ["diff"], ["apply", "--dry-run"]])
            Assert.Equal(0, (await machine.RunAsync([.. words, "-f", file])).ExitCode);
        Assert.Equal(0, (await machine.RunAsync("get")).ExitCode);
        Assert.False(File.Exists(machine.LedgerPath));
    }
}
