using System.Text.Json;
using Vfleet.Containers.Docker;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using M = Vfleet.Containers.Tests.DockerMachine;

namespace Vfleet.Containers.Tests;

/// <summary>What <c>docker network create -o</c> takes, and what it says of the rest.</summary>
public sealed class UnitNetworkOptionsTests
{
    [Theory]
    [InlineData("\"vlan\":\"4095\"", "-o vlan=4095: vlan is a VLAN from 0 to 4094")]
    [InlineData("\"vlan\":\"-1\"", "-o vlan=-1: vlan is a VLAN from 0 to 4094")]
    [InlineData("\"vlan\":\"\"", "-o vlan=: vlan is a VLAN from 0 to 4094")]
    [InlineData("\"vlan\":\"1\\n\"", "-o vlan=1?: vlan is a VLAN from 0 to 4094")]
    [InlineData("\"vlanid\":\"x\"", "-o vlanid=x: vlanid is a VLAN from 0 to 4094")]
    [InlineData("\"vlan\":100", "-o vlan: its value is Number instead of text")]
    [InlineData("\"vlan\":\"1\",\"vlan_qos\":\"8\"", "-o vlan_qos=8: vlan_qos is a priority from 0 to 7")]
    [InlineData("\"vlan_qos\":\"3\"", "-o vlan_qos and -o vlan_proto belong to a VLAN, and none is given")]
    [InlineData("\"vlan_proto\":\"802.1ad\"", "-o vlan_qos and -o vlan_proto belong to a VLAN, and none is given")]
    [InlineData("\"vlan\":\"1\",\"vlan_proto\":\"qinq\"", "-o vlan_proto=qinq: vlan_proto is 802.1q or 802.1ad")]
    [InlineData("\"spoofchk\":\"maybe\"", "-o spoofchk=maybe: spoofchk is on or off")]
    [InlineData("\"trust\":\"2\"", "-o trust=2: trust is on or off")]
    [InlineData("\"min_tx_rate\":\"fast\"", "-o min_tx_rate=fast: min_tx_rate is a rate in Mbit/s from 0 to 4294967295")]
    [InlineData("\"max_tx_rate\":\"4294967296\"", "-o max_tx_rate=4294967296: max_tx_rate is a rate in Mbit/s from 0 to 4294967295")]
    [InlineData("\"min_tx_rate\":\"9\",\"max_tx_rate\":\"8\"", "min_tx_rate 9 Mbit/s is above max_tx_rate 8 Mbit/s")]
    [InlineData("\"link_state\":\"up\"", "-o link_state=up: link_state is auto, enable or disable")]
    [InlineData("\"mtu\":\"67\"", "-o mtu=67: mtu is an MTU from 68 to 65535 bytes")]
    [InlineData("\"tenant\":\"\"", "-o tenant=: tenant is a name of 1 to 253 characters")]
    [InlineData("\"prefix\":\"a/b\"", "-o prefix=a/b: prefix is the beginning of an interface's name, 1 to 13 bytes")]
    [InlineData("\"prefix\":\"fourteen-bytes\"", "-o prefix=fourteen-bytes: prefix is the beginning of an interface's name, 1 to 13 bytes")]
    [InlineData("\"mode\":\"passthrough\"", "-o mode=passthrough: mode is sriov")]
    [InlineData("\"privileged\":\"root\"", "-o privileged=root: privileged is 1 or 0")]
    [InlineData("\"privileged\":\"1\",\"trust\":\"on\"", "-o privileged stands for trust and spoofchk, and one of them is given too")]
    [InlineData("\"vlan\":\"1\",\"vlanid\":\"1\"", "-o vlan and -o vlanid mean the same")]
    [InlineData("\"pf\":\"x\"", "-o pool and -o pf are both given")]
    [InlineData("\"spoofcheck\":\"on\"", "-o spoofcheck: there is no such option; did you mean spoofchk?")]
    [InlineData("\"something\":\"on\"", "-o something: there is no such option; known here: pool, pf, vlan")]
    public async Task AWrongValueIsRefusedWhereTheNetworkIsMade(string options, string expected)
    {
        await using M machine = await M.CreateAsync();
        string refused = await machine.RefusedAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\",{options}"));
        Assert.StartsWith(expected, refused, StringComparison.Ordinal);
        // What to do follows.
        Assert.Contains("; ", refused, StringComparison.Ordinal);
        Assert.Contains("is not known", await machine.RefusedAsync("CreateEndpoint", M.NewEndpoint()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the network names no VFs; give -o pool=NAME")]
    [InlineData("\"pool\":\"\"", "-o pool=: pool is the name of a pool; see `vfleet pool list`")]
    [InlineData("\"pool\":\"nowhere\"", "no pool nowhere; known: enp1s0f0")]
    [InlineData("\"pf\":\"nowhere\"", "no pool nowhere; known: enp1s0f0")]
    [InlineData("\"pf\":\"enp1s0f0\",\"link_state\":\"enable\"", "0000:01:10.0")]
    [InlineData("\"pf\":\"enp1s0f0\",\"max_tx_rate\":\"100000\"", "0000:01:10.0")]
    public async Task WhatThePoolOrItsDriverDoesNotHaveIsRefusedWhereTheNetworkIsMade(string options, string expected)
    {
        await using M machine = await M.CreateAsync();
        Assert.Equal("enp1s0f0", machine.Pf);
        Assert.Contains(expected, await machine.RefusedAsync("CreateNetwork", M.Network(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOptionArrives()
    {
        List<string> told = [];
        DockerNetwork network = Read(told, """
            "pool":"p","vlan":"7","vlan_qos":"3","vlan_proto":"802.1AD","spoofchk":"off","trust":"true",
            "min_tx_rate":"10","max_tx_rate":"20",
            "link_state":"disable","mtu":"9000","tenant":"t","prefix":"net"
            """).Value;
        DockerNetwork expected = new()
        {
            Pool = "p",
            Settings = new VfSettings
            {
                Vlan = 7,
                VlanQos = 3,
                VlanProtocol = VlanProtocol.Dot1Ad,
                SpoofCheck = false,
                Trust = true,
                MinTxRateMbps = 10,
                MaxTxRateMbps = 20,
                LinkState = VfLinkState.Disable,
            },
            Mtu = 9000,
            Tenant = "t",
            Prefix = "net",
            Gateway = "192.0.2.254",
        };
        Assert.Empty(told);
        // As the ledger keeps it.
        Assert.Equal(Json(expected), Json(network));
        Assert.Equal(Json(network), Json(JsonSerializer.Deserialize(Json(network), DockerJson.Default.DockerNetwork)!));
    }

    [Theory]
    [InlineData("\"netdevice\":\"eth0\",\"mode\":\"sriov\",\"privileged\":\"1\"", null, true, false, 3)]
    [InlineData("\"netdevice\":\"eth0\",\"vlan\":\"5\",\"privileged\":\"0\"", 5, false, true, 2)]
    [InlineData("\"pf_iface\":\"eth0\",\"vlanid\":\"100\"", 100, null, null, 2)]
    public void OptionsOfThePluginsThatAreNoMoreMeanWhatTheyMeantAndAreTold(
        string options, int? vlan, bool? trust, bool? spoofCheck, int notes)
    {
        List<string> told = [];
        DockerNetwork network = Read(told, options).Value;
        Assert.Equal(("eth0", vlan, trust, spoofCheck),
            (network.Pool, network.Settings.Vlan, network.Settings.Trust, network.Settings.SpoofCheck));
        Assert.Equal(notes, told.Count);
    }

    [Fact]
    public void GatewaysOfBothFamiliesAreKeptAndAnInternalNetworkHasNone()
    {
        const string Six = "\"IPv6Data\":[{\"Pool\":\"2001:db8::/64\",\"Gateway\":\"2001:DB8::1/64\"}]";
        string both = M.Network("\"pool\":\"p\"").Replace("\"IPv6Data\":[]", Six, StringComparison.Ordinal);
        DockerNetwork network = Parse([], both).Value;
        Assert.Equal(("192.0.2.254", "2001:db8::1"), (network.Gateway, network.GatewayIPv6));
        network = Parse([], both.Replace("enable_ipv6\":false", "internal\":true", StringComparison.Ordinal)).Value;
        Assert.Equal((null, null), (network.Gateway, network.GatewayIPv6));
        Assert.Equal("gateway nonsense is no address",
            Parse([], both.Replace("192.0.2.254/24", "nonsense", StringComparison.Ordinal)).Fault!.Error);
        string small = both.Replace("\"pool\":\"p\"", "\"pool\":\"p\",\"mtu\":\"1000\"", StringComparison.Ordinal);
        Assert.Equal("MTU 1000 does not go with IPv6", Parse([], small).Fault!.Error);
    }

    private static string Json(DockerNetwork network) => JsonSerializer.Serialize(network, DockerJson.Default.DockerNetwork);

    private static Outcome<DockerNetwork> Read(List<string> told, string options) => Parse(told, M.Network(options));

    private static Outcome<DockerNetwork> Parse(List<string> told, string request) =>
        new NetworkOptions(told.Add).Read(JsonSerializer.Deserialize(request, DockerJson.Default.CreateNetworkRequest)!);
}
