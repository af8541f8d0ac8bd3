using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Commands;

/// <summary>The JSON of lists: every key with its type, unknown as null, sorted by PF and index.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitListJsonTests
{
    public static TheoryData<string> Profiles => new(SimulationProfiles.Names);

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task APfHasEveryKeyWithItsType(string profile)
    {
        JsonElement pfs = await CommandRun.JsonAsync(profile, "pf", "list");

        Assert.NotEqual(0, pfs.GetArrayLength());
        Assert.All(pfs.EnumerateArray(), pf => JsonShape.Holds(JsonShape.Pf, pf));
        string?[] addresses = [.. pfs.EnumerateArray().Select(pf => pf.GetProperty("bdf").GetString())];
        Assert.Equal(addresses.Order(StringComparer.Ordinal), addresses);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task AVfHasEveryKeyWithItsType(string profile)
    {
        JsonElement vfs = await CommandRun.JsonAsync(profile, "vf", "create", await CommandRun.PfOfAsync(profile), "3");

        Assert.Equal(3, vfs.GetArrayLength());
        Assert.All(vfs.EnumerateArray(), vf => JsonShape.Holds(JsonShape.Vf, vf));
    }

    [Fact]
    public async Task SwitchesAreBooleansAndAnUntaggedVlanIsZero()
    {
        JsonElement vf = (await CommandRun.JsonAsync("igb", "vf", "create", "enp1s0f0", "1"))[0];

        Assert.Equal(JsonValueKind.True, vf.GetProperty("spoofCheck").ValueKind);
        Assert.Equal(JsonValueKind.False, vf.GetProperty("trust").ValueKind);
        Assert.Equal(0, vf.GetProperty("vlan").GetInt32());
    }

    [Fact]
    public async Task WhatADeviceDoesNotTellIsNull()
    {
        JsonElement controller = (await CommandRun.JsonAsync("nvme", "vf", "create", await CommandRun.PfOfAsync("nvme"), "1"))[0];
        JsonElement netdevsim = (await CommandRun.JsonAsync("netdevsim", "pf", "list"))[0];
        JsonElement down = (await CommandRun.JsonAsync("igb", "pf", "list"))[0];

        Assert.All(
            ["netdev", "mac", "adminMac", "vlan", "spoofCheck", "trust", "linkState", "maxTxRateMbps", "mtu", "vfioDevice", "counters"],
            (string key) => Assert.Equal(JsonValueKind.Null, controller.GetProperty(key).ValueKind));
        Assert.All(
            ["bdf", "vendorId", "vfOffset", "numaNode", "iommuGroup"],
            (string key) => Assert.Equal(JsonValueKind.Null, netdevsim.GetProperty(key).ValueKind));
        Assert.Equal(JsonValueKind.Null, down.GetProperty("linkSpeedMbps").ValueKind);
    }

    [Fact]
    public async Task VfsAreSortedByPfAndByIndexAsANumber()
    {
        using SimulatedHost machine = new("i40e");
        await machine.CreateVfsAsync("enp24s0f1", 12);
        await machine.CreateVfsAsync("enp24s0f0", 3);

        JsonObject[] vfs = await machine.ListVfsAsync();

        string[] first = [.. Enumerable.Range(0, 3).Select(index => $"enp24s0f0/{index}")];
        string[] second = [.. Enumerable.Range(0, 12).Select(index => $"enp24s0f1/{index}")];
        Assert.Equal([.. first, .. second], vfs.Select(vf => $"{vf["pf"]}/{vf["index"]}"));
    }
}
