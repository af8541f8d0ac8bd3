using System.Net;
using System.Text.Json;
using Vfleet.Containers.Docker;
using Vfleet.Node.Ledger;
using M = Vfleet.Containers.Tests.DockerMachine;

namespace Vfleet.Containers.Tests;

/// <summary>Addresses of <c>docker network create -d vfleet --ipam-driver vfleet</c>, as dockerd asks for them.</summary>
public sealed class UnitDockerIpamTests
{
    private const string Four = "192.0.2.0/24", Six = "2001:db8::/64", OneMac = "02:42:00:00:00:01", OtherMac = "02:42:00:00:00:02";
    private const string TypeOfGateway = "\"RequestAddressType\":\"com.docker.network.gateway\"";

    public static TheoryData<int> Deaths() => [.. Enumerable.Range(0, 16)];

    /// <summary>A container's life on a network of both families, each call sent twice; the agent dies before call number n.</summary>
    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task CallsMayBeRepeatedAndTheAgentMayDieBetweenAnyTwo(int death)
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        (string Call, string Body, string? Expected)[] calls =
        [
            ("IpamDriver.RequestPool", Pool(Four), "{\"PoolID\":\"192.0.2.0/24\",\"Pool\":\"192.0.2.0/24\"}"),
            ("IpamDriver.RequestPool", Pool(Six, v6: true), "{\"PoolID\":\"2001:db8::/64\",\"Pool\":\"2001:db8::/64\"}"),
            ("IpamDriver.RequestAddress", Address(Four, "192.0.2.254", TypeOfGateway), "{\"Address\":\"192.0.2.254/24\"}"),
            ("IpamDriver.RequestAddress", Address(Six, "", TypeOfGateway), "{\"Address\":\"2001:db8::1/64\"}"),
            ("CreateNetwork", Network(machine, (Four, "192.0.2.254/24"), (Six, "2001:db8::1/64")), "{}"),
            ("IpamDriver.RequestAddress", For(Four, OneMac), "{\"Address\":\"192.0.2.1/24\"}"),
            ("IpamDriver.RequestAddress", For(Six, OneMac), "{\"Address\":\"2001:db8::2/64\"}"),
            ("CreateEndpoint", Endpoint("e1", "192.0.2.1/24", "2001:db8::2/64"), "{\"Interface\":{}}"),
            ("DeleteEndpoint", M.Of("e1"), "{}"),
            ("IpamDriver.ReleaseAddress", Address(Four, "192.0.2.1"), "{}"),
            ("IpamDriver.ReleaseAddress", Address(Six, "2001:db8::2"), "{}"),
            ("DeleteNetwork", M.Of(), "{}"),
            ("IpamDriver.ReleaseAddress", Address(Four, "192.0.2.254"), "{}"),
            ("IpamDriver.ReleaseAddress", Address(Six, "2001:db8::1"), "{}"),
            ("IpamDriver.ReleasePool", $$"""{"PoolID":"{{Four}}"}""", "{}"),
            ("IpamDriver.ReleasePool", $$"""{"PoolID":"{{Six}}"}""", "{}"),
        ];
        for (int i = 0; i < calls.Length; i++)
        {
            if (i == death)
                machine.Restart();
            for (int times = 0; times < 2; times++)
                Assert.Equal(calls[i].Expected, (await machine.CallAsync(calls[i].Call, calls[i].Body)).GetRawText());
        }
        Assert.Null(machine.Agent.Ledger.Read(view => view.Meta("docker.addresses")).Value);
        Assert.Equal(VfState.Free, Assert.Single(machine.Rows()).State);
    }

    [Fact]
    public async Task AnAddressThatIsNamedIsGivenOnceAndWhoHasItIsSaid()
    {
        await using M machine = await OnNetworkAsync(vfs: 2);
        Assert.Equal("192.0.2.77/24", await AskAsync(machine, Four, OneMac, "192.0.2.77"));
        Assert.Equal("192.0.2.77/24", await AskAsync(machine, Four, OneMac, "192.0.2.77"));
        Assert.Equal("address 192.0.2.77 is not free; it was given to 02:42:00:00:00:01; ask for another one",
            await NotAsync(machine, Four, OtherMac, "192.0.2.77"));
        await machine.CallAsync("CreateEndpoint", Endpoint("e1", "192.0.2.77/24"));
        Assert.Contains("endpoint e1 has it", await NotAsync(machine, Four, OtherMac, "192.0.2.77"), StringComparison.Ordinal);
        Assert.Contains("it is a network's own", await NotAsync(machine, Four, OtherMac, "192.0.2.254"), StringComparison.Ordinal);
        // The next endpoint of a MAC gets another address.
        Assert.Equal("192.0.2.1/24", await AskAsync(machine, Four, OneMac));
    }

    [Theory]
    [InlineData("192.0.2.0/30", "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.0/31", "192.0.2.0", "192.0.2.1")]
    [InlineData("2001:db8::/127", "2001:db8::", "2001:db8::1")]
    public async Task WhereNoAddressIsLeftThatIsSaidUntilOneIsReleased(string subnet, string gateway, string only)
    {
        await using M machine = await OnNetworkAsync(vfs: 1, subnet, gateway);
        string given = await AskAsync(machine, subnet, OneMac);
        Assert.StartsWith($"{only}/", given, StringComparison.Ordinal);
        Assert.StartsWith($"{subnet} has no address left; 2 are taken; ", await NotAsync(machine, subnet, OtherMac),
            StringComparison.Ordinal);
        await machine.CallAsync("IpamDriver.ReleaseAddress", Address(subnet, only));
        Assert.Equal(given, await AskAsync(machine, subnet, OtherMac));
    }

    [Fact]
    public async Task AnAddressEndsWithItsVfAndWhereNoEndpointFollows()
    {
        await using M machine = await OnNetworkAsync(vfs: 1);
        Assert.Equal("192.0.2.1/24", await AskAsync(machine, Four, OneMac));
        await machine.CallAsync("CreateEndpoint", Endpoint("e1", "192.0.2.1/24"));
        Assert.Equal("192.0.2.2/24", await AskAsync(machine, Four, OtherMac));

        // dockerd repeats an old release, then dies with its container, and does not release.
        await machine.CallAsync("IpamDriver.ReleaseAddress", Address(Four, "192.0.2.1"));
        Assert.Contains("endpoint e1 has it", await NotAsync(machine, Four, OtherMac, "192.0.2.1"), StringComparison.Ordinal);
        _ = (await machine.Agent.ReleaseAsync(machine.Open().Id, "dockerd forgot it")).Value;
        Assert.Equal("192.0.2.1/24", await AskAsync(machine, Four, "02:42:00:00:00:03"));

        Assert.Contains("is not free", await NotAsync(machine, Four, "02:42:00:00:00:04", "192.0.2.2"), StringComparison.Ordinal);
        machine.Clock.By = TimeSpan.FromMinutes(5);
        Assert.Equal("192.0.2.2/24", await AskAsync(machine, Four, "02:42:00:00:00:04", "192.0.2.2"));
        Assert.Contains("it is a network's own", await NotAsync(machine, Four, OneMac, "192.0.2.254"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndpointWhoseAddressIsAnothersIsRefusedAndItsVfGoesBack()
    {
        await using M machine = await OnNetworkAsync(vfs: 1);
        Assert.Equal("192.0.2.1/24", await AskAsync(machine, Four, OtherMac));
        string refused = await machine.RefusedAsync("CreateEndpoint", Endpoint("e1", "192.0.2.1/24"));
        Assert.StartsWith("address 192.0.2.1 is not free; it was given to 02:42:00:00:00:02; ", refused, StringComparison.Ordinal);
        Assert.Equal(VfState.Free, Assert.Single(machine.Rows()).State);
        Assert.Empty(machine.Agent.Ledger.Read(view => view.OpenAllocations()).Value);
    }

    [Fact]
    public async Task NetworksOfOneSubnetShareItsGatewayAndItsAddresses()
    {
        await using M machine = await OnNetworkAsync(vfs: 1);
        Assert.Equal("192.0.2.254/24", await AskAsync(machine, $"{Four},192.0.2.128/25", null, "192.0.2.254"));
        await machine.CallAsync("CreateNetwork", Network(machine, (Four, "192.0.2.254/24")).Replace(M.Net, "n2", StringComparison.Ordinal));
        Assert.Equal("192.0.2.128/24", await AskAsync(machine, $"{Four},192.0.2.128/25", OneMac));
        Assert.Contains("is not free", await NotAsync(machine, Four, OtherMac, "192.0.2.128"), StringComparison.Ordinal);
        await machine.CallAsync("DeleteNetwork", M.Of());
        await machine.CallAsync("IpamDriver.ReleaseAddress", Address(Four, "192.0.2.254"));
        Assert.Contains("it is a network's own", await NotAsync(machine, Four, OtherMac, "192.0.2.254"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NetworksOfOneSubnetShareTheirAuxiliaryAddresses()
    {
        await using M machine = await OnNetworkAsync(vfs: 1);
        foreach (string id in (string[])["n2", "n3"])
        {
            // dockerd asks for each of them without saying what it is for.
            Assert.Equal("{\"Address\":\"192.0.2.1/24\"}",
                (await machine.CallAsync("IpamDriver.RequestAddress", Address(Four, "192.0.2.1"))).GetRawText());
            await machine.CallAsync("CreateNetwork", Network(machine, (Four, "192.0.2.254/24")).Replace(M.Net, id, StringComparison.Ordinal)
                .Replace("\"Gateway\"", "\"AuxAddresses\":{\"router\":\"192.0.2.1/24\"},\"Gateway\"", StringComparison.Ordinal));
        }
        await machine.CallAsync("DeleteNetwork", M.Of().Replace(M.Net, "n2", StringComparison.Ordinal));
        await machine.CallAsync("IpamDriver.ReleaseAddress", Address(Four, "192.0.2.1"));
        Assert.Contains("it is a network's own", await NotAsync(machine, Four, OneMac, "192.0.2.1"), StringComparison.Ordinal);
        Assert.Equal("192.0.2.2/24", await AskAsync(machine, Four, OneMac));
        await machine.CallAsync("DeleteNetwork", M.Of().Replace(M.Net, "n3", StringComparison.Ordinal));
        Assert.Equal("192.0.2.1/24", await AskAsync(machine, Four, OtherMac));
    }

    [Fact]
    public async Task AGatewayThatIsNotNamedIsNeverAnAuxiliaryAddress()
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        await machine.CallAsync("IpamDriver.RequestAddress", Address(Four, "192.0.2.1"));
        for (int times = 0; times < 2; times++)
            Assert.Equal("192.0.2.2/24", await AskAsync(machine, Four, null));
    }

    [Fact]
    public async Task AnAuxiliaryAddressThatIsNoneIsRefused()
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        string refused = await machine.RefusedAsync("CreateNetwork", Network(machine, (Four, "192.0.2.254/24"))
            .Replace("\"Gateway\"", "\"AuxAddresses\":{\"router\":\"next door\"},\"Gateway\"", StringComparison.Ordinal));
        Assert.StartsWith("--aux-address router=next door is no address; ", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NetworksOfOtherDriversGetNone()
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        Assert.Equal("198.51.100.1/24", await AskAsync(machine, "198.51.100.0/24", null, "198.51.100.1"));
        Assert.StartsWith("no network of driver vfleet has subnet 198.51.100.0/24; ", await NotAsync(machine, "198.51.100.0/24", OneMac),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RequestPool", """{"AddressSpace":"LocalDefault","Pool":"192.0.2.0/24"}""",
        "address space LocalDefault is another IPAM driver's")]
    [InlineData("RequestPool", """{"AddressSpace":"vfleet","Pool":""}""", "the network has no IPv4 subnet; ")]
    [InlineData("RequestPool", """{"V6":true}""", "the network has no IPv6 subnet; ")]
    [InlineData("RequestPool", """{"Pool":"192.0.2.7/24"}""", "--subnet 192.0.2.7/24 is no subnet; ")]
    [InlineData("RequestPool", """{"Pool":"224.0.0.0/24"}""", "--subnet 224.0.0.0/24 is no subnet; ")]
    [InlineData("RequestPool", """{"Pool":"nonsense"}""", "--subnet nonsense is no subnet; ")]
    [InlineData("RequestPool", """{"Pool":"192.0.2.0/24","V6":true}""", "subnet 192.0.2.0/24 is not IPv6; ")]
    [InlineData("RequestPool", """{"Pool":"192.0.2.0/24","SubPool":"192.0.3.0/25"}""",
        "range 192.0.3.0/25 is not within subnet 192.0.2.0/24; ")]
    [InlineData("RequestPool", """{"Pool":"192.0.2.0/24","SubPool":"192.0.0.0/16"}""",
        "range 192.0.0.0/16 is not within subnet 192.0.2.0/24; ")]
    [InlineData("RequestPool", """{"Pool":"192.0.2.0/24","Options":{"size":"1"}}""", "--ipam-opt size: there is no such option; ")]
    [InlineData("ReleasePool", """{"PoolID":"LocalDefault/192.0.2.0/24"}""",
        "address pool \"LocalDefault/192.0.2.0/24\" is not one of this driver; ")]
    [InlineData("RequestAddress", """{"PoolID":"","Address":"192.0.2.7"}""", "address pool \"\" is not one of this driver; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24","Address":"192.0.3.7"}""",
        "address 192.0.3.7 is none of a machine in 192.0.2.0/24; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24","Address":"192.0.2.0"}""",
        "address 192.0.2.0 is none of a machine in 192.0.2.0/24; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24","Address":"192.0.2.255"}""",
        "address 192.0.2.255 is none of a machine in 192.0.2.0/24; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24","Address":"2001:db8::7"}""",
        "address 2001:db8::7 is none of a machine in 192.0.2.0/24; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24","Address":"nonsense"}""", "nonsense is no address; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24"}""", "neither an address nor the MAC it is for is named; ")]
    [InlineData("RequestAddress", """{"PoolID":"192.0.2.0/24","Options":{"com.docker.network.endpoint.macaddress":"x"}}""",
        "MAC x is none; ")]
    [InlineData("ReleaseAddress", """{"PoolID":"192.0.2.0/24"}""", "no address to release is named")]
    [InlineData("ReleaseAddress", """{"PoolID":7}""", "the request is not what it should be: ")]
    public async Task WhatCannotBeMeantIsRefusedAndNothingIsKept(string call, string body, string expected)
    {
        await using M machine = await M.CreateAsync(vfs: 1);
        JsonElement reply = JsonDocument.Parse(await machine.RawAsync($"IpamDriver.{call}", body)).RootElement;
        // Calls about addresses look for their error under another name than those about networks.
        Assert.StartsWith(expected, reply.GetProperty("Error").GetString(), StringComparison.Ordinal);
        Assert.Null(machine.Agent.Ledger.Read(view => view.Meta("docker.addresses")).Value);
    }

    [Fact]
    public void APoolIsNotWalkedToItsEnd()
    {
        foreach ((string id, string first, string second) in ((string, string, string)[])
        [
            ("::/0", "::1", "::2"), ("10.0.0.0/8", "10.0.0.1", "10.0.0.2"),
            ("2001:db8::/64,2001:db8:0:0:1::/80", "2001:db8:0:0:1::", "2001:db8:0:0:1::1"),
            ("192.0.2.0/24,192.0.2.0/25", "192.0.2.1", "192.0.2.2"),
        ])
        {
            Assert.True(AddressPool.TryParse(id, out AddressPool? pool));
            Assert.Equal(IPNetwork.Parse(id.Split(',')[0]), pool.Subnet);
            Assert.Equal(IPAddress.Parse(first), pool.Free(new HashSet<IPAddress>()));
            Assert.Equal(IPAddress.Parse(second), pool.Free(new HashSet<IPAddress> { IPAddress.Parse(first) }));
        }
        // The broadcast address is the subnet's, not the range's.
        Assert.True(AddressPool.TryParse("192.0.2.0/24,192.0.2.254/31", out AddressPool? end));
        Assert.Null(end.Free(new HashSet<IPAddress> { IPAddress.Parse("192.0.2.254") }));
    }

    private static async Task<M> OnNetworkAsync(int vfs, string subnet = Four, string gateway = "192.0.2.254")
    {
        M machine = await M.CreateAsync(vfs: vfs);
        string given = await AskAsync(machine, subnet, null, gateway);
        await machine.CallAsync("CreateNetwork", Network(machine, (subnet, given)));
        return machine;
    }

    private static async Task<string> AskAsync(M machine, string pool, string? mac, string address = "") =>
        (await machine.CallAsync("IpamDriver.RequestAddress",
            mac is null ? Address(pool, address, TypeOfGateway) : For(pool, mac, address)))
        .GetProperty("Address").GetString()!;

    private static Task<string> NotAsync(M machine, string pool, string mac, string address = "") =>
        machine.RefusedAsync("IpamDriver.RequestAddress", For(pool, mac, address));

    private static string Pool(string subnet, bool v6 = false) =>
        $$"""{"AddressSpace":"vfleet","Pool":"{{subnet}}","SubPool":"","Options":{},"V6":{{(v6 ? "true" : "false")}}}""";

    private static string Address(string pool, string address, string options = "") =>
        $$"""{"PoolID":"{{pool}}","Address":"{{address}}","Options":{ {{options}} } }""";

    private static string For(string pool, string mac, string address = "") =>
        Address(pool, address, $"\"com.docker.network.endpoint.macaddress\":\"{mac}\"");

    private static string Network(M machine, params (string Subnet, string Gateway)[] subnets)
    {
        string[] all = [.. subnets.Select(each => $$"""{"AddressSpace":"vfleet","Pool":"{{each.Subnet}}","Gateway":"{{each.Gateway}}"}""")];
        return $$"""
            {"NetworkID":"{{M.Net}}","Options":{"com.docker.network.generic":{"pool":"{{machine.Pf}}"} },
             "IPv4Data":[{{all[0]}}],"IPv6Data":[{{string.Join(',', all[1..])}}]}
            """;
    }

    private static string Endpoint(string endpoint, string address, string address6 = "") => $$"""
        {"NetworkID":"{{M.Net}}","EndpointID":"{{endpoint}}",
         "Interface":{"Address":"{{address}}","AddressIPv6":"{{address6}}","MacAddress":"{{OneMac}}"} }
        """;
}
