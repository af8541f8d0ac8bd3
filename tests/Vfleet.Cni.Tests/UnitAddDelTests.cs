using System.Text.Json.Nodes;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Allocation;

namespace Vfleet.Cni.Tests;

/// <summary>A VF given to a container and taken back.</summary>
public sealed class UnitAddDelTests : IAsyncLifetime
{
    private const string OneAddress = """
        {"cniVersion": "1.0.0",
         "ips": [{"address": "10.56.217.2/24", "gateway": "10.56.217.1"}, {"address": "2001:db8::2/64", "gateway": "2001:db8::1"}],
         "routes": [{"dst": "0.0.0.0/0"}, {"dst": "2001:db8:1::/48", "gw": "2001:db8::9"}], "dns": {}}
        """;

    private CniMachine _machine = null!;

    public async Task InitializeAsync() => _machine = await CniMachine.CreateAsync();

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Added_vf_has_its_settings_and_its_interface_the_name_mac_addresses_and_routes()
    {
        _machine.AddStaticPlugin("fixed", OneAddress);
        string vf = await _machine.VfAsync(0);
        JsonObject config = CniMachine.Config(vf, ("vlan", 100), ("vlanQoS", 3), ("spoofchk", "off"), ("trust", "on"), ("max_tx_rate", 200),
            CniMachine.Ipam("fixed"), ("runtimeConfig", new JsonObject { ["mac"] = "CA:FE:C0:FF:EE:01" }));
        CniAnswer added = await _machine.CallAsync("ADD", config);
        Assert.True(added.Exit == 0, added.Output);
        JsonNode shown = added.Json["interfaces"]![0]!;
        Assert.Equal(("net1", "ca:fe:c0:ff:ee:01", 1500, "/run/netns/blue"),
            ((string)shown["name"]!, (string)shown["mac"]!, (int)shown["mtu"]!, (string)shown["sandbox"]!));
        Assert.Null(added.Json["dns"]);
        Assert.Equal("""[{"interface":0,"address":"10.56.217.2/24","gateway":"10.56.217.1"},"""
            + """{"interface":0,"address":"2001:db8::2/64","gateway":"2001:db8::1"}]""",
            added.Json["ips"]!.ToJsonString());
        VirtualFunction now = await _machine.ReadAsync(vf);
        VfInfo set = now.Settings!;
        Assert.Equal((100, 3, false, true, 200u), (set.Vlan, set.VlanQos, set.SpoofCheck, set.Trust, set.MaxTxRateMbps));
        LinkInfo link = Assert.Single(await _machine.LinksInAsync("blue"), each => each.Name == "net1");
        Assert.True(link.IsUp);
        Assert.Equal(["10.56.217.2/24", "2001:db8::2/64"], (await _machine.AddressesInAsync("blue")).Order());
        LedgerAllocation open = Assert.Single(_machine.Open());
        Assert.Equal(("ctr1", "cni"), (open.Owner.Name, open.FrontDoor));
    }

    [Fact]
    public async Task Deleted_vf_is_clean_in_the_host_and_deleting_again_or_what_was_never_added_is_no_error()
    {
        _machine.AddStaticPlugin("fixed", OneAddress);
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(
            await _machine.VfAsync(0), ("vlan", 100), ("mac", "02:00:00:00:00:07"), ("trust", "on"), CniMachine.Ipam("fixed"));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        CniAnswer deleted = await _machine.CallAsync("DEL", config);
        Assert.Equal((0, ""), (deleted.Exit, deleted.Output));
        Assert.Equal(before, await _machine.PictureAsync());
        CniAnswer again = await _machine.CallAsync("DEL", config);
        Assert.Equal((0, ""), (again.Exit, again.Output));
        Assert.Equal(0, (await _machine.CallAsync("DEL", config, ("CNI_CONTAINERID", "nobody"))).Exit);
        Assert.Equal(["ADD ctr1 net1", "DEL ctr1 net1", "DEL ctr1 net1", "DEL nobody net1"], _machine.CallsOf("fixed"));
    }

    [Fact]
    public async Task Pool_without_a_device_gives_a_free_vf_each_time_and_says_when_there_is_none()
    {
        JsonObject config = CniMachine.Config(null, ("pool", _machine.Pf));
        foreach (string name in (string[])["net1", "net2", "net3"])
            Assert.Equal(0, (await _machine.CallAsync("ADD", config, ("CNI_IFNAME", name))).Exit);
        Assert.Equal(3, _machine.Open().SelectMany(each => each.Vfs).Select(vf => vf.Vf).Distinct().Count());
        CniAnswer none = await _machine.CallAsync("ADD", config, ("CNI_IFNAME", "net4"));
        Assert.Equal((1, 102), (none.Exit, none.Code));
        Assert.Equal(0, (await _machine.CallAsync("DEL", config, ("CNI_IFNAME", "net2"))).Exit);
        Assert.Equal(2, _machine.Open().Count);
    }

