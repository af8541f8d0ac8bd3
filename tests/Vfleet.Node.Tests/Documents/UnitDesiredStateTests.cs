using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Route;
using Vfleet.Node.Documents;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitDesiredStateTests
{
    [Fact]
    public void DocumentsWithProblemsAreRefused()
    {
        Outcome<DesiredState> outcome = DesiredState.Of(Samples.Read(Samples.PoolPolicy("a", "prewarm: -1")));
        Assert.Equal(FaultKind.Usage, outcome.Fault!.Kind);
        Assert.Equal("test.yaml:6:12: spec.prewarm: -1 is out of range 0 to 65535", outcome.Fault.Error);
    }

    [Fact]
    public void APolicyIsASelectionWithAGroupForEachPf()
    {
        PfSelection selection = Assert.Single(State(Samples.FullPolicy).Selections);
        Assert.Equal(("full", 10, 8, true, 9000),
            (selection.Policy, selection.Priority, selection.WantedVfs, selection.ProvisionsAll, selection.Mtu));
        Assert.Equal((EswitchMode.Switchdev, PfLinkType.Ethernet, false),
            (selection.EswitchMode, selection.LinkType, selection.IsExternallyManaged));
        Assert.Equal(["eth0 0-3", "eth1 0-7"], selection.Groups.Select(group => $"{group.Pf} {string.Join(',', group.Ranges)}"));
        Assert.All(selection.Groups, group => Assert.Equal(("fast", "full", null, 9000, true, VdpaType.Virtio),
            (group.ResourceName, group.Policy, group.Driver, group.Mtu, group.IsRdma, group.VdpaType)));
    }

    [Fact]
    public void PoolsComeInTheOrderOfPrioritiesWithTheirRules()
    {
        DesiredState state = State(
            Samples.Policy("slow", "{vendor: '15B3', deviceID: '101D'}", 4),
            Samples.Policy("fast", "{pfNames: [eth0, 'eth1#2-3']}", 4, "priority: 1", "deviceType: vfio-pci"),
            Samples.PoolPolicy("rules", "allocation: spread"));
        Assert.Equal(["fast", "slow"], state.Pools.Select(pool => pool.Name));
        PoolDefinition fast = state.Pools[0];
        Assert.Equal(("policy fast", "vfio-pci", AllocationPolicy.Spread), (fast.Origin, fast.Driver, fast.Rules.Allocation));
        Assert.Equal(["eth0#0-3", "eth1#2-3"], Assert.Single(fast.Selectors).PfNames.Select(part => part.ToString()));
        Assert.Equal((null, AllocationPolicy.Pack), (state.Pools[1].Driver, state.Pools[1].Rules.Allocation));
        VfSelector slow = Assert.Single(state.Pools[1].Selectors);
        Assert.Equal(("15b3", "101d", 0), (Assert.Single(slow.Vendors), Assert.Single(slow.PfDevices), slow.Devices.Count));
    }

    [Fact]
    public void ANetworkOfACloudCannotBeAnswered() =>
        Assert.Equal(["netFilter=aws/NetworkID:x"],
            State(Samples.Policy("a", "{netFilter: 'aws/NetworkID:x'}", 4)).Pools[0].Selectors[0].Unanswerable);

    [Fact]
    public void ANetworkIsSettingsByName()
    {
        NamedNetwork network = Assert.Single(State(Samples.FullNetwork).Networks);
        Assert.Equal(("blue", "fast"), (network.Name, network.Pool));
        Assert.Equal(
            new VfSettings
            {
                Vlan = 100,
                VlanQos = 3,
                VlanProtocol = VlanProtocol.Dot1Ad,
                SpoofCheck = true,
                Trust = false,
                LinkState = VfLinkState.Enable,
                MinTxRateMbps = 100,
                MaxTxRateMbps = 1000,
            },
            network.Settings);
        Assert.True(Assert.Single(State(Samples.Network()).Networks).Settings.IsEmpty);
    }

    [Fact]
    public void APfIsMatchedByEverythingThatIsWritten()
    {
        Assert.Equal([true, false], Matches("{vendor: '8086'}"));
        Assert.Equal([false, true], Matches("{deviceID: '101D'}"));
        Assert.Equal([true, false], Matches("{pfNames: [eth0]}"));
        Assert.Equal([true, false], Matches("{pfNames: ['uplink#0-1', nobody]}"));
        Assert.Equal([false, true], Matches("{rootDevices: ['5e:00.0']}"));
        Assert.Equal([false, false], Matches("{rootDevices: ['5e:00.0'], vendor: '8086'}"));
        Assert.Equal([false, false], Matches("{vendor: '8086', netFilter: 'aws/NetworkID:x'}"));

        static bool[] Matches(string selector) => [.. Pfs().Select(State(Samples.Policy("a", selector, 4)).Selections[0].Matches)];
    }

    [Fact]
    public void PoliciesOfOnePfAreMergedByPriority()
    {
        DesiredNode node = State(
            Samples.Policy("all", "{vendor: '8086'}", 8, "mtu: 1500", "eSwitchMode: switchdev"),
            Samples.Policy("some", "{rootDevices: ['3b:00.0#2-3']}", 8, "mtu: 9000", "priority: 5", "deviceType: vfio-pci")).On(Pfs());
        DesiredPf pf = Assert.Single(node.Pfs);
        Assert.Equal(("eth0", 8, 9000, EswitchMode.Switchdev), (pf.Pf.Label, pf.WantedVfs, pf.Mtu, pf.EswitchMode));
        Assert.Equal(["some 2-3 vfio-pci", "all 0-1,4-7 "],
            pf.Groups.Select(group => $"{group.ResourceName} {string.Join(',', group.Ranges)} {group.Driver}"));
        Assert.Equal(["some", "all"], node.Pools.Select(pool => pool.Name));
        Assert.Equal("0000:3b:00.0#0-1,4-7", Assert.Single(Assert.Single(node.Pools[1].Selectors).RootDevices).ToString());
        Assert.Empty(node.Faults);
        Assert.Equal(2, node.Notes.Count);
    }

    [Fact]
    public void APartitionThatKeepsClearRaisesTheCount()
    {
        DesiredNode node = State(Samples.Policy("a", "{pfNames: ['eth0#0-3']}", 4, "priority: 1"),
            Samples.Policy("b", "{pfNames: ['eth0#4-7']}", 8)).On(Pfs());
        Assert.Equal(8, Assert.Single(node.Pfs).WantedVfs);
        Assert.Equal(["a 0-3", "b 4-7"], node.Pfs[0].Groups.Select(group => $"{group.ResourceName} {string.Join(',', group.Ranges)}"));
        Assert.Equal("policy b wants 8 VFs on eth0 and policy a 4; 8 are created, because the VFs of both keep clear of each other",
            Assert.Single(node.Notes));
    }

    [Fact]
    public void TheWinnersCountHoldsAgainstAWholePf()
    {
        DesiredNode node = State(Samples.Policy("a", "{pfNames: ['eth0#0-1']}", 4, "priority: 1"),
            Samples.Policy("b", "{pfNames: [eth0]}", 8)).On(Pfs());
        Assert.Equal(4, Assert.Single(node.Pfs).WantedVfs);
        Assert.Equal(["a 0-1", "b 2-3"], node.Pfs[0].Groups.Select(group => $"{group.ResourceName} {string.Join(',', group.Ranges)}"));
    }

    [Fact]
    public void ProvisionMaxCreatesWhatTheDeviceHasAndLeavesThePoolItsRange()
    {
        string policy = Samples.Policy("a", "{vendor: '8086'}", 4).Replace("{name: a}",
            "{name: a, annotations: {vfleet.dev/provision: max}}", StringComparison.Ordinal);
        DesiredNode node = State(policy).On(Pfs());
        Assert.Equal(64, Assert.Single(node.Pfs).WantedVfs);
        Assert.Equal("0000:3b:00.0#0-3", Assert.Single(Assert.Single(node.Pools[0].Selectors).RootDevices).ToString());
    }

    [Fact]
    public void WhatCannotBeDoneOnThisMachineIsAFault()
    {
        Assert.Equal("policy a wants 65 VFs on eth0, which has 64 at most",
            Assert.Single(State(Samples.Policy("a", "{pfNames: [eth0]}", 65)).On(Pfs()).Faults).Error);
        DesiredNode twice = State(Samples.Policy("a", "{pfNames: [eth0]}", 8), Samples.Policy("b", "{pfNames: [uplink]}", 8)).On(Pfs());
        Assert.Equal("policy b and policy a both take VF 0 of eth0", Assert.Single(twice.Faults).Error);
        string beyond = Samples.Policy("a", "{pfNames: ['eth0#60-70']}", 4).Replace("{name: a}",
            "{name: a, annotations: {vfleet.dev/provision: max}}", StringComparison.Ordinal);
        Assert.Equal("policy a reaches beyond the 64 VFs that eth0 has at most", Assert.Single(State(beyond).On(Pfs()).Faults).Error);
    }

    [Fact]
    public void APolicyThatMatchesNothingIsNotedAndItsPoolIsEmpty()
    {
        DesiredNode node = State(Samples.Policy("a", "{pfNames: [nobody]}", 8)).On(Pfs());
        Assert.Equal("policy a matches no PF of this machine", Assert.Single(node.Notes));
        Assert.Empty(Assert.Single(node.Pools).Selectors);
        Assert.Empty(node.Pfs);
    }

    [Fact]
    public void NoVfsAreNoPool()
    {
        DesiredState state = State(Samples.Policy("a", "{pfNames: [eth0]}", 0));
        Assert.Empty(Assert.Single(state.Pools).Selectors);
        DesiredPf pf = Assert.Single(state.On(Pfs()).Pfs);
        Assert.Equal((0, 0), (pf.WantedVfs, pf.Groups.Count));
    }

    [Fact]
    public void APfWithoutAddressIsNamedInItsPool()
    {
        PhysicalFunction pf = new() { SysfsPath = "/sys/devices/netdevsim1", DeviceName = "netdevsim1", Name = "eni1", TotalVfs = 4 };
        Assert.Equal("eni1#0-3",
            Assert.Single(State(Samples.Policy("a", "{pfNames: [eni1]}", 4)).On([pf]).Pools[0].Selectors[0].PfNames).ToString());
    }

    private static DesiredState State(params string[] documents) => DesiredState.Of(Samples.Read(documents)).Value;

    private static PhysicalFunction[] Pfs() =>
    [
        Pf("0000:3b:00.0", "eth0", 0x8086, 0x1572) with { AltNames = ["uplink"] },
        Pf("0000:5e:00.0", "eth1", 0x15b3, 0x101d),
    ];

    private static PhysicalFunction Pf(string address, string name, ushort vendor, ushort device)
    {
        Assert.True(PciAddress.TryParse(address, out PciAddress parsed));
        return new PhysicalFunction
        {
            SysfsPath = parsed.SysfsPath,
            Address = parsed,
            DeviceName = address,
            Name = name,
            VendorId = vendor,
            DeviceId = device,
            TotalVfs = 64,
        };
    }
}
