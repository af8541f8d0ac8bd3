using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Inventory;

public sealed class UnitInventoryTests
{
    [Fact]
    public async Task PfsAreSortedAndToldWhole()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        IReadOnlyList<PhysicalFunction> pfs = (await machine.Host.Inventory.ListPfsAsync()).Value;
        Assert.Equal(["0000:01:00.0", "0000:02:00.0"], pfs.Select(pf => pf.DeviceName));
        PhysicalFunction first = pfs[0];
        Assert.Equal(("enp1s0f0", "igb", 7, 2, 128, 2), (first.Name, first.Driver, first.TotalVfs, first.NumVfs, first.VfOffset, first.VfStride));
        Assert.Equal((0, true, "up", 1000, false), (first.NumaNode, first.Autoprobe, first.LinkState, first.LinkSpeedMbps, first.DefaultRoute));
        Assert.Equal(1, pfs[1].NumaNode);
        Assert.Equal(((ushort)0x8086, (ushort)0x10c9), (first.VendorId, first.DeviceId));
        Assert.Equal(((ushort)0x10ca, "ether"), (first.VfDeviceId, first.LinkType));
    }

    [Fact]
    public async Task APfThatIsDownHasNoSpeed()
    {
        using HostMachine machine = await HostMachine.CreateAsync(options: new SimulationOptions());
        PhysicalFunction pf = await machine.ReadPfAsync();
        Assert.Equal(("down", null), (pf.LinkState, pf.LinkSpeedMbps));
    }

    [Fact]
    public async Task APfWithoutItsDriverIsListedWithoutAnInterface()
    {
        using HostMachine machine = await HostMachine.CreateAsync(options: new SimulationOptions { DriverLoaded = false });
        PhysicalFunction pf = (await machine.Host.Inventory.ListPfsAsync()).Value[0];
        Assert.Equal((null, null, null, null, "0000:01:00.0"), (pf.Name, pf.Driver, pf.LinkState, pf.DefaultRoute, pf.Label));
    }

    [Fact]
    public async Task AMachineWithoutSriovHasNoPfs()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new SimulationOptions { TotalVfs = 0 }).Value;
        Assert.Empty((await new InventoryReader(kernel, new HostOptions { StateDirectory = "" }.ReadTimer).ListPfsAsync()).Value);
        Assert.Empty((await new InventoryReader(kernel, new HostOptions { StateDirectory = "" }.ReadTimer).ListVfsAsync()).Value);
    }

    [Theory]
    [InlineData(222)]
    [InlineData(256)]
    [InlineData(512)]
    [InlineData(1000)]
    [InlineData(2000)]
    public async Task EveryVfIsListedWhereTheKernelsListWraps(int count)
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", count, options: new SimulationOptions { TotalVfs = count, LinksUp = true });
        IReadOnlyList<VirtualFunction> vfs = (await machine.Host.Inventory.ListVfsAsync()).Value;
        Assert.Equal(Enumerable.Range(0, count), vfs.Select(vf => vf.Index));
        Assert.Equal(Enumerable.Range(0, count), vfs.Select(vf => vf.Settings!.Index));
    }

    [Fact]
    public async Task NoOperationIsSpentOnEachVfForItsSettings()
    {
        int few = await RequestsAsync(10), many = await RequestsAsync(200);
        Assert.Equal(few, many);
    }

    [Fact]
    public async Task AVfInANamedNamespaceAndOneInAProcessesNamespaceAreFoundThere()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 3);
        machine.Simulated.Machine.AddProcess(4711);
        foreach ((string vf, string path) in ((string, string)[])[("enp1s0f0v0", HostMachine.Namespace), ("enp1s0f0v1", "/proc/4711/ns/net")])
        {
            using NetworkNamespace target = machine.Simulated.OpenNamespace(path).Value;
            await machine.ChangeLinkAsync(vf, new LinkChange { Namespace = target });
        }
        IReadOnlyList<VirtualFunction> vfs = (await machine.Host.Inventory.ListVfsAsync()).Value;
        Assert.Equal([HostMachine.Namespace, "/proc/4711/ns/net", null], vfs.Select(vf => vf.NamespacePath));
        Assert.Equal(["enp1s0f0v0", "enp1s0f0v1", "enp1s0f0v2"], vfs.Select(vf => vf.Link!.Name));
    }

    [Fact]
    public async Task VfsOnVfioShowTheirNodeAndNoInterface()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, driver: "vfio-pci");
        VirtualFunction vf = await machine.ReadVfAsync(1);
        Assert.Equal(("vfio-pci", null, $"/dev/vfio/{vf.IommuGroup}", false), (vf.Driver, vf.Link, vf.VfioDevice, vf.IsInterfaceElsewhere));
    }

    [Fact]
    public async Task WhatIsUnknownIsNull()
    {
        using HostMachine machine = await HostMachine.CreateAsync("nvme", 2, "none", new SimulationOptions { Iommu = false });
        VirtualFunction vf = await machine.ReadVfAsync();
        Assert.Equal((null, null, null, null), (vf.Driver, vf.Link, vf.IommuGroup, vf.Settings));
        PhysicalFunction pf = (await machine.Host.Inventory.ListPfsAsync()).Value[0];
        Assert.Equal((null, null, null, null), (pf.Name, pf.Mac, pf.Mtu, pf.LinkType));
    }

    [Fact]
    public async Task AListThatIsInterruptedIsReadAgain()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 7);
        _ = machine.Simulated.Machine.Faults.Arm("dump-interrupted*5").Value;
        Assert.Equal(7, (await machine.Host.Inventory.ListVfsAsync()).Value.Count(vf => vf.Settings is not null));
    }

    private static async Task<int> RequestsAsync(int count)
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice", count, "none");
        machine.Kernel.Watch();
        _ = (await machine.Host.Inventory.ListVfsAsync()).Value;
        return machine.Kernel.Operations.Count(operation => operation.StartsWith("send", StringComparison.Ordinal));
    }
}
