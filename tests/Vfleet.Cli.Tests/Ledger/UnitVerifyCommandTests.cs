using System.Text.Json;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary><c>vfleet verify</c>, and what <c>vfleet reconcile</c> makes of what it found.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitVerifyCommandTests
{
    private const string Shape = "ok:boolean vfs:number allocations:number rows:number violations:strings unclear:strings";

    [Fact]
    public async Task WhatWasChangedByHandIsNamedAndAPassPutsItBack()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        string vf = (await machine.JsonAsync("attach", "--pool", KeptMachine.Pf, "--netns", "blue", "--vlan", "100")).GetProperty("vf").GetString()!;
        JsonElement well = await machine.JsonAsync("verify");
        JsonShape.Holds(Shape, well);
        Assert.Equal((3, 1, 0), (well.GetProperty("vfs").GetInt32(), well.GetProperty("allocations").GetInt32(), well.GetProperty("violations").GetArrayLength()));

        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
        {
            LinkInfo pf = (await route.GetLinkAsync(KeptMachine.Pf)).Value;
            Assert.True((await route.ChangeVfsAsync(pf.Index, pf.Name, [new VfChange { Index = 0, Vlan = new VfVlan(5) }])).Succeeded);
        }
        JsonElement found = Assert.Single((await machine.CodeAsync(4, "verify")).GetProperty("violations").EnumerateArray());
        Assert.Equal(("I5", vf), (found.GetProperty("invariant").GetString(), found.GetProperty("target").GetString()));
        Assert.Contains("VLAN 5 instead of 100", found.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Contains("I5", (await machine.RunAsync("verify")).Output, StringComparison.Ordinal);

        await machine.JsonAsync("reconcile");
        Assert.True((await machine.JsonAsync("verify")).GetProperty("ok").GetBoolean());
    }
}
