using Vfleet.Linux.Pci;
using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitIommuTests
{
    [Fact]
    public void A_function_alone_in_its_group_is_viable()
    {
        IommuGroup group = Expect.Value(new Iommu(Igb.Tree(2)).GroupOf(Igb.VirtualFunction(0)));

        Assert.Equal(10, group.Number);
        Assert.True(group.IsViable);
        Assert.Empty(group.SharedWith(Igb.VirtualFunction(0)));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("vfio-pci", true)]
    [InlineData("mlx5_vfio_pci", true)]
    [InlineData("pci-stub", true)]
    [InlineData("igbvf", false)]
    public void A_neighbour_in_the_kernels_hands_blocks_the_group(string? driver, bool viable)
    {
        MemoryTree tree = Igb.Tree(2);
        tree.Add($"/sys/kernel/iommu_groups/10/devices/{Igb.VirtualFunction(1)} -> ../x\n/sys/kernel/iommu_groups/10/devices/0000:00:03.0 -> ../x");
        if (driver is not null)
            tree.Add($"/sys/devices/pci0000:00/0000:00:03.0/{Igb.VirtualFunction(1)}/driver -> ../../../../bus/pci/drivers/{driver}");

        IommuGroup group = Expect.Value(new Iommu(tree).GroupOf(Igb.VirtualFunction(0)));

        Assert.Equal(viable, group.IsViable);
        Assert.Equal([new IommuMember(Igb.VirtualFunction(1), driver, 0x020000)], group.SharedWith(Igb.VirtualFunction(0)));
    }

    [Fact]
    public void A_function_without_a_group_says_why()
    {
        MemoryTree tree = Igb.Tree(1, iommu: false);
        Assert.Contains("has no groups", Cause(tree), StringComparison.Ordinal);

        tree.Add("/proc/cmdline = root=/dev/sda1 quiet\n");
        Assert.Contains("was not told", Cause(tree), StringComparison.Ordinal);

        tree.Remove("/sys/firmware/acpi/tables/DMAR");
        Assert.Contains("firmware offers no IOMMU", Cause(tree), StringComparison.Ordinal);

        tree.Remove("/sys/firmware/acpi/tables/FACP");
        Assert.Contains("cannot be read", Cause(tree), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_not_found()
    {
        Iommu iommu = new(Igb.Tree());

        Assert.Equal(FaultKind.NotFound, Expect.Fault(iommu.GroupOf(new PciAddress(0, 0x4200))).Kind);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(iommu.Group(99)).Kind);
    }

    [Fact]
    public void Support_is_read_from_four_places()
    {
        IommuSupport support = IommuSupport.Read(Igb.Tree(2));

        Assert.True(support.IsActive);
        Assert.Null(support.Explain());
        Assert.Equal(["dmar0"], support.Units);
        Assert.Equal(4, support.GroupCount);
        Assert.Equal(["intel_iommu=on", "iommu=pt"], support.Options);
        Assert.Equal(["DMAR"], support.FirmwareTables);
    }

    [Fact]
    public void Bridges_above_come_nearest_first()
    {
        MemoryTree tree = new("/sys/bus/pci/devices/0000:05:00.0 -> ../../../devices/pci0000:00/0000:00:01.0/0000:03:00.0/0000:04:02.0/0000:05:00.0");

        IReadOnlyList<PciAddress> bridges = Expect.Value(new AcsPath(tree).BridgesAbove(new PciAddress(0, 0x0500)));

        Assert.Equal(["0000:04:02.0", "0000:03:00.0", "0000:00:01.0"], bridges.Select(bridge => bridge.ToString()));
    }

    [Fact]
    public void A_path_with_access_control_has_no_gaps() =>
        Assert.Empty(Expect.Value(new AcsPath(Igb.Tree()).Gaps(Igb.PhysicalFunction)));

    [Fact]
    public void Gaps_name_the_bridge_and_what_is_missing()
    {
        MemoryTree tree = Igb.Tree();
        tree.AddBytes("/sys/devices/pci0000:00/0000:00:03.0/config", ConfigBuilder.RootPort(acsControl: 0x0001).Build());
        tree.AddBytes("/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/config", ConfigBuilder.IgbPhysicalFunction().Byte(0x0e, 0x80).Build());

        IReadOnlyList<AcsGap> gaps = Expect.Value(new AcsPath(tree).Gaps(Igb.PhysicalFunction));

        Assert.Equal([
            new AcsGap(Igb.PhysicalFunction, AcsServices.None),
            new AcsGap(Igb.RootPort, AcsServices.RequestRedirect | AcsServices.CompletionRedirect | AcsServices.UpstreamForwarding)], gaps);
        Assert.Contains("0000:01:00.0 has no ACS", gaps[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gaps_are_unknown_without_privileges()
    {
        MemoryTree tree = Igb.Tree();
        tree.AddBytes("/sys/devices/pci0000:00/0000:00:03.0/config", ConfigBuilder.RootPort().Build()[..64]);

        Assert.Equal(FaultKind.NotPermitted, Expect.Fault(new AcsPath(tree).Gaps(Igb.PhysicalFunction)).Kind);
    }

    private static string Cause(MemoryTree tree) => Expect.Fault(new Iommu(tree).NumberOf(Igb.VirtualFunction(0))).Cause!;
}
