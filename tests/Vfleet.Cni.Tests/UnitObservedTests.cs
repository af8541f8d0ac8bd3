using System.Text.Json.Nodes;

namespace Vfleet.Cni.Tests;

/// <summary>
/// Results have the fields, spelling and order of today's plugin, as it was observed; errors its words where users grep for them.
/// </summary>
public sealed class UnitObservedTests : IAsyncLifetime
{
    private const string Static = """
        {"cniVersion": "1.0.0", "ips": [{"address": "10.10.0.5/24", "gateway": "10.10.0.254"}, {"address": "fd00:10::5/64"}],
         "routes": [{"dst": "192.168.7.0/24", "gw": "10.10.0.254"}], "dns": {"nameservers": ["10.10.0.254"]}}
        """;

    private CniMachine _machine = null!;

    public async Task InitializeAsync() => _machine = await CniMachine.CreateAsync();

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("0.4.0", """{"cniVersion":"0.4.0","interfaces":[{"name":"net1","mac":"MAC","sandbox":"/run/netns/blue"}],"dns":{}}""")]
    [InlineData("1.0.0", """{"cniVersion":"1.0.0","interfaces":[{"name":"net1","mac":"MAC","mtu":1500,"sandbox":"/run/netns/blue"}]}""")]
    [InlineData("1.1.0", """{"cniVersion":"1.1.0","interfaces":[{"name":"net1","mac":"MAC","mtu":1500,"sandbox":"/run/netns/blue"}]}""")]
    public async Task Without_addresses_the_result_has_the_interface_alone(string version, string expected)
    {
        string mac = (await _machine.ReadAsync(await _machine.VfAsync(1))).Link!.Mac.ToString()!;
        CniAnswer added = await _machine.CallAsync("ADD", CniMachine.Config(await _machine.VfAsync(1), ("cniVersion", version)));
        Assert.Equal(expected.Replace("MAC", mac, StringComparison.Ordinal), added.Json.ToJsonString());
    }

    [Fact]
    public async Task Resolver_settings_are_passed_on_and_vlan_0_is_no_vlan()
    {
        _machine.AddStaticPlugin("static", Static);
        CniAnswer added = await _machine.CallAsync("ADD",
            CniMachine.Config(await _machine.VfAsync(1), ("vlan", 0), CniMachine.Ipam("static")));
        Assert.Equal("""{"nameservers":["10.10.0.254"]}""", added.Json["dns"]!.ToJsonString());
        Assert.Equal("""[{"interface":0,"address":"10.10.0.5/24","gateway":"10.10.0.254"},{"interface":0,"address":"fd00:10::5/64"}]""",
            added.Json["ips"]!.ToJsonString());
        Assert.Equal("""[{"dst":"192.168.7.0/24","gw":"10.10.0.254"}]""", added.Json["routes"]!.ToJsonString());
    }

    [Fact]
    public async Task Vf_on_vfio_has_the_mtu_of_its_pf_and_the_mac_it_has_there()
    {
        using CniMachine machine = await CniMachine.CreateAsync(driver: "vfio-pci");
        CniAnswer added = await machine.CallAsync("ADD", CniMachine.Config(await machine.VfAsync(0), ("mac", "CA:FE:C0:FF:EE:02")));
        Assert.Equal("""[{"name":"net1","mac":"ca:fe:c0:ff:ee:02","mtu":1500,"sandbox":"/run/netns/blue"}]""",
            added.Json["interfaces"]!.ToJsonString());
    }

    [Theory]
    [InlineData("aa", "bb", "cc", "aa")]
    [InlineData(null, "bb", "cc", "bb")]
    [InlineData(null, null, "CC", "cc")]
    public async Task Mac_of_the_runtime_weighs_more_than_arguments_and_those_more_than_the_configuration(
        string? runtime, string? argument, string config, string got)
    {
        JsonObject network = CniMachine.Config(await _machine.VfAsync(0), ("trust", "on"), ("mac", $"02:00:00:00:00:{config}"));
        if (runtime is not null)
            network["runtimeConfig"] = new JsonObject { ["mac"] = $"02:00:00:00:00:{runtime}" };
        string arguments = "IgnoreUnknown=1;K8S_POD_NAME=p" + (argument is null ? "" : $";MAC=02:00:00:00:00:{argument}");
        CniAnswer added = await _machine.CallAsync("ADD", network, ("CNI_ARGS", arguments));
        Assert.Equal($"02:00:00:00:00:{got}", (string)added.Json["interfaces"]![0]!["mac"]!);
    }

    [Theory]
    [InlineData("ADD", "deviceID", null, 7, "names no VF")]
    [InlineData("ADD", "cniVersion", "9.9.9", 1, "0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0")]
    [InlineData("CHECK", "cniVersion", "0.2.0", 1, "does not exist in cniVersion 0.2.0")]
    [InlineData("GC", "cniVersion", "1.0.0", 1, "does not exist in cniVersion 1.0.0")]
    [InlineData("STATUS", "cniVersion", "1.0.0", 1, "does not exist in cniVersion 1.0.0")]
    [InlineData("ADD", "vlan", "5000", 7, "0 to 4094")]
    [InlineData("ADD", "vlanQoS", "8", 7, "0 to 7")]
    public async Task Errors_say_what_is_allowed(string command, string key, string? value, int code, string told)
    {
        JsonNode? node = value is null ? null : key == "cniVersion" ? JsonValue.Create(value) : JsonNode.Parse(value);
        CniAnswer answer = await _machine.CallAsync(command, CniMachine.Config(await _machine.VfAsync(0), (key, node)));
        Assert.Equal((1, code), (answer.Exit, answer.Code));
        Assert.Contains(told, answer.Message, StringComparison.Ordinal);
        Assert.StartsWith("{\n    \"", answer.Output, StringComparison.Ordinal);
        Assert.Contains("level=error", answer.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interface_that_was_renamed_in_the_container_comes_back()
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        await _machine.ChangeInAsync("blue", "net1", new Linux.Route.LinkChange { Name = "other0" });
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.Equal(before, await _machine.PictureAsync());
    }
}
