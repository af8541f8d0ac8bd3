using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitPciBusTests
{
    private static readonly PciAddress Nowhere = new(0, 0x4200);

    [Fact]
    public void The_list_has_every_function_of_any_class_in_order()
    {
        IReadOnlyList<PciDevice> devices = Expect.Value(new PciBus(Igb.Tree(2)).List());

        Assert.Equal(["0000:00:03.0", "0000:01:00.0", "0000:01:10.0", "0000:01:10.2"], devices.Select(device => device.Address.ToString()));
        Assert.Equal([0x060400u, 0x020000u, 0x020000u, 0x020000u], devices.Select(device => device.Class!.Value));
    }

    [Fact]
    public void A_physical_function_tells_what_sysfs_tells()
    {
        PciDevice device = Expect.Value(new PciBus(Igb.Tree(2)).Read(Igb.PhysicalFunction));

        Assert.Equal((0x8086, 0x10c9, 0x8086, 0xa03c), (device.VendorId!.Value, device.DeviceId!.Value, device.SubsystemVendorId!.Value, device.SubsystemDeviceId!.Value));
        Assert.Equal(("igb", 1, 2, 7, 2), (device.Driver, device.NumaNode!.Value, device.IommuGroup!.Value, device.TotalVfs!.Value, device.NumVfs!.Value));
        Assert.True(device.IsPhysicalFunction && device.IsNetworkController && !device.IsVirtualFunction);
    }

    [Fact]
    public void A_virtual_function_names_its_physical_function()
    {
        PciDevice device = Expect.Value(new PciBus(Igb.Tree(2)).Read(Igb.VirtualFunction(1)));

        Assert.Equal(Igb.PhysicalFunction, device.PhysicalFunction);
        Assert.Equal((0x10ca, 11), (device.DeviceId!.Value, device.IommuGroup!.Value));
        Assert.Null(device.Driver);
        Assert.Null(device.TotalVfs);
    }

    [Fact]
    public void What_is_unknown_is_null()
    {
        MemoryTree tree = Igb.Tree(iommu: false);
        tree.Add("/sys/devices/pci0000:00/0000:00:03.0/uevent = \n");

        Assert.Equal(new PciDevice(Igb.RootPort), Expect.Value(new PciBus(tree).Read(Igb.RootPort)));
    }

    [Fact]
    public void A_function_that_vanishes_is_left_out_of_the_list()
    {
        MemoryTree tree = Igb.Tree(2);
        tree.Add($"/sys/devices/pci0000:00/0000:00:03.0/{Igb.VirtualFunction(0)}/uevent !ENODEV");

        Assert.Equal(3, Expect.Value(new PciBus(tree).List()).Count);
    }

    [Fact]
    public void A_list_that_cannot_be_read_is_a_fault_and_no_empty_list()
    {
        MemoryTree tree = Igb.Tree();
        tree.Add("/sys/devices/pci0000:00/0000:00:03.0/uevent !EIO");

        Assert.Equal(Errno.EIO, Expect.Fault(new PciBus(tree).List()).Errno);
    }

    [Fact]
    public void A_machine_without_PCI_has_no_functions() => Assert.Empty(Expect.Value(new PciBus(new MemoryTree()).List()));

    [Fact]
    public void A_function_that_is_not_there_is_not_found()
    {
        PciBus bus = new(Igb.Tree());

        Assert.Equal(FaultKind.NotFound, Expect.Fault(bus.Read(Nowhere)).Kind);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(bus.NetworkInterfaces(Nowhere)).Kind);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(new PciDetailsReader(Igb.Tree()).Read(Nowhere)).Kind);
    }

    [Fact]
    public void Network_interfaces_are_listed()
    {
        PciBus bus = new(Igb.Tree());

        Assert.Equal(["eth0"], Expect.Value(bus.NetworkInterfaces(Igb.PhysicalFunction)));
        Assert.Empty(Expect.Value(bus.NetworkInterfaces(Igb.RootPort)));
    }

    [Fact]
    public void Details_have_the_rest()
    {
        PciDetails details = Expect.Value(new PciDetailsReader(Igb.Tree(3)).Read(Igb.PhysicalFunction));

        Assert.Equal((1, "D0", 10), (details.Revision!.Value, details.PowerState, details.MsixVectors!.Value));
        Assert.Null(details.DriverOverride);
        Assert.Equal(["flr", "bus"], details.ResetMethods);
        Assert.Equal(new PciLink(2.5, 4, 5, 4), details.Link);
        Assert.True(details.Link!.IsDegraded);
        Assert.Equal([Igb.VirtualFunction(0), Igb.VirtualFunction(1), Igb.VirtualFunction(2)], details.VirtualFunctions);
        Assert.Equal(8, details.Config!.Sriov!.TotalVfs);
    }

    [Fact]
    public void Resources_keep_their_place()
    {
        IReadOnlyList<PciResource> resources = Expect.Value(new PciDetailsReader(Igb.Tree()).Read(Igb.PhysicalFunction)).Resources!;

        Assert.Equal([(0, PciResourceKind.Bar, 0x20000UL), (2, PciResourceKind.Bar, 0x20UL), (7, PciResourceKind.VfBar, 0x20000UL)], resources.Select(item => (item.Index, item.Kind, item.Size)));
        Assert.True(resources[1].IsIo);
        Assert.True(resources[2].Is64Bit);
    }

    [Fact]
    public void Error_counters_have_names_and_the_kernels_total()
    {
        PciDetails details = Expect.Value(new PciDetailsReader(Igb.Tree()).Read(Igb.PhysicalFunction));

        Assert.Equal(7UL, details.CorrectableErrors!.Total);
        Assert.Equal([new("RxErr", 1), new("BadTLP", 2), new("aer_dev_correctable_errs_bit[3]", 4)], details.CorrectableErrors.Counters);
        Assert.Null(details.FatalErrors);
    }

    [Fact]
    public void Details_of_a_function_whose_configuration_is_forbidden_say_so()
    {
        MemoryTree tree = Igb.Tree();
        tree.Add("/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/config !EACCES");

        PciDetails details = Expect.Value(new PciDetailsReader(tree).Read(Igb.PhysicalFunction));

        Assert.Null(details.Config);
        Assert.Null(details.MsixVectors);
        Assert.Equal(FaultKind.NotPermitted, details.ConfigFault!.Kind);
    }

    [Theory]
    [InlineData("8.0 GT/s PCIe", 8.0)]
    [InlineData("2.5 GT/s", 2.5)]
    [InlineData("64.0 GT/s PCIe", 64.0)]
    [InlineData("Unknown", null)]
    [InlineData("Unknown speed", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Link_speeds_parse(string? text, double? speed) => Assert.Equal(speed, PciLink.ParseSpeed(text));

    [Theory]
    [InlineData("(null)", null)]
    [InlineData("", null)]
    [InlineData("vfio-pci", "vfio-pci")]
    public void An_unset_override_is_null(string text, string? name) => Assert.Equal(name, PciDetailsReader.Override(text));
}