    [Fact]
    public async Task Vf_that_is_taken_is_refused_with_its_owner()
    {
        string vf = await _machine.VfAsync(1);
        using (LocalNode node = _machine.Node())
            _ = (await node.AllocateAsync(new AllocationRequest { Vf = vf, Owner = new Owner { Name = "billing-db" } })).Value;
        CniAnswer refused = await _machine.CallAsync("ADD", CniMachine.Config(vf));
        Assert.Equal((1, 102), (refused.Exit, refused.Code));
        Assert.True(refused.Message.Contains("billing-db", StringComparison.Ordinal), refused.Message);
        Assert.Contains("is already allocated", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_add_for_the_same_interface_is_refused_and_the_first_stays()
    {
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 5));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        string before = await _machine.PictureAsync();
        CniAnswer second = await _machine.CallAsync("ADD", config);
        Assert.Equal((1, 102), (second.Exit, second.Code));
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Namespace_that_is_gone_at_del_leaves_a_clean_vf_and_the_address_is_given_back()
    {
        _machine.AddStaticPlugin("fixed", OneAddress);
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100), CniMachine.Ipam("fixed"));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        _ = _machine.Kernel.DeleteNamespace("blue").Value;
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.Empty(_machine.Open());
        VirtualFunction now = await _machine.ReadAsync(await _machine.VfAsync(0));
        Assert.Equal((0, null), (now.Settings!.Vlan, now.NamespacePath));
    }

    [Fact]
    public async Task Container_that_died_without_del_gives_vf_and_address_back_at_any_program_s_next_call()
    {
        _machine.AddStaticPlugin("fixed", OneAddress);
        Assert.Equal(0, (await _machine.CallAsync("ADD", CniMachine.Config(await _machine.VfAsync(0), CniMachine.Ipam("fixed")))).Exit);
        _ = _machine.Kernel.DeleteNamespace("blue").Value;
        using (LocalNode node = _machine.Node())
            _ = (await node.ReclaimAsync()).Value;
        Assert.Empty(_machine.Open());
        Assert.Equal(["ADD ctr1 net1", "DEL ctr1 net1"], _machine.CallsOf("fixed"));
    }

    [Fact]
    public async Task Vf_on_vfio_is_given_with_addresses_but_nothing_set_in_the_namespace_and_comes_back_on_its_driver()
    {
        using CniMachine machine = await CniMachine.CreateAsync(driver: "vfio-pci");
        machine.AddStaticPlugin("fixed", OneAddress);
        string before = await machine.PictureAsync();
        JsonObject config = CniMachine.Config(
            await machine.VfAsync(0), ("vlan", 9), ("mac", "02:00:00:00:00:09"), CniMachine.Ipam("fixed"));
        CniAnswer added = await machine.CallAsync("ADD", config);
        Assert.True(added.Exit == 0, added.Output);
        Assert.Equal("02:00:00:00:00:09", (string)added.Json["interfaces"]![0]!["mac"]!);
        Assert.Equal(2, added.Json["ips"]!.AsArray().Count);
        Assert.Empty(await machine.AddressesInAsync("blue"));
        Assert.Equal(0, (await machine.CallAsync("DEL", config)).Exit);
        Assert.Equal(before, await machine.PictureAsync());
    }

    [Theory]
    [InlineData("0.1.0", """{"cniVersion":"0.1.0","ip4":{"ip":"10.56.217.2/24","gateway":"10.56.217.1","routes":[{"dst":"0.0.0.0/0"}]},"ip6":"""
        + """{"ip":"2001:db8::2/64","gateway":"2001:db8::1","routes":[{"dst":"2001:db8:1::/48","gw":"2001:db8::9"}]},"dns":{}}""")]
    [InlineData("0.3.1", """{"cniVersion":"0.3.1","interfaces":[{"name":"net1","mac":"MAC","sandbox":"/run/netns/blue"}],"ips":"""
        + """[{"version":"4","interface":0,"address":"10.56.217.2/24","gateway":"10.56.217.1"},"""
        + """{"version":"6","interface":0,"address":"2001:db8::2/64","gateway":"2001:db8::1"}],"routes":"""
        + """[{"dst":"0.0.0.0/0"},{"dst":"2001:db8:1::/48","gw":"2001:db8::9"}],"dns":{}}""")]
    [InlineData("1.1.0", """{"cniVersion":"1.1.0","interfaces":[{"name":"net1","mac":"MAC","mtu":1500,"sandbox":"/run/netns/blue"}],"ips":"""
        + """[{"interface":0,"address":"10.56.217.2/24","gateway":"10.56.217.1"},"""
        + """{"interface":0,"address":"2001:db8::2/64","gateway":"2001:db8::1"}],"routes":"""
        + """[{"dst":"0.0.0.0/0"},{"dst":"2001:db8:1::/48","gw":"2001:db8::9"}]}""")]
    public async Task Result_has_the_fields_of_the_version_that_is_asked_for(string version, string expected)
    {
        _machine.AddStaticPlugin("fixed", OneAddress);
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0),
            ("cniVersion", version), ("mac", "02:00:00:00:00:07"), ("trust", "on"), CniMachine.Ipam("fixed"));
        CniAnswer added = await _machine.CallAsync("ADD", config);
        Assert.True(added.Exit == 0, added.Output);
        Assert.Equal(expected.Replace("MAC", "02:00:00:00:00:07", StringComparison.Ordinal), added.Json.ToJsonString());
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    [InlineData(null)]
    public async Task Old_versions_work_without_an_address_plugin(string? version)
    {
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("cniVersion", version));
        CniAnswer added = await _machine.CallAsync("ADD", config);
        Assert.True(added.Exit == 0, added.Output);
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.Empty(_machine.Open());
    }

    [Fact]
    public async Task Keys_are_read_without_regard_to_case_and_a_pod_is_called_by_its_name()
    {
        JsonObject config = new()
        {
            ["CNIVERSION"] = "1.0.0",
            ["Name"] = "n",
            ["DeviceId"] = await _machine.VfAsync(2),
            ["VLAN"] = 77,
        };
        CniAnswer added = await _machine.CallAsync(
            "ADD", config, ("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0"));
        Assert.True(added.Exit == 0, added.Output);
        Assert.Equal(77, (await _machine.ReadAsync(await _machine.VfAsync(2))).Settings!.Vlan);
        Assert.Equal("shop/web-0", Assert.Single(_machine.Open()).Owner.Name);
    }
}
