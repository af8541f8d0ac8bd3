using System.Text.Json;
using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Verify;
using M = Vfleet.Containers.Tests.DockerMachine;

namespace Vfleet.Containers.Tests;

/// <summary>The life of networks and endpoints, as dockerd calls it.</summary>
public sealed class UnitDockerDriverTests
{
    private const string Mac = "02:00:00:00:00:07";

    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    [InlineData("mlx5")]
    public async Task AContainerGetsAVfWithItsSettingsAndTheNextOneGetsItClean(string profile)
    {
        await using M machine = await M.CreateAsync(profile, vfs: 1);
        _ = await machine.PassAsync();
        await machine.CallAsync("CreateNetwork", M.Network(
            $"\"pool\":\"{machine.Pf}\",\"vlan\":\"100\",\"spoofchk\":\"on\",\"max_tx_rate\":\"200\","
            + "\"mtu\":\"1400\",\"tenant\":\"shop\",\"prefix\":\"vf\""));
        JsonElement created = await machine.CallAsync("CreateEndpoint", M.NewEndpoint(mac: Mac));
        Assert.Equal("{}", created.GetProperty("Interface").GetRawText());
        machine.Dockerd.Endpoints[$"{M.Net}/{M.Endpoint}"] = "web";
        machine.Kernel.CreateNamespace(M.Space).Value.Dispose();
        JsonElement join = await machine.CallAsync("Join", M.Into());
        Assert.Equal(("vf", "192.0.2.254", "", true), (
            join.GetProperty("InterfaceName").GetProperty("DstPrefix").GetString(), join.GetProperty("Gateway").GetString(),
            join.GetProperty("GatewayIPv6").GetString(), join.GetProperty("DisableGatewayService").GetBoolean()));
        await machine.MoveInAsync(join, Mac);

        LedgerAllocation allocation = machine.Open();
        Assert.Equal(("web", "shop", "docker", $"/run/netns/{M.Space}"),
            (allocation.Owner.Name, allocation.Tenant, allocation.FrontDoor, allocation.Owner.NamespacePath));
        string vf = allocation.Vfs[0].Vf;
        Assert.Equal(vf, (await machine.CallAsync("EndpointOperInfo", M.Of())).GetProperty("Value").GetProperty("vf").GetString());
        VirtualFunction now = await machine.ReadAsync(vf);
        Assert.Equal((100, true, 200u), (now.Settings!.Vlan, now.Settings.SpoofCheck, now.Settings.MaxTxRateMbps));
        Assert.Equal(("vf0", 1400, Mac, $"/run/netns/{M.Space}", true),
            (now.Link!.Name, now.Link.Mtu, now.Link.Mac.ToString(), now.NamespacePath, now.Link.IsUp));

        await EndAsync(machine, join);
        await machine.CallAsync("DeleteNetwork", M.Of());
        Assert.Contains("is not known", await machine.RefusedAsync("CreateEndpoint", M.NewEndpoint()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PassesLeaveTheInterfaceWhereDockerdPutItAndPutSettingsBack()
    {
        await using M machine = await M.CreateAsync();
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\",\"vlan\":\"100\""));
        JsonElement created = await machine.CallAsync("CreateEndpoint", M.NewEndpoint());
        string mac = created.GetProperty("Interface").GetProperty("MacAddress").GetString()!;
        Assert.True((await machine.PassAsync()).IsQuiet);
        machine.Dockerd.Endpoints[$"{M.Net}/{M.Endpoint}"] = "web";
        machine.Kernel.CreateNamespace(M.Space).Value.Dispose();
        JsonElement join = await machine.CallAsync("Join", M.Into());
        Assert.True((await machine.PassAsync()).IsQuiet);
        await machine.MoveInAsync(join, mac);
        Assert.True((await machine.PassAsync()).IsQuiet);

        string vf = machine.Open().Vfs[0].Vf;
        PhysicalFunction pf = (await machine.Agent.Host.FindPfAsync(machine.Pf)).Value;
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
            _ = (await route.ChangeVfsAsync(pf.InterfaceIndex, pf.Label,
                [new VfChange { Index = (await machine.ReadAsync(vf)).Index, Vlan = new VfVlan(5) }])).Value;
        Drift drift = Assert.Single((await machine.PassAsync()).Drifts);
        Assert.Equal((vf, "web", DriftOutcome.Repaired), (drift.Vf, drift.Owner, drift.Outcome));
        VirtualFunction now = await machine.ReadAsync(vf);
        Assert.Equal((100, "eth0", $"/run/netns/{M.Space}", mac),
            (now.Settings!.Vlan, now.Link!.Name, now.NamespacePath, now.Link.Mac.ToString()));
        Assert.True((await machine.PassAsync()).IsQuiet);
    }

    [Theory]
    [InlineData("native")]
    [InlineData("vfio-pci", "native")]
    public async Task AForcedBindDoesNotMakeTheInterfaceOursToPlace(params string[] drivers)
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\",\"vlan\":\"100\""));
        await machine.CallAsync("CreateEndpoint", M.NewEndpoint());
        machine.Dockerd.Endpoints[$"{M.Net}/{M.Endpoint}"] = "web";
        machine.Kernel.CreateNamespace(M.Space).Value.Dispose();
        string vf = machine.Open().Vfs[0].Vf;
        foreach (string driver in drivers)
            _ = (await machine.Agent.Host.BindAsync(vf, driver, force: true, dryRun: false)).Value;
        JsonElement join = await machine.CallAsync("Join", M.Into());
        await machine.MoveInAsync(join);
        for (int passes = 0; passes < 2; passes++)
            Assert.True((await machine.PassAsync()).IsQuiet);
        VirtualFunction now = await machine.ReadAsync(vf);
        Assert.Equal(("eth0", $"/run/netns/{M.Space}", 100), (now.Link!.Name, now.NamespacePath, now.Settings!.Vlan));
        Assert.Empty((await new NodeVerifier(machine.Agent).VerifyAsync()).Value.Violations);

        await EndAsync(machine, join);
    }

    [Fact]
    public async Task OfTwoEndpointsForOneVfOneIsRefusedAndMayTryAgain()
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\""));
        string[] endpoints = ["e1", "e2"];
        string[] answers =
            await Task.WhenAll(endpoints.Select(each => Task.Run(() => machine.RawAsync("CreateEndpoint", M.NewEndpoint(each)))));
        Assert.Single(answers, answer => answer.Contains("Interface", StringComparison.Ordinal));
        Assert.Single(answers, answer => answer.Contains("has 0 VFs free", StringComparison.Ordinal));
        LedgerAllocation one = machine.Open();
        string loser = one.Owner.Name == "docker/e1" ? "e2" : "e1";
        await machine.CallAsync("DeleteEndpoint", M.Of(one.Owner.Name["docker/".Length..]));
        await machine.CallAsync("CreateEndpoint", M.NewEndpoint(loser));
        Assert.Equal($"docker/{loser}", machine.Open().Owner.Name);
    }

    [Fact]
    public async Task TheSameCallTwiceAtOnceTakesOneVf()
    {
        await using M machine = await M.CreateAsync();
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\""));
        string[] answers =
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => machine.RawAsync("CreateEndpoint", M.NewEndpoint()))));
        Assert.Contains("MacAddress", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        Assert.Single(machine.Rows(), row => row.State == VfState.Attached);
    }

    [Fact]
    public async Task AnEndpointWhoseNamespaceEndedAndThatDockerdForgotIsTakenBackOnceThatIsSure()
    {
        await using M machine = await M.CreateAsync();
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\",\"vlan\":\"100\""));
        await machine.CallAsync("CreateEndpoint", M.NewEndpoint());
        machine.Dockerd.Endpoints[$"{M.Net}/{M.Endpoint}"] = "web";
        machine.Kernel.CreateNamespace(M.Space).Value.Dispose();
        await machine.MoveInAsync(await machine.CallAsync("Join", M.Into()));
        string vf = machine.Open().Vfs[0].Vf;

        // The container ends together with dockerd: nobody calls, and the kernel brings the interface back.
        _ = machine.Kernel.DeleteNamespace(M.Space).Value;
        machine.Dockerd.Instead = FakeEngine.Http("500 Internal Server Error", "{}");
        machine.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty((await machine.PassAsync()).Drifts);
        Assert.Equal(VfState.Attached, machine.Rows().Single(row => row.Vf == vf).State);

        machine.Dockerd.Instead = null;
        machine.Dockerd.Endpoints.Clear();
        _ = await machine.PassAsync();
        Assert.Equal(VfState.Attached, machine.Rows().Single(row => row.Vf == vf).State);
        machine.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Single((await machine.PassAsync()).Reclaimed!.Orders);
        LedgerVf row = machine.Rows().Single(row => row.Vf == vf);
        Assert.Equal(VfState.Free, row.State);
        Assert.Empty(CleanState.Differences(await machine.ReadAsync(vf), row.Clean!));
        await machine.CallAsync("Leave", M.Of());
        await machine.CallAsync("DeleteEndpoint", M.Of());
    }

    [Fact]
    public async Task AfterABootNetworksAreKnownAndEndpointsAreNoMore()
    {
        await using M machine = await M.CreateAsync();
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\""));
        await machine.CallAsync("CreateEndpoint", M.NewEndpoint());
        machine.Kernel.Machine.Reboot();
        Assert.Contains("has no VF", await AfterBootAsync(machine), StringComparison.Ordinal);
        Assert.Empty(machine.Agent.Ledger.Read(view => view.OpenAllocations()).Value);
    }

    [Fact]
    public async Task WhatCannotBeGivenIsRefusedWithWhatToDo()
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\""));
        Assert.StartsWith("endpoint nobody has no VF; ", await machine.RefusedAsync("Join", M.Into("nobody")), StringComparison.Ordinal);
        foreach (string mac in (string[])["01:00:00:00:00:01", "00:00:00:00:00:00", "nonsense"])
            Assert.StartsWith($"MAC {mac} is no address of a station",
                await machine.RefusedAsync("CreateEndpoint", M.NewEndpoint(mac: mac)), StringComparison.Ordinal);
        foreach (string id in (string[])["", "../up", "a/b"])
            Assert.StartsWith("EndpointID is no id", await machine.RefusedAsync("CreateEndpoint", M.NewEndpoint(id)),
                StringComparison.Ordinal);
        await machine.CallAsync("Leave", M.Of("nobody"));
        await machine.CallAsync("DeleteEndpoint", M.Of("nobody"));
        Assert.All(machine.Rows(), row => Assert.Equal(VfState.Free, row.State));
    }

    [Fact]
    public async Task AVfThatHasNoInterfaceIsRefusedAndGoesBack()
    {
        await using M machine = await M.CreateAsync(vfs: 1, driver: "vfio-pci");
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\",\"vlan\":\"100\""));
        Assert.Contains("is bound to vfio-pci: it has no interface that could be moved",
            await machine.RefusedAsync("CreateEndpoint", M.NewEndpoint()),
            StringComparison.Ordinal);
        Assert.Equal(VfState.Free, Assert.Single(machine.Rows()).State);
    }

    private static async Task EndAsync(M machine, JsonElement join)
    {
        await machine.CallAsync("Leave", M.Of());
        await machine.MoveOutAsync(join);
        await machine.CallAsync("DeleteEndpoint", M.Of());
        LedgerVf row = Assert.Single(machine.Rows());
        Assert.Equal(VfState.Free, row.State);
        Assert.Empty(CleanState.Differences(await machine.ReadAsync(row.Vf), row.Clean!));
    }

    private static async Task<string> AfterBootAsync(M machine)
    {
        machine.Restart();
        _ = await machine.PassAsync();
        return await machine.RefusedAsync("Join", M.Into());
    }
}
