using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Create;

/// <summary>A PF's count is not changed while one of its VFs is in use (I5), or where that could cut the machine off.</summary>
public sealed class UnitCreateRefusalTests
{
    [Fact]
    public async Task AVfInAnotherNamespaceIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        using (NetworkNamespace target = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
            await machine.ChangeLinkAsync("enp1s0f0v1", new LinkChange { Namespace = target });
        await RefusedAsync(machine, "0000:01:10.2", "enp1s0f0v1", HostMachine.Namespace);
    }

    [Fact]
    public async Task AVfInTheNamespaceOfAProcessIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        machine.Simulated.Machine.AddProcess(4711);
        using (NetworkNamespace target = machine.Simulated.OpenNamespace("/proc/4711/ns/net").Value)
            await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Namespace = target, Name = "eth0" });
        await RefusedAsync(machine, "0000:01:10.0", "eth0", "/proc/4711/ns/net");
    }

    [Fact]
    public async Task AVfInAnotherNamespaceIsInUseAlsoWhereItsPfIsElsewhere()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        machine.Simulated.CreateNamespace("red").Value.Dispose();
        using (NetworkNamespace target = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
            await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Namespace = target });
        using (NetworkNamespace red = machine.Simulated.OpenNamespace("/run/netns/red").Value)
            await machine.ChangeLinkAsync("enp1s0f0", new LinkChange { Namespace = red });
        Outcome<CreatePlan> plan = await machine.Host.Creator.PlanAsync("01:00.0", 0, null, force: false);
        Refusal.Is(FaultKind.Refused, plan, "0000:01:10.0", HostMachine.Namespace);
    }

    [Fact]
    public async Task AVfInANamespaceThatCannotBeFoundIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        using NetworkNamespace target = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value;
        await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Namespace = target });
        // The name goes; the open handle keeps the namespace.
        _ = machine.Simulated.DeleteNamespace("blue").Value;
        await RefusedAsync(machine, "0000:01:10.0", "could not be found");
    }

    [Theory]
    [InlineData("192.0.2.7/24")]
    [InlineData("2001:db8::7/64")]
    public async Task AVfWithAnAddressIsInUse(string address)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await machine.AddAddressAsync("enp1s0f0v0", address);
        await RefusedAsync(machine, "0000:01:10.0", address);
    }

    [Fact]
    public async Task AVfWithNothingButALinkLocalAddressIsFree()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Up = true });
        Assert.Empty((await machine.CountAsync(0)).Value);
    }

    [Fact]
    public async Task AVfOfABridgeIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await EnslaveAsync(machine, "enp1s0f0v0", 42);
        await RefusedAsync(machine, "0000:01:10.0", "bridge or bond");
    }

    [Fact]
    public async Task AVfWithTrafficIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Up = true });
        using CancellationTokenSource enough = new();
        Task traffic = SendUntilAsync(machine, (await machine.ReadVfAsync()).Link!.Index, enough.Token);
        await RefusedAsync(machine, "0000:01:10.0", "traffic");
        await enough.CancelAsync();
        await traffic;
    }

    [Fact]
    public async Task AVfWhoseVfioGroupIsOpenIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, driver: "vfio-pci");
        int group = (await machine.ReadVfAsync(1)).IommuGroup!.Value;
        using IDisposable held = machine.Simulated.Machine.HoldVfioGroup(group).Value;
        await RefusedAsync(machine, "0000:01:10.2", $"VFIO group {group}");
    }

    [Fact]
    public async Task AVfWhoseVfioGroupCannotBeLookedAtIsNotTakenForFree()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        machine.Kernel.Watch();
        _ = await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: false);
        int look = machine.Kernel.Operations.ToList().FindIndex(operation => operation.StartsWith("vfio group", StringComparison.Ordinal));
        machine.Kernel.StrikeAt(look, Strike.Refused);
        Refusal.Is(FaultKind.Kernel, await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: false), "EIO");
    }

    [Fact]
    public async Task AVfWithAVlanUponItIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        machine.Simulated.Machine.AddVlan("enp1s0f0v1", "storage");
        await RefusedAsync(machine, "0000:01:10.2", "enp1s0f0v1", "storage");
    }

    [Theory]
    [InlineData("igb", "uio_pci_generic", "uio")]
    [InlineData("mlx5", null, "infiniband_verbs")]
    public async Task AVfWhoseDeviceNodeIsOpenIsInUse(string profile, string? driver, string folder)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, vfs: 2, driver: driver);
        VirtualFunction vf = await machine.ReadVfAsync(1);
        string node = Assert.Single(machine.Simulated.Files.List($"{vf.Address!.Value.SysfsPath}/{folder}").Value);
        machine.Simulated.Machine.AddProcess(4711);
        machine.Simulated.Machine.OpenFile(4711, "/dev/null");
        machine.Simulated.Machine.OpenFile(4711, $"/dev/{node}");
        await RefusedAsync(machine, vf.Label, node, "4711");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("vfio-pci")]
    public async Task AVfWithAnAttachmentRecordIsInUse(string? driver)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, driver: driver);
        _ = (await machine.AttachAsync(1)).Value;
        await RefusedAsync(machine, "0000:01:10.2", "attached to", HostMachine.Namespace);
    }

    [Fact]
    public async Task EveryVfInUseIsNamedInThePlan()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 3);
        await machine.AddAddressAsync("enp1s0f0v0", "192.0.2.7/24");
        _ = (await machine.AttachAsync(2)).Value;
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: true)).Value;
        Assert.Equal(["0000:01:10.0", "0000:01:10.4"], plan.InUse.Select(used => used.Vf.Label));
        Assert.Equal(3, plan.Destroys.Count);
    }

    [Fact]
    public async Task WhatWasFreeWhenPlannedAndIsInUseNowIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: false)).Value;
        _ = (await machine.AttachAsync()).Value;
        Refusal.Is(FaultKind.Refused, await machine.Host.Creator.ApplyAsync(plan, force: false), "0000:01:10.0");
    }

    [Fact]
    public async Task ForceDestroysWhatIsInUseAndItsRecordsWithIt()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        _ = (await machine.AttachAsync()).Value;
        Assert.Equal(4, (await machine.CountAsync(4, force: true)).Value.Count);
        // The record spoke of a VF that is gone; the new one of the same address is nobody's.
        Assert.Empty(machine.Records());
        _ = (await machine.AttachAsync()).Value;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public async Task APfWithADefaultRouteIsRefusedUnlessForced(byte family)
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        NetlinkRequest route = new();
        route.Begin(RouteMessage.NewRoute, NetlinkFlags.Ack | NetlinkFlags.Create)
            .Struct(new RouteHeader { Family = family, Table = 254, Protocol = 3, Type = 1 })
            .Put(4, (await machine.ReadPfAsync()).InterfaceIndex);
        await machine.SendAsync(route);
        Refusal.Is(FaultKind.Refused, await machine.CountAsync(2), "default route", "--force");
        Assert.Equal(2, (await machine.CountAsync(2, force: true)).Value.Count);
    }

    [Fact]
    public async Task TheOtherPfsDefaultRouteIsNoObstacle()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        machine.Simulated.Machine.AddDefaultRoute("enp2s0f0");
        Assert.Equal(2, (await machine.CountAsync(2)).Value.Count);
    }

    [Fact]
    public async Task APfBelowAVlanOfTheBridgeWithTheDefaultRouteIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        machine.Simulated.Machine.AddVlan("enp1s0f0", "uplink.7");
        // The other port stands for the bridge.
        await EnslaveAsync(machine, "uplink.7", (await machine.Host.FindPfAsync("enp2s0f0")).Value.InterfaceIndex);
        machine.Simulated.Machine.AddDefaultRoute("enp2s0f0");
        Refusal.Is(FaultKind.Refused, await machine.CountAsync(2), "default route", "--force");
        Assert.True((await machine.ReadPfAsync()).DefaultRoute);
    }

    private static async Task EnslaveAsync(HostMachine machine, string name, int master)
    {
        NetlinkRequest request = new();
        request.Begin(RouteMessage.SetLink, NetlinkFlags.Ack)
            .Struct(default(InterfaceMessage))
            .Put(LinkAttribute.Name, name)
            .Put(LinkAttribute.Master, master);
        await machine.SendAsync(request);
    }

    private static async Task RefusedAsync(HostMachine machine, params string[] words)
    {
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Refused, await machine.CountAsync(0), words);
        Refusal.Is(FaultKind.Refused, await machine.CountAsync(5), words);
        Assert.Equal(before, await machine.DescribeAsync());
        Assert.Equal(5, (await machine.CountAsync(5, "none", force: true)).Value.Count);
    }

    internal static async Task SendUntilAsync(HostMachine machine, int index, CancellationToken enough)
    {
        using IPacketSocket socket = machine.Simulated.OpenPacketSocket(index).Value;
        byte[] frame = new byte[60];
        frame.AsSpan(0, 6).Fill(0xff);
        while (!enough.IsCancellationRequested)
        {
            _ = await socket.SendAsync(frame, CancellationToken.None);
            await Task.Yield();
        }
    }
}
