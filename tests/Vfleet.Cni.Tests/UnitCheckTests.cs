using System.Text.Json.Nodes;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Tests;

/// <summary>CHECK, STATUS and GC.</summary>
public sealed class UnitCheckTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private JsonObject _config = null!;

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync();
        _machine.AddStaticPlugin("fixed", """{"cniVersion": "1.0.0", "ips": [{"address": "10.56.217.2/24", "gateway": "10.56.217.1"}]}""");
        _config = CniMachine.Config(await _machine.VfAsync(0), ("cniVersion", "1.1.0"), ("vlan", 100), ("trust", "on"), ("mtu", 1400),
            CniMachine.Ipam("fixed"));
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_as_it_was_added_passes_and_the_address_plugin_is_asked_too()
    {
        await AddAsync();
        CniAnswer same = await _machine.CallAsync("CHECK", _config);
        Assert.True((0, "") == (same.Exit, same.Output), same.Output);
        Assert.Equal(["ADD ctr1 net1", "CHECK ctr1 net1"], _machine.CallsOf("fixed"));
    }

    [Theory]
    [InlineData("vlan", "VLAN 7 instead of 100")]
    [InlineData("trust", "trust off instead of on")]
    [InlineData("mtu", "MTU 1300 instead of 1400")]
    [InlineData("rename", "name other0 instead of net1")]
    [InlineData("move", "namespace /run/netns/green instead of /run/netns/blue")]
    [InlineData("address", "address 10.56.217.2/24 is gone")]
    [InlineData("down", "net1 is down")]
    public async Task What_differs_is_said(string what, string told)
    {
        await AddAsync();
        await ChangeAsync(what);
        CniAnswer differs = await _machine.CallAsync("CHECK", _config);
        Assert.True((1, 105) == (differs.Exit, differs.Exit == 0 ? 0 : differs.Code), differs.Output);
        Assert.Contains(told, differs.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await _machine.CallAsync("DEL", _config)).Exit);
        Assert.Empty(_machine.Open());
    }

    [Fact]
    public async Task Addresses_of_others_in_the_result_are_none_of_this_interface_s()
    {
        await AddAsync();
        JsonNode result = _config["prevResult"]!;
        result["interfaces"]!.AsArray().Add(new JsonObject { ["name"] = "net1" });
        result["interfaces"]!.AsArray().Add(new JsonObject { ["name"] = "eth0", ["sandbox"] = "/run/netns/blue" });
        foreach (int? place in (int?[])[1, 2, null])
            result["ips"]!.AsArray().Add(new JsonObject { ["address"] = $"10.9.9.{place ?? 9}/24", ["interface"] = place });
        CniAnswer same = await _machine.CallAsync("CHECK", _config);
        Assert.True(same.Exit == 0, same.Output);
        result["ips"]!.AsArray().Add(new JsonObject { ["address"] = "10.9.9.7/24", ["interface"] = 0 });
        Assert.Contains("10.9.9.7/24 is gone", (await _machine.CallAsync("CHECK", _config)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 7, "prevResult is missing")]
    [InlineData("7", 6, "prevResult")]
    [InlineData("""{"ips": 7}""", 6, "ips")]
    [InlineData("""{"ips": [7]}""", 6, "ips holds 7")]
    [InlineData("""{"ips": [{"address": 7}]}""", 6, "address 7")]
    [InlineData("""{"ips": [{"address": "10.0.0.2"}]}""", 7, "10.0.0.2")]
    [InlineData("""{"ips": [{"address": "10.0.0.2/24", "interface": 0}]}""", 7, "interface 0")]
    [InlineData("""{"ips": [{"address": "10.0.0.2/24", "interface": "0"}]}""", 6, "interface")]
    [InlineData("""{"interfaces": [7]}""", 6, "interfaces holds 7")]
    [InlineData("""{"interfaces": [{"name": "net1", "sandbox": 7}]}""", 6, "sandbox")]
    public async Task Result_that_cannot_be_read_is_an_error(string? result, int code, string told)
    {
        await AddAsync();
        _ = _config.Remove("prevResult");
        if (result is not null)
            _config["prevResult"] = JsonNode.Parse(result);
        // As a text, so that nobody adds what is missing.
        CniAnswer refused = await _machine.CallAsync("CHECK", _config.ToJsonString());
        Assert.Equal((1, code), (refused.Exit, refused.Code));
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_never_added_or_is_deleted_is_code_3()
    {
        CniAnswer never = await _machine.CallAsync("CHECK", _config);
        Assert.Equal((1, 3), (never.Exit, never.Code));
        await AddAsync();
        Assert.Equal(0, (await _machine.CallAsync("DEL", _config)).Exit);
        Assert.Equal(3, (await _machine.CallAsync("CHECK", _config)).Code);
    }

    [Fact]
    public async Task Pool_that_is_exhausted_is_ready_and_one_that_is_not_there_or_has_no_driver_is_not()
    {
        JsonObject config = CniMachine.Config(null, ("cniVersion", "1.1.0"), ("pool", _machine.Pf));
        foreach (string name in (string[])["net1", "net2", "net3"])
            Assert.Equal(0, (await _machine.CallAsync("ADD", config, ("CNI_IFNAME", name))).Exit);
        CniAnswer exhausted = await _machine.CallAsync("STATUS", config);
        Assert.True((0, "") == (exhausted.Exit, exhausted.Output), exhausted.Output);
        config["pool"] = "nosuch";
        Assert.Equal(50, (await _machine.CallAsync("STATUS", config)).Code);
        using CniMachine bare = await CniMachine.CreateAsync(driver: "none");
        CniAnswer driverless = await bare.CallAsync("STATUS", CniMachine.Config(null, ("cniVersion", "1.1.0"), ("pool", bare.Pf)));
        Assert.Equal((1, 50), (driverless.Exit, driverless.Code));
    }

    [Fact]
    public async Task Status_asks_the_address_plugin_and_one_that_is_too_old_to_know_is_ready()
    {
        _machine.AddPlugin("old", """echo "{\"code\": 4, \"msg\": \"unknown CNI_COMMAND: $CNI_COMMAND\"}"; exit 1""");
        _machine.AddPlugin("ill", """echo '{"code": 50, "msg": "store is full"}'; exit 1""");
        JsonObject config = CniMachine.Config(null, ("cniVersion", "1.1.0"), ("pool", _machine.Pf), CniMachine.Ipam("old"));
        Assert.Equal(0, (await _machine.CallAsync("STATUS", config)).Exit);
        config["ipam"]!["type"] = "ill";
        CniAnswer ill = await _machine.CallAsync("STATUS", config);
        Assert.Equal((1, 50), (ill.Exit, ill.Code));
        Assert.Contains("store is full", ill.Message, StringComparison.Ordinal);
        config["ipam"]!["type"] = "missing";
        Assert.Equal(50, (await _machine.CallAsync("STATUS", config)).Code);
    }

    [Fact]
    public async Task Gc_takes_back_what_this_network_has_and_the_runtime_does_not_name_and_nothing_else()
    {
        using CniMachine machine = await CniMachine.CreateAsync(vfs: 5);
        JsonObject mine = CniMachine.Config(null, ("cniVersion", "1.1.0"), ("pool", machine.Pf), CniMachine.Ipam("fixed"));
        JsonObject other = CniMachine.Config(null, ("cniVersion", "1.1.0"), ("name", "other"), ("pool", machine.Pf));
        machine.AddStaticPlugin("fixed", """{"ips": [{"address": "10.56.217.2/24"}]}""");
        Assert.Equal(0, (await machine.CallAsync("ADD", mine, ("CNI_CONTAINERID", "lives"))).Exit);
        Assert.Equal(0, (await machine.CallAsync("ADD", mine, ("CNI_CONTAINERID", "gone"), ("CNI_NETNS", "/run/netns/green"))).Exit);
        Assert.Equal(0, (await machine.CallAsync("ADD", other, ("CNI_CONTAINERID", "gone"), ("CNI_IFNAME", "net2"))).Exit);
        using (LocalNode node = machine.Node())
        {
            _ = (await node.AllocateAsync(new AllocationRequest { Pool = machine.Pf, Owner = new Owner { Name = "by-hand" } })).Value;
            // Another front door whose words look the same.
            string? words = machine.Open().First(each => each.Owner.NamespacePath == "/run/netns/green").Owner.Workload;
            Owner docker = new() { Name = "docker", Workload = words };
            _ = (await node.AllocateAsync(new AllocationRequest { Pool = machine.Pf, Owner = docker })).Value;
        }
        mine["cni.dev/valid-attachments"] = new JsonArray(new JsonObject { ["containerID"] = "lives", ["ifname"] = "net1" });
        CniAnswer collected = await machine.CallAsync("GC", mine, ("CNI_CONTAINERID", null), ("CNI_IFNAME", null), ("CNI_NETNS", null));
        Assert.True((0, "") == (collected.Exit, collected.Output), collected.Output);
        Assert.Equal(["by-hand", "docker", "gone", "lives"], machine.Open().Select(each => each.Owner.Name).Order());
        Assert.Equal("other", CniWorkload.Of(Assert.Single(machine.Open(), each => each.Owner.Name == "gone"))!.Network);
        Assert.Equal(["ADD lives net1", "ADD gone net1", "DEL gone net1", "GC"], machine.CallsOf("fixed"));
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData("[{\"containerID\": \"a\"}]", 7)]
    [InlineData("[7]", 7)]
    [InlineData("{}", 6)]
    public async Task Gc_without_a_list_that_can_be_read_takes_nothing(string? list, int code)
    {
        await AddAsync();
        JsonObject config = (JsonObject)_config.DeepClone();
        if (list is not null)
            config["cni.dev/valid-attachments"] = JsonNode.Parse(list);
        CniAnswer refused = await _machine.CallAsync("GC", config);
        Assert.Equal((1, code), (refused.Exit, refused.Code));
        _ = Assert.Single(_machine.Open());
    }

    [Fact]
    public async Task Gc_with_an_empty_list_takes_all_of_the_network_and_an_old_address_plugin_is_no_error()
    {
        _machine.AddPlugin("old", """
            case $CNI_COMMAND in
            ADD) echo '{"ips": [{"address": "10.0.0.2/24"}]}';;
            DEL) ;;
            *) echo "{\"code\": 4, \"msg\": \"unknown CNI_COMMAND: $CNI_COMMAND\"}"; exit 1;;
            esac
            """);
        string before = await _machine.PictureAsync();
        _config["ipam"]!["type"] = "old";
        await AddAsync();
        _config["cni.dev/valid-attachments"] = new JsonArray();
        CniAnswer collected = await _machine.CallAsync("GC", _config);
        Assert.True(collected.Exit == 0, collected.Output);
        Assert.Equal(before, await _machine.PictureAsync());
    }

    private async Task AddAsync()
    {
        CniAnswer added = await _machine.CallAsync("ADD", _config);
        Assert.True(added.Exit == 0, added.Output);
        _config["prevResult"] = added.Json.DeepClone();
    }

    private async Task ChangeAsync(string what)
    {
        switch (what)
        {
            case "vlan" or "trust":
                // By the kernel alone: a change through Vfleet would be what the VF has to be from then on.
                using (RouteClient route = RouteClient.Open(_machine.Kernel).Value)
                {
                    int pf = (await route.GetLinkAsync(_machine.Pf)).Value.Index;
                    VfVlan? vlan = what == "vlan" ? new VfVlan(7) : null;
                    VfChange change = new() { Index = 0, Vlan = vlan, Trust = what == "trust" ? false : null };
                    _ = (await route.ChangeVfsAsync(pf, _machine.Pf, [change])).Value;
                }
                break;
            case "mtu":
                await _machine.ChangeInAsync("blue", "net1", new LinkChange { Mtu = 1300 });
                break;
            case "rename":
                await _machine.ChangeInAsync("blue", "net1", new LinkChange { Name = "other0" });
                break;
            case "move":
                using (NetworkNamespace green = _machine.Kernel.OpenNamespace("/run/netns/green").Value)
                    await _machine.ChangeInAsync("blue", "net1", new LinkChange { Namespace = green });
                break;
            case "address":
                using (NetworkNamespace blue = _machine.Kernel.OpenNamespace("/run/netns/blue").Value)
                using (RouteClient route = RouteClient.Open(_machine.Kernel, blue).Value)
                {
                    LinkInfo link = (await route.GetLinkAsync("net1")).Value;
                    _ = IPNetworkAddress.TryParse("10.56.217.2/24", out IPNetworkAddress? address);
                    _ = (await route.RemoveAddressAsync(link.Index, link.Name, address!)).Value;
                }
                break;
            default:
                await _machine.ChangeInAsync("blue", "net1", new LinkChange { Up = false });
                break;
        }
    }
}
