using System.Net;
using System.Text.Json;
using Vfleet.Host;
using Vfleet.Host.Attach;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary><c>attach</c> and <c>detach</c> through the ledger.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitAttachCommandTests
{
    private const string Vf = $"{KeptMachine.Pf}/0";

    [Fact]
    public async Task AnAttachedVfHasAnOwnerAndComesBackAsItWas()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        await machine.JsonAsync("vf", "set", Vf, "--vlan", "7");
        string before = await machine.ShownAsync(Vf);
        JsonElement attached =
            await machine.JsonAsync("attach", Vf, "--netns", "blue", "--vlan", "100", "--mac", "02:00:00:00:00:01", "--tenant", "acme");
        Assert.Equal(["vf", "namespace", "netdev", "mac", "mtu", "addresses", "deviceNodes", "dryRun", "allocation"],
            attached.EnumerateObject().Select(each => each.Name));
        JsonElement row = (await machine.JsonAsync("ledger", "list"))[0];
        Assert.Equal(
            (attached.GetProperty("allocation").GetString(), "blue", "acme", "attached"),
            (row.GetProperty("id").GetString(), row.GetProperty("owner").GetString(), row.GetProperty("tenant")
                .GetString(), row.GetProperty("state").GetString()));

        JsonElement planned = await machine.JsonAsync("detach", Vf, "--dry-run");
        JsonElement detached = await machine.JsonAsync("detach", Vf);
        Assert.Equal(["vf", "namespace", "namespaceWasGone", "netdev", "dryRun", "allocation"], detached.EnumerateObject()
            .Select(each => each.Name));
        Assert.Equal(planned.GetProperty("allocation").GetString(), detached.GetProperty("allocation").GetString());
        Assert.Equal(before, await machine.ShownAsync(Vf));
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        await machine.FailsAsync(3, "detach", Vf);
    }

    [Theory]
    [InlineData("--mtu", "9217")]
    [InlineData("--name", "all")]
    [InlineData("--name", "default")]
    [InlineData("--address", "192.0.2.1/24", "--address", "192.0.2.1/24")]
    [InlineData("--mtu", "68", "--address", "2001:db8::1/64")]
    public async Task ValuesThatTheKernelWouldRefuseHalfWayAreWrongUsage(params string[] words)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string before = await machine.ShownAsync(Vf);
        await machine.FailsAsync(2, ["attach", Vf, "--netns", "blue", .. words]);
        Assert.Equal(before, await machine.ShownAsync(Vf));
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
    }

    [Fact]
    public async Task WhatIsSetOrBoundByHandIsTheStateAVfGoesBackTo()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        await machine.JsonAsync("pool", "list");
        await machine.JsonAsync("vf", "bind", Vf, "vfio-pci");
        await machine.JsonAsync("vf", "set", $"{KeptMachine.Pf}/1", "--vlan", "9");
        foreach (string vf in (string[])[Vf, $"{KeptMachine.Pf}/1"])
        {
            string before = await machine.ShownAsync(vf);
            await machine.JsonAsync("allocate", "--vf", vf);
            JsonElement released = await machine.JsonAsync("release", vf);
            Assert.Equal(0, released.GetProperty("quarantined").GetArrayLength());
            Assert.Equal(before, await machine.ShownAsync(vf));
        }
    }

    [Fact]
    public async Task VfsThatAreMadeAnewAreClean()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        await machine.JsonAsync("attach", Vf, "--netns", "blue", "--vlan", "100");
        await machine.JsonAsync("vf", "create", KeptMachine.Pf, "2", "--driver", "vfio-pci", "--force", "--yes");
        string before = await machine.ShownAsync(Vf);
        await machine.JsonAsync("allocate", "--vf", Vf);
        Assert.Equal(0, (await machine.JsonAsync("release", Vf)).GetProperty("quarantined").GetArrayLength());
        Assert.Equal(before, await machine.ShownAsync(Vf));
    }

    [Fact]
    public async Task AVfOfAPoolIsAttachedAndAnExhaustedPoolIsExitCode4()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        JsonElement planned = await machine.JsonAsync("attach", "--pool", KeptMachine.Pf, "--netns", "blue", "--dry-run");
        Assert.False(File.Exists(machine.LedgerPath));
        JsonElement attached = await machine.JsonAsync("attach", "--pool", KeptMachine.Pf, "--netns", "blue", "--owner", "shop");
        Assert.Equal(planned.GetProperty("vf").GetString(), attached.GetProperty("vf").GetString());
        Assert.Equal("shop", (await machine.JsonAsync("vf", "show", Vf)).GetProperty("owner").GetString());
        await machine.FailsAsync(4, "attach", "--pool", KeptMachine.Pf, "--netns", "green");
        await machine.FailsAsync(2, "attach", "--netns", "green");
    }

    [Fact]
    public async Task AVfOfAnEndedNamespaceOrProcessIsHandedOutAgain()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        await machine.JsonAsync("attach", Vf, "--netns", "blue", "--vlan", "100");
        Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
        JsonElement next = await machine.JsonAsync("attach", Vf, "--netns", "green");
        JsonElement ended = (await machine.JsonAsync("ledger", "list", "--all"))[0];
        Assert.Contains("owner is gone", ended.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await machine.JsonAsync("vf", "show", Vf)).GetProperty("vlan").GetInt32());
        Assert.NotEqual(ended.GetProperty("id").GetString(), next.GetProperty("allocation").GetString());
    }

    [Fact]
    public async Task TakenByForceAVfComesBackWithTheAddressesItHad()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string netdev = (await machine.JsonAsync("vf", "show", Vf)).GetProperty("netdev").GetString()!;
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
        {
            LinkInfo link = (await route.GetLinkAsync(netdev)).Value;
            _ = (await route.AddAddressAsync(link.Index, netdev, new IPNetworkAddress(IPAddress.Parse("192.0.2.7"), 24))).Value;
        }
        await machine.FailsAsync(4, "attach", Vf, "--netns", "blue");
        Assert.Empty(machine.Forced());
        await machine.JsonAsync("attach", Vf, "--netns", "blue", "--force");
        Assert.Contains("192.0.2.7", Assert.Single(machine.Forced()), StringComparison.Ordinal);
        await machine.JsonAsync("detach", Vf);
        using RouteClient after = RouteClient.Open(machine.Kernel).Value;
        int index = (await after.GetLinkAsync(netdev)).Value.Index;
        Assert.Contains((await after.ListAddressesAsync()).Value, address => address.InterfaceIndex == index
            && $"{address.Address}".StartsWith("192.0.2.7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARecordOfAVfleetWithoutLedgerIsTakenOver()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        string before = await machine.ShownAsync(Vf);
        SriovHost old = new(machine.Kernel, new HostOptions { StateDirectory = machine.State });
        _ = (await old.Attacher.AttachAsync(
            new AttachRequest { Vf = Vf, NamespacePath = "/run/netns/blue", Settings = new VfSettings { Vlan = 5 } })).Value;
        string folder = Path.Combine(machine.State, "attachments");
        Assert.Single(Directory.GetFiles(folder));

        Assert.Contains("/run/netns/blue", $"{await machine.FailsAsync(4, "vf", "delete", KeptMachine.Pf)}", StringComparison.Ordinal);
        Assert.False(File.Exists(machine.LedgerPath));
        Assert.Equal(1, (await machine.JsonAsync("pool", "list"))[0].GetProperty("attached").GetInt32());
        Assert.Empty(Directory.GetFiles(folder));
        Assert.Equal("blue", (await machine.JsonAsync("ledger", "list"))[0].GetProperty("owner").GetString());
        await machine.JsonAsync("detach", Vf);
        Assert.Equal(before, await machine.ShownAsync(Vf));
    }

    [Fact]
    public async Task OneOfSeveralThatBelongTogetherIsNotDetachedAlone()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        Actor me = new("other", null, OwnerIdentity.OfProcess(machine.Kernel, Environment.ProcessId, "other").Value);
        using (LocalNode node = LocalNode.Open(machine.Kernel, new HostOptions { StateDirectory = machine.State }, me).Value)
        {
            AllocationRequest two = new() { Pool = KeptMachine.Pf, Count = 2, Owner = new Owner { Name = "blue" } };
            _ = (await node.AttachAsync(two, new AttachOrder { NamespacePath = "/run/netns/blue" })).Value;
        }
        JsonElement refused = await machine.FailsAsync(4, "detach", Vf);
        string id = (await machine.JsonAsync("ledger", "list"))[0].GetProperty("id").GetString()!;
        Assert.Contains($"vfleet release {id}", refused.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await machine.JsonAsync("release", id)).GetProperty("free").GetArrayLength());
    }
}
