using System.Text.Json;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary><c>vfleet preflight --isolation</c> beside the ledger.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitBorrowTests
{
    [Fact]
    public async Task AMeasurementBorrowsFreeVfsOnlyAndLeavesNothing()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 3);
        string held = (await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--owner", "blue")).GetProperty("vfs")[0].GetProperty("vf").GetString()!;
        // The emulated igb lets forged addresses through, which is code 5.
        JsonElement report = await machine.CodeAsync(5, "preflight", "--isolation", KeptMachine.Pf);
        Assert.NotEmpty(report.GetProperty("results").EnumerateArray());
        Assert.DoesNotContain(held, report.GetRawText(), StringComparison.Ordinal);
        Assert.True((await machine.JsonAsync("verify")).GetProperty("ok").GetBoolean());
        await machine.JsonAsync("allocate", "--pool", KeptMachine.Pf, "--owner", "green");
        // One free VF is left, and two are needed.
        await machine.FailsAsync(4, "preflight", "--isolation", KeptMachine.Pf);
    }
}
