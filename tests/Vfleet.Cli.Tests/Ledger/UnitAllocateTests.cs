using System.Text.Json;
using Vfleet.Simulation.Faults;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary><c>pool list</c>, <c>allocate</c>, <c>release</c> and <c>adopt</c>.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitAllocateTests
{
    private const string PoolShape = """
        pool:string origin:string? total:number free:number reserved:number attached:number releasing:number quarantined:number lost:number
        strangers:number unhealthy:number prewarmed:number policy:string?
        """;

    private const string VfShape =
        "bdf:string? vf:string pf:string index:number netdev:string? driver:string? vfioDevice:string? numaNode:number?";

    [Fact]
    public async Task AnAllocationIsHeldListedAndReleasedClean()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        JsonElement held = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--count", "2", "--owner", "blue", "--tenant",
            "acme");
        Assert.Equal(["id", "pool", "owner", "tenant", "vfs", "state", "requestedAt", "readyAt"], held.EnumerateObject()
            .Select(each => each.Name));
        Assert.Equal(("blue", "acme", "reserved", 2),
            (Text(held, "owner"), Text(held, "tenant"), Text(held, "state"), held.GetProperty("vfs").GetArrayLength()));
        Assert.All(held.GetProperty("vfs").EnumerateArray(), vf => JsonShape.Holds(VfShape, vf));

        JsonElement pool = (await machine.JsonAsync("pool", "list"))[0];
        JsonShape.Holds(PoolShape, pool);
        Assert.Equal((3, 1, 2),
            (pool.GetProperty("total").GetInt32(), pool.GetProperty("free").GetInt32(), pool.GetProperty("reserved").GetInt32()));
        JsonElement shown = await machine.JsonAsync("vf", "show", $"{KeptMachine.Pf}/0");
        Assert.Equal(("blue", Text(held, "id")), (Text(shown, "owner"), Text(shown, "allocation")));

        JsonElement refused = await machine.FailsAsync(4, "allocate", "--pool", KeptMachine.Pf, "--count", "2");
        Assert.Contains("2 reserved", Text(refused, "cause"), StringComparison.Ordinal);
        JsonElement released = await machine.JsonAsync("release", Text(held, "id")!);
        Assert.Equal(2, released.GetProperty("free").GetArrayLength());
        Assert.Equal(3, (await machine.JsonAsync("pool", "list"))[0].GetProperty("free").GetInt32());
        await machine.FailsAsync(3, "release", Text(held, "id")!);
    }

    [Fact]
    public async Task ADryRunSaysWhatItWouldGetAndWritesNothing()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        JsonElement planned = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--dry-run");
        Assert.True(planned.GetProperty("dryRun").GetBoolean());
        Assert.Equal($"{KeptMachine.Pf}/0", Text(planned.GetProperty("vfs")[0], "vf"));
        Assert.False(File.Exists(machine.LedgerPath));

        await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf);
        JsonElement history = await machine.JsonAsync("ledger", "history");
        await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--dry-run");
        await machine.JsonAsync("release", $"{KeptMachine.Pf}/0", "--dry-run");
        Assert.Equal(history.GetRawText(), (await machine.JsonAsync("ledger", "history")).GetRawText());
    }

    [Fact]
    public async Task WaitingEndsAtItsDeadlineWithExitCode7AndAFreedVfIsTaken()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        JsonElement held = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf);
        JsonElement late = await machine.FailsAsync(7, "allocate", "--pool", KeptMachine.Pf, "--wait=1");
        Assert.Contains("reserved", Text(late, "cause"), StringComparison.Ordinal);
        await machine.JsonAsync("release", Text(held, "id")!);
        await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--wait");
    }

    [Fact]
    public async Task WhatAProcessOrNamespaceHadIsFreeWhenItHasEnded()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 2);
        machine.Kernel.Machine.AddProcess(7001);
        JsonElement process = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--pid", "7001", "--owner", "job");
        JsonElement space = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--netns", "green");
        Assert.Equal(("job", "green"), (Text(process, "owner"), Text(space, "owner")));
        await machine.FailsAsync(4, "allocate", "--pool", KeptMachine.Pf);
        machine.Kernel.Machine.EndProcess(7001);
        await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf);
        await machine.FailsAsync(4, "allocate", "--pool", KeptMachine.Pf);
        Assert.True(machine.Kernel.DeleteNamespace("green").Succeeded);
        await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf);
    }

    [Fact]
    public async Task TheSameKeyGetsTheSameAllocation()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        Assert.Equal(await IdAsync(), await IdAsync());
        Assert.Equal(1, (await machine.JsonAsync("ledger", "list")).GetArrayLength());

        async Task<string?> IdAsync() => Text(await machine.JsonAsync("allocate", "--vf", $"{KeptMachine.Pf}/1", "--key", "order 7"), "id");
    }

    [Theory]
    [InlineData("--count", "0")]
    [InlineData("--count", "many")]
    [InlineData("--policy", "best")]
    [InlineData("--policy", "1")]
    [InlineData("--numa-policy", "required")]
    [InlineData("--near", "gpu0")]
    [InlineData("--min-rate", "-1")]
    [InlineData("--pid", "0")]
    [InlineData("--netns", "a/b")]
    [InlineData("--wait", "soon")]
    [InlineData("--owner", "")]
    public async Task AWordThatCannotBeMeantIsWrongUsageAndHoldsNothing(string option, string value)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        await machine.FailsAsync(2, "allocate", "--pool", KeptMachine.Pf, $"{option}={value}");
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
    }

    [Fact]
    public async Task AReservedVfIsInUseForEveryoneElse()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 2);
        JsonElement held = await machine.JsonAsync("allocate", "--vf", $"{KeptMachine.Pf}/0", "--owner", "blue");
        string[][] calls =
        [
            ["vf", "bind", $"{KeptMachine.Pf}/0", "vfio-pci"], ["vf", "reset", $"{KeptMachine.Pf}/0"], ["vf", "delete", KeptMachine.Pf],
            ["vf", "create", KeptMachine.Pf, "1"], ["attach", $"{KeptMachine.Pf}/0", "--netns", "green"],
            ["attach", $"{KeptMachine.Pf}/0", "--netns", "green", "--force"],
        ];
        foreach (string[] call in calls)
        {
            JsonElement refused = await machine.FailsAsync(4, call);
            Assert.Contains($"blue ({Text(held, "id")})", $"{refused}", StringComparison.Ordinal);
        }
        await machine.FailsAsync(3, "detach", $"{KeptMachine.Pf}/0");
        Assert.Equal(2, (await machine.JsonAsync("vf", "list")).GetArrayLength());

        await machine.JsonAsync("vf", "create", KeptMachine.Pf, "3", "--force", "--yes");
        Assert.Contains("blue", Assert.Single(machine.Forced()), StringComparison.Ordinal);
        Assert.Equal(3, (await machine.JsonAsync("pool", "list"))[0].GetProperty("free").GetInt32());
        JsonElement ended = (await machine.JsonAsync("ledger", "list", "--all"))[0];
        Assert.Equal(("released", "lost"), (Text(ended, "state"), Text(ended, "reason")));
    }

    [Fact]
    public async Task AQuarantinedVfIsCleanedAgainOrFreedByForce()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        foreach (string[] end in (string[][])[[], ["--force"]])
        {
            JsonElement held = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf);
            Assert.True(machine.Kernel.Machine.Faults.Arm("reset-failure").Succeeded);
            JsonElement dirty = await machine.CodeAsync(5, "release", Text(held, "id")!);
            machine.Kernel.Machine.Faults.Clear(SimulatedFault.ResetFailure);
            string vf = Text(dirty.GetProperty("quarantined")[0], "vf")!;
            Assert.Equal(1, (await machine.JsonAsync("pool", "list"))[0].GetProperty("quarantined").GetInt32());
            await machine.FailsAsync(4, "allocate", "--pool", KeptMachine.Pf);
            JsonElement freed = await machine.JsonAsync(["release", vf, .. end]);
            Assert.Equal(vf, freed.GetProperty("free")[0].GetString());
        }
        Assert.Contains("quarantined", Assert.Single(machine.Forced()), StringComparison.Ordinal);
        Assert.Contains((await machine.JsonAsync("ledger", "history")).EnumerateArray(), row => Text(row, "reason") == "free by force");
    }

    [Fact]
    public async Task AVfThatAProgramHoldsOpenIsReleasedByForceOnly()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        JsonElement held = await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf);
        JsonElement vf = (await machine.JsonAsync("vf", "list"))[0];
        using IDisposable program = machine.Kernel.Machine.HoldVfioGroup(vf.GetProperty("iommuGroup").GetInt32()).Value;
        JsonElement refused = await machine.FailsAsync(4, "release", Text(held, "id")!);
        Assert.Contains("holds /dev/vfio/", Text(refused, "error"), StringComparison.Ordinal);
        Assert.Equal("reserved", Text((await machine.JsonAsync("ledger", "list"))[0], "state"));
        await machine.RunAsync("release", Text(held, "id")!, "--force");
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Contains("holds /dev/vfio/", Assert.Single(machine.Forced()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVfPutToUseByHandIsAStrangersUntilItIsAdopted()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        JsonElement vf = (await machine.JsonAsync("vf", "list"))[0];
        await machine.MoveByHandAsync(Text(vf, "netdev")!, "green");
        Assert.Equal(1, (await machine.JsonAsync("pool", "list"))[0].GetProperty("strangers").GetInt32());
        await machine.FailsAsync(2, "adopt", $"{KeptMachine.Pf}/0");
        JsonElement adopted = await machine.JsonAsync("adopt", $"{KeptMachine.Pf}/0", "--owner", "legacy", "--tenant", "acme");
        Assert.Equal(("legacy", "attached"), (Text(adopted, "owner"), Text(adopted, "state")));
        await machine.FailsAsync(4, "adopt", $"{KeptMachine.Pf}/0", "--owner", "other");
        await machine.JsonAsync("release", $"{KeptMachine.Pf}/0");
        Assert.Equal(JsonValueKind.Null, (await machine.JsonAsync("vf", "show", $"{KeptMachine.Pf}/0")).GetProperty("namespace").ValueKind);
    }

    private static string? Text(JsonElement json, string key) => json.GetProperty(key).GetString();
}
