using Vfleet.Host.Inventory;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Pools;

public sealed class UnitPoolSelectionTests
{
    private const string Device = "0000:01:00.0";

    private static readonly PhysicalFunction Pf = Machines.Pf("eth0", 1) with { AltNames = ["enp1s0f0"] };

    /// <summary>Every kind of list: one value that VF 1 has, and one that it has not.</summary>
    public static TheoryData<string, VfSelector, VfSelector> Lists { get; } = new()
    {
        { "vendors", new() { Vendors = ["15b3", "8086"] }, new() { Vendors = ["15b3"] } },
        { "devices", new() { Devices = ["10CA"] }, new() { Devices = ["10c9"] } },
        { "pfDevices", new() { PfDevices = ["10c9"] }, new() { PfDevices = ["10ca"] } },
        { "drivers", new() { Drivers = ["vfio-pci", "igbvf"] }, new() { Drivers = ["igb"] } },
        { "pciAddresses", new() { PciAddresses = ["0000:01:10.2"] }, new() { PciAddresses = ["0000:01:10.0"] } },
        { "pfNames", new() { PfNames = [All("eth0")] }, new() { PfNames = [All("eth1")] } },
        { "pfNames of another case", new() { PfNames = [All("ETH0")] }, new() { PfNames = [All("ETH")] } },
        { "pfNames by alternative name", new() { PfNames = [All("enp1s0f0")] }, new() { PfNames = [All("enp1s0f1")] } },
        { "pfNames with ranges", new() { PfNames = [Part("eth0", (0, 0), (1, 2))] }, new() { PfNames = [Part("eth0", (0, 0), (2, 3))] } },
        { "several pfNames", new() { PfNames = [All("a"), Part("eth0", (1, 1))] }, new() { PfNames = [All("a"), Part("eth0", (0, 0))] } },
        { "rootDevices", new() { RootDevices = [All(Device)] }, new() { RootDevices = [All("0000:02:00.0")] } },
        { "rootDevices with ranges", new() { RootDevices = [Part(Device, (1, 1))] }, new() { RootDevices = [Part(Device, (0, 0))] } },
        { "linkTypes", new() { LinkTypes = ["ether"] }, new() { LinkTypes = ["infiniband"] } },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void AListThatIsNotEmptyMustHoldTheVfsValue(string list, VfSelector with, VfSelector without)
    {
        Assert.True(Matches(with), list);
        Assert.False(Matches(without), list);
    }

    [Fact]
    public void EveryListMustHoldTheVfsValue()
    {
        VfSelector good = new() { Vendors = ["8086"], Drivers = ["igbvf"], PfNames = [All("eth0")] };
        Assert.True(Matches(good));
        Assert.False(Matches(good with { Vendors = ["15b3"] }));
        Assert.False(Matches(good with { Drivers = ["igb"] }));
        Assert.False(Matches(good with { PfNames = [All("eth1")] }));
    }

    [Fact]
    public void ASelectorThatAsksForNothingMeansEveryVf() => Assert.True(Matches(new VfSelector()));

    [Fact]
    public void WhatCannotBeAnsweredMatchesNothing() => Assert.False(Matches(new VfSelector { Unanswerable = ["vdpaType=virtio"] }));

    [Fact]
    public void WhatIsUnknownOfAVfMatchesNoListOfIt()
    {
        VirtualFunction vf = new() { Pf = Machines.Netdevsim("netdevsim1", null, 1), Index = 0 };
        Assert.True(PoolSelection.Matches(new VfSelector { RootDevices = [All("netdevsim1")] }, vf));
        Assert.All(Lists, row => Assert.False(PoolSelection.Matches((VfSelector)row[1], vf), (string)row[0]));
    }

    private static bool Matches(VfSelector selector) => PoolSelection.Matches(selector, Machines.Of(Pf).Vfs[1]);

    private static PfPart All(string pf) => new(pf, []);

    private static PfPart Part(string pf, params (int First, int Last)[] ranges) =>
        new(pf, [.. ranges.Select(range => new IndexRange(range.First, range.Last))]);
}
