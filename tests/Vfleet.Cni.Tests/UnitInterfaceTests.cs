using System.Text.Json.Nodes;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Tests;

/// <summary>What today's plugin does not set: groups, MTU, VLAN trunk.</summary>
public sealed class UnitInterfaceTests
{
    [Fact]
    public async Task Allmulti_and_mtu_are_set_in_the_container_and_gone_after_it()
    {
        using CniMachine machine = await CniMachine.CreateAsync();
        string vf = await machine.VfAsync(0), before = await machine.PictureAsync();
        JsonObject config = CniMachine.Config(vf, ("allmulti", true), ("mtu", 1300));
        CniAnswer added = await machine.CallAsync("ADD", config);
        Assert.Equal(1300, (int)added.Json["interfaces"]![0]!["mtu"]!);
        LinkInfo link = Assert.Single(await machine.LinksInAsync("blue"), each => each.Name == "net1");
        Assert.Equal((true, 1300), (link.IsAllMulticast, link.Mtu));
        Assert.Equal(0, (await machine.CallAsync("CHECK", config)).Exit);
        await machine.ChangeInAsync("blue", "net1", new LinkChange { AllMulticast = false });
        Assert.Contains("does not receive every group", (await machine.CallAsync("CHECK", config)).Message, StringComparison.Ordinal);
        await machine.ChangeInAsync("blue", "net1", new LinkChange { AllMulticast = true });
        Assert.Equal(0, (await machine.CallAsync("DEL", config)).Exit);
        Assert.Equal(before, await machine.PictureAsync());
        Assert.False((await machine.ReadAsync(vf)).Link!.IsAllMulticast);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    [InlineData(false, true, true)]
    public async Task Host_has_its_own_allmulti_again_after_del(bool isHosts, bool isWanted, bool isNamespaceGone)
    {
        using CniMachine machine = await CniMachine.CreateAsync();
        string vf = await machine.VfAsync(0);
        LinkInfo link = (await machine.ReadAsync(vf)).Link!;
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
            _ = (await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { AllMulticast = isHosts })).Value;
        string before = await machine.PictureAsync();
        JsonObject config = CniMachine.Config(vf, ("allmulti", isWanted));
        Assert.Equal(0, (await machine.CallAsync("ADD", config)).Exit);
        if (isNamespaceGone)
            _ = machine.Kernel.DeleteNamespace("blue").Value;
        Assert.Equal(0, (await machine.CallAsync("DEL", config)).Exit);
        if (isNamespaceGone)
            machine.Kernel.CreateNamespace("blue").Value.Dispose();
        Assert.Equal(isHosts, (await machine.ReadAsync(vf)).Link!.IsAllMulticast);
        Assert.Equal(before, await machine.PictureAsync());
    }

    [Theory]
    [InlineData("allmulti", "true")]
    [InlineData("mtu", "1300")]
    public async Task Vf_on_vfio_has_no_interface_for_them(string key, string value)
    {
        using CniMachine machine = await CniMachine.CreateAsync(driver: "vfio-pci");
        string before = await machine.PictureAsync();
        CniAnswer refused = await machine.CallAsync("ADD", CniMachine.Config(await machine.VfAsync(0), (key, JsonNode.Parse(value))));
        Assert.Equal((1, 7), (refused.Exit, refused.Code));
        Assert.Equal(before, await machine.PictureAsync());
    }

    [Theory]
    [InlineData("i40e", true)]
    [InlineData("igb", false)]
    public async Task Vlan_trunk_is_set_where_the_driver_has_one_and_refused_elsewhere(string profile, bool isThere)
    {
        using CniMachine machine = await CniMachine.CreateAsync(profile);
        string vf = await machine.VfAsync(0), before = await machine.PictureAsync();
        JsonObject config = CniMachine.Config(vf, ("vlanTrunk", "100-102,200"));
        CniAnswer added = await machine.CallAsync("ADD", config);
        Assert.True(isThere == (added.Exit == 0), added.Output);
        if (isThere)
        {
            VirtualFunction now = await machine.ReadAsync(vf);
            Assert.Equal("/run/netns/blue", now.NamespacePath);
            Assert.Equal(0, (await machine.CallAsync("DEL", config)).Exit);
        }
        else
            Assert.Equal(103, added.Code);
        Assert.Equal(before, await machine.PictureAsync());
    }
}
