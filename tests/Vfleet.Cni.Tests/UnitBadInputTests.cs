using System.Text;
using System.Text.Json.Nodes;

namespace Vfleet.Cni.Tests;

/// <summary>Whatever the plugin is called with: a code of the table, exit 1, and nothing changed.</summary>
public sealed class UnitBadInputTests : IAsyncLifetime
{
    private static readonly int[] Codes = [1, 2, 3, 4, 5, 6, 7, 11, 50, 51, 101, 102, 103, 104, 105];

    private CniMachine _machine = null!;

    public async Task InitializeAsync() => _machine = await CniMachine.CreateAsync();

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData("", 7)]
    [InlineData("eth0", 7)]
    [InlineData("0000:99:00.0", 101)]
    [InlineData("PF", 7)]
    public async Task Device_that_is_no_vf_of_this_machine_is_refused(string? device, int code)
    {
        if (device == "PF")
            device = _machine.PfAddress.ToString();
        await RefusedAsync(code, "ADD", CniMachine.Config(device));
    }

    [Theory]
    [InlineData("vlan", "5000", 7)]
    [InlineData("vlan", "4095", 7)]
    [InlineData("vlan", "-1", 7)]
    [InlineData("vlan", "1.5", 7)]
    [InlineData("vlan", "\"100\"", 6)]
    [InlineData("vlanQoS", "3", 7)]
    [InlineData("vlanProto", "\"802.1ad\"", 7)]
    [InlineData("mac", "\"zz:00\"", 7)]
    [InlineData("mac", "\"01:00:5e:00:00:01\"", 7)]
    [InlineData("mac", "\"00:00:00:00:00:00\"", 7)]
    [InlineData("link_state", "\"up\"", 7)]
    [InlineData("spoofchk", "\"maybe\"", 7)]
    [InlineData("trust", "\"yes\"", 7)]
    [InlineData("min_tx_rate", "-5", 7)]
    [InlineData("max_tx_rate", "99999999999", 7)]
    [InlineData("mtu", "1", 7)]
    [InlineData("mtu", "9999999", 7)]
    [InlineData("vlanTrunk", "\"7-3\"", 7)]
    [InlineData("logLevel", "\"loud\"", 7)]
    [InlineData("logFile", "\"here.log\"", 7)]
    [InlineData("logFile", "\"/dev/stdout\"", 7)]
    [InlineData("stateDir", "\"var\"", 7)]
    [InlineData("stateDir", "\"/a\\u0000b\"", 7)]
    [InlineData("ipam", "{\"type\":\"../sh\"}", 7)]
    [InlineData("ipam", "[]", 6)]
    [InlineData("runtimeConfig", "{\"mac\":7}", 6)]
    [InlineData("name", "\"a b\"", 7)]
    [InlineData("cniVersion", "\"9.9.9\"", 1)]
    [InlineData("cniVersion", "1", 6)]
    [InlineData("link_state", "\"enable\"", 103)]
    [InlineData("pool", "\"nosuch\"", 7)]
    public async Task Value_that_cannot_be_meant_is_refused_before_anything_is_touched(string key, string value, int code)
    {
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), (key, JsonNode.Parse(value)));
        await RefusedAsync(code, "ADD", config);
        Assert.Empty(_machine.Open());
    }

    [Theory]
    [InlineData("vlan", "5000")]
    [InlineData("vlan", "\"100\"")]
    [InlineData("deviceID", "\"gone\"")]
    [InlineData("link_state", "\"up\"")]
    [InlineData("logFile", "\"\\u0000\"")]
    [InlineData("logFile", "\"/dev/stdout\"")]
    [InlineData("ipam", "7")]
    public async Task Del_takes_back_whatever_the_configuration_says_by_now(string key, string value)
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 10));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        config[key] = JsonNode.Parse(value);
        CniAnswer deleted = await _machine.CallAsync("DEL", config);
        Assert.True(deleted.Exit == 0, deleted.Output);
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Minimum_above_maximum_is_an_error_and_maximum_zero_is_no_limit()
    {
        await RefusedAsync(7, "ADD", CniMachine.Config(await _machine.VfAsync(0), ("min_tx_rate", 200), ("max_tx_rate", 100)));
        CniAnswer driver = await RefusedAsync(
            103, "ADD", CniMachine.Config(await _machine.VfAsync(0), ("min_tx_rate", 200), ("max_tx_rate", 0)));
        Assert.Contains("igb", driver.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compat_takes_any_word_but_on_for_off()
    {
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("spoofchk", "maybe"), ("compat", true));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        Assert.False((await _machine.ReadAsync(await _machine.VfAsync(0))).Settings!.SpoofCheck);
    }

    [Theory]
    [InlineData("ADD", "CNI_CONTAINERID", null)]
    [InlineData("ADD", "CNI_NETNS", null)]
    [InlineData("ADD", "CNI_IFNAME", "")]
    [InlineData("ADD", "CNI_PATH", null)]
    [InlineData("ADD", "CNI_CONTAINERID", "a/../b")]
    [InlineData("ADD", "CNI_IFNAME", "sixteen-bytes-xx")]
    [InlineData("ADD", "CNI_IFNAME", "net/1")]
    [InlineData("ADD", "CNI_IFNAME", "net:1")]
    [InlineData("ADD", "CNI_IFNAME", "..")]
    [InlineData("ADD", "CNI_ARGS", "FOO=bar")]
    [InlineData("ADD", "CNI_ARGS", "FOO")]
    [InlineData("ADD", "CNI_COMMAND", "FROB")]
    [InlineData("ADD", "CNI_COMMAND", null)]
    [InlineData("DEL", "CNI_CONTAINERID", null)]
    [InlineData("DEL", "CNI_IFNAME", null)]
    [InlineData("DEL", "CNI_PATH", null)]
    [InlineData("CHECK", "CNI_CONTAINERID", null)]
    [InlineData("CHECK", "CNI_NETNS", null)]
    [InlineData("CHECK", "CNI_IFNAME", null)]
    [InlineData("CHECK", "CNI_PATH", null)]
    [InlineData("STATUS", "CNI_PATH", null)]
    [InlineData("GC", "CNI_PATH", null)]
    public async Task Environment_that_is_not_whole_is_code_4_and_named(string command, string variable, string? value)
    {
        CniAnswer refused = await RefusedAsync(
            4, command, CniMachine.Config(await _machine.VfAsync(0), ("cniVersion", "1.1.0")), (variable, value));
        Assert.Contains(variable, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_needs_neither_environment_nor_configuration()
    {
        CniAnswer answer = await _machine.CallAsync(
            "VERSION", "", ("CNI_CONTAINERID", null), ("CNI_NETNS", null), ("CNI_IFNAME", null), ("CNI_PATH", null));
        Assert.Equal(0, answer.Exit);
        Assert.Equal("""{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}""",
            answer.Json.ToJsonString());
    }

    [Fact]
    public async Task Namespace_that_is_not_there_is_code_3_and_the_hosts_own_is_refused()
    {
        await RefusedAsync(3, "ADD", CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100)), ("CNI_NETNS", "/run/netns/nope"));
        await RefusedAsync(3, "ADD", CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100)), ("CNI_NETNS", "/proc/self/ns/net"));
        await RefusedAsync(3, "ADD", CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100)), ("CNI_NETNS", "/run"));
        await RefusedAsync(3, "ADD", CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100)), ("CNI_NETNS", "blue"));
    }

    [Fact]
    public async Task Container_id_longer_than_a_file_name_is_taken_back_like_any_other()
    {
        string before = await _machine.PictureAsync();
        (string, string?) container = ("CNI_CONTAINERID", new string('c', 300));
        Assert.Equal(0, (await _machine.CallAsync("ADD", CniMachine.Config(await _machine.VfAsync(0)), container)).Exit);
        CniAnswer deleted = await _machine.CallAsync("DEL", CniMachine.Config(await _machine.VfAsync(0)), container);
        Assert.True(deleted.Exit == 0, deleted.Output);
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Name_that_the_container_has_already_is_refused_and_its_interface_stays()
    {
        Assert.Equal(0, (await _machine.CallAsync("ADD", CniMachine.Config(await _machine.VfAsync(0)))).Exit);
        CniAnswer refused = await RefusedAsync(
            102, "ADD", CniMachine.Config(await _machine.VfAsync(1), ("name", "other"), ("vlan", 9)), ("CNI_CONTAINERID", "ctr2"));
        Assert.Contains("net1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vf_of_a_pf_that_is_gone_cannot_be_had_and_its_del_succeeds()
    {
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 10));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        _machine.Kernel.Machine.Unplug(_machine.PfAddress);
        CniAnswer gone = await _machine.CallAsync("ADD", config, ("CNI_CONTAINERID", "ctr2"));
        Assert.Equal((1, 101), (gone.Exit, gone.Code));
        CniAnswer deleted = await _machine.CallAsync("DEL", config);
        Assert.True(deleted.Exit == 0, deleted.Output);
        Assert.Empty(_machine.Open());
    }

    [Fact]
    public async Task Configuration_that_ends_at_any_byte_is_code_6_for_every_command()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Full(await _machine.VfAsync(0)).ToJsonString());
        string before = await _machine.PictureAsync();
        foreach (string command in (string[])["ADD", "DEL", "CHECK", "STATUS", "GC"])
        {
            for (int length = 0; length < whole.Length; length++)
            {
                CniAnswer answer = await _machine.CallAsync(command, whole[..length]);
                Assert.True((1, 6) == (answer.Exit, answer.Code), $"{command} with {length} bytes: {answer.Output}");
            }
        }
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Configuration_with_any_byte_changed_is_refused_with_a_code_or_attached_and_taken_back()
    {
        const int Seed = 4711;
        byte[] whole = Encoding.UTF8.GetBytes(Full(await _machine.VfAsync(0)).ToJsonString());
        string before = await _machine.PictureAsync();
        Random numbers = new(Seed);
        int attached = 0;
        for (int round = 0; round < 250; round++)
        {
            byte[] changed = [.. whole];
            int at = numbers.Next(whole.Length);
            changed[at] = (byte)numbers.Next(256);
            CniAnswer added = await _machine.CallAsync("ADD", changed);
            string what = $"seed {Seed}, round {round}: byte {at} is {changed[at]}: {added.Output}";
            if (added.Exit == 0)
            {
                attached++;
                Assert.True((await _machine.CallAsync("DEL", changed)).Exit == 0, what);
            }
            else
                Assert.True(added.Exit == 1 && Codes.Contains(added.Code), what);
            Assert.True(_machine.Open().Count == 0, what);
        }
        Assert.Equal(before, await _machine.PictureAsync());
        Assert.InRange(attached, 1, 249);
    }

    [Theory]
    [InlineData("{\"cniVersion\": \"1.0.0\", \"name\": \"\\ud800\"}")]
    [InlineData("{\"cniVersion\": \"1.0.0\", \"\\udc00\": 1, \"name\": \"n\"}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{} {}")]
    public async Task Text_that_is_no_json_object_is_code_6(string text) => await RefusedAsync(6, "ADD", text);

    [Fact]
    public async Task Configuration_without_end_is_not_read_to_its_end()
    {
        CniAnswer answer = await _machine.CallAsync("ADD", new byte[(1 << 20) + 1]);
        Assert.Equal((1, 6), (answer.Exit, answer.Code));
    }

    private JsonObject Full(string vf)
    {
        _machine.AddStaticPlugin("fixed", """{"cniVersion": "1.0.0", "ips": [{"address": "10.0.0.2/24"}]}""");
        return CniMachine.Config(vf, ("vlan", 100), ("vlanQoS", 3), ("vlanProto", "802.1Q"), ("spoofchk", "off"), ("trust", "on"),
            ("max_tx_rate", 100), ("mtu", 1400), ("runtimeConfig", new JsonObject { ["mac"] = "CA:FE:C0:FF:EE:01" }),
            ("capabilities", new JsonObject { ["mac"] = true }),
            ("ipam", new JsonObject { ["type"] = "fixed", ["ranges"] = new JsonArray(new JsonArray()) }), ("unknown", "ü"));
    }

    private async Task<CniAnswer> RefusedAsync(int code, string command, object config, params (string Key, string? Value)[] change)
    {
        string before = await _machine.PictureAsync();
        CniAnswer answer = await _machine.CallAsync(command, config, change);
        Assert.True((1, code) == (answer.Exit, answer.Exit == 0 ? 0 : answer.Code), answer.Output);
        Assert.Equal(before, await _machine.PictureAsync());
        return answer;
    }
}
