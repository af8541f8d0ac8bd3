using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Tests.Pci;

/// <summary>Configuration spaces that a kernel really gave.</summary>
public sealed class UnitPciConfigCapturedTests
{
    [Fact]
    public void The_igb_device()
    {
        ConfigSpace config = Parse(CapturedConfigs.IgbPhysicalFunction);

        Assert.Equal((10, 4), (config.Msix!.Vectors, config.Header!.BaseAddresses.Count));
        Assert.Equal(new BaseAddress(2, 0xc000, true, false, false), config.Header.BaseAddresses[2]);
        Assert.Equal(new BaseAddress(3, 0xfdc40000, false, true, false), config.Header.BaseAddresses[3]);
        Assert.True(config.Express!.HasFunctionLevelReset);
        Assert.Equal((8, 8, 0, 128, 2, 0x10ca), (config.Sriov!.InitialVfs, config.Sriov.TotalVfs, config.Sriov.NumVfs, config.Sriov.FirstVfOffset, config.Sriov.VfStride, config.Sriov.VfDeviceId));
        Assert.True(config.Sriov.IsAriHierarchy);
        Assert.False(config.Sriov.IsEnabled);
        Assert.Equal(0u, config.Aer!.CorrectableStatus);
    }

    [Fact]
    public void Its_virtual_function_has_no_ids_and_no_sriov()
    {
        ConfigSpace config = Parse(CapturedConfigs.IgbVirtualFunction);

        Assert.Equal((0xffff, 0xffff), (config.Header!.VendorId, config.Header.DeviceId));
        Assert.Equal(3, config.Msix!.Vectors);
        Assert.True(config.Express!.HasFunctionLevelReset);
        Assert.Empty(config.Header.BaseAddresses);
        Assert.Null(config.Sriov);
        Assert.NotNull(config.Ari);
    }

    [Fact]
    public void The_root_port_isolates_and_forwards_high_functions()
    {
        ConfigSpace config = Parse(CapturedConfigs.RootPort);

        Assert.Equal((ExpressPortType.RootPort, true, true), (config.Express!.PortType, config.Express.CanForwardAri, config.Express.ForwardsAri));
        Assert.Equal(AcsServices.None, config.Acs!.Missing);
        Assert.Equal((0x81, 0x81), (config.Header!.SecondaryBus!.Value, config.Header.SubordinateBus!.Value));
        Assert.Equal((2.5, 1, 16.0, 32), (config.Express.Speed, config.Express.Width, config.Express.MaxSpeed, config.Express.MaxWidth));
    }

    [Fact]
    public void The_nvme_controller_has_its_virtual_functions_next_to_it()
    {
        ConfigSpace config = Parse(CapturedConfigs.NvmePhysicalFunction);

        Assert.Equal((127, 1, 1), (config.Sriov!.TotalVfs, config.Sriov.FirstVfOffset, config.Sriov.VfStride));
        Assert.Equal(385, config.Msix!.Vectors);
        Assert.Equal(0x010802u, config.Header!.Class);
    }

    private static ConfigSpace Parse(string dump)
    {
        ConfigSpace config = ConfigSpace.Parse(CapturedConfigs.Bytes(dump));
        Assert.True(config.IsComplete);
        Assert.False(config.IsMalformed);
        return config;
    }
}
