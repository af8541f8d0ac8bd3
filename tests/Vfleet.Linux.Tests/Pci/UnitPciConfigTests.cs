using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitPciConfigTests
{
    [Fact]
    public void A_physical_function_is_read_whole()
    {
        ConfigSpace config = ConfigSpace.Parse(ConfigBuilder.IgbPhysicalFunction(7).Build());

        Assert.True(config.IsComplete);
        Assert.False(config.IsMalformed);
        Assert.Equal(0x8086, config.Header!.VendorId);
        Assert.Equal(0x10c9, config.Header.DeviceId);
        Assert.Equal(0x020000u, config.Header.Class);
        Assert.Equal(0xa03c, config.Header.SubsystemId!.Value);
        Assert.False(config.Header.IsBridge);
        Assert.Equal([CapabilityId.PowerManagement, CapabilityId.Msi, CapabilityId.Msix, CapabilityId.Express], config.Capabilities.Select(item => item.Id));
        Assert.Equal([ExtendedCapabilityId.Aer, ExtendedCapabilityId.Ari, ExtendedCapabilityId.Sriov], config.ExtendedCapabilities.Select(item => item.Id));
        Assert.Equal(10, config.Msix!.Vectors);
        Assert.Equal(3, config.Msix.TableBar);
        Assert.True(config.Msix.IsEnabled);
        Assert.True(config.Msi!.Is64Bit && config.Msi.IsMaskable && config.Msi.Vectors == 1);
        Assert.True(config.Express!.HasFunctionLevelReset);
        Assert.Equal(ExpressPortType.Endpoint, config.Express.PortType);
        Assert.Equal((2.5, 4, 5.0, 4), (config.Express.Speed, config.Express.Width, config.Express.MaxSpeed, config.Express.MaxWidth));
        Assert.True(config.PowerManagement!.NoSoftReset);
        Assert.Equal(0x4000u, config.Aer!.UncorrectableStatus);
        Assert.Null(config.Acs);
        Assert.Null(config.Ats);
    }

    [Fact]
    public void Sriov_registers_have_their_meaning()
    {
        SriovCapability sriov = ConfigSpace.Parse(ConfigBuilder.IgbPhysicalFunction(7).Build()).Sriov!;

        Assert.Equal((8, 8, 7), (sriov.InitialVfs, sriov.TotalVfs, sriov.NumVfs));
        Assert.Equal((128, 2, 0x10ca), (sriov.FirstVfOffset, sriov.VfStride, sriov.VfDeviceId));
        Assert.True(sriov.IsEnabled && sriov.IsMemoryEnabled && sriov.IsAriHierarchy);
        Assert.Equal([4096UL, 8192, 65536, 262144, 1 << 20, 4 << 20], sriov.PageSizes);
        Assert.Equal([new BaseAddress(0, 0x1fe800000, false, true, true), new BaseAddress(3, 0xfe820000, false, true, true)], sriov.VfBaseAddresses);
    }

    [Fact]
    public void A_bridge_shows_its_buses_and_its_isolation()
    {
        ConfigSpace config = ConfigSpace.Parse(ConfigBuilder.RootPort(acsControl: 0x001c).Build());

        Assert.True(config.Header!.IsBridge);
        Assert.Equal((1, 1), (config.Header.SecondaryBus!.Value, config.Header.SubordinateBus!.Value));
        Assert.Null(config.Header.SubsystemVendorId);
        Assert.Equal(ExpressPortType.RootPort, config.Express!.PortType);
        Assert.Equal(AcsServices.SourceValidation, config.Acs!.Missing);
    }

    [Fact]
    public void Fast_links_are_known_by_the_second_register()
    {
        byte[] bytes = new ConfigBuilder(0x15b3, 0x1021).Capability(0x10, 0x60, 60).Word(0x62, 0x0002)
            .Dword(0x6c, 0x00000105).Word(0x72, 0x0105).Dword(0x8c, 0x7e).Build();

        ExpressCapability express = ConfigSpace.Parse(bytes).Express!;

        Assert.Equal((32.0, 16, 64.0, 16), (express.Speed, express.Width, express.MaxSpeed, express.MaxWidth));
    }

    [Fact]
    public void A_version_1_structure_has_no_second_set_of_registers()
    {
        byte[] bytes = new ConfigBuilder(0x8086, 0x1533).Capability(0x10, 0x60, 0x24).Word(0x62, 0x0001)
            .Dword(0x6c, 0x11).Capability(0x05, 0x84, 10).Word(0x86, 0x0081).Build();

        ExpressCapability express = ConfigSpace.Parse(bytes).Express!;

        Assert.Equal((0u, 2.5), (express.DeviceCapabilities2, express.MaxSpeed));
    }

    [Fact]
    public void An_unprivileged_reader_learns_the_header_and_that_there_is_more()
    {
        ConfigSpace config = ConfigSpace.Parse(ConfigBuilder.IgbPhysicalFunction().Build().AsSpan(0, 64));

        Assert.Equal(0x10c9, config.Header!.DeviceId);
        Assert.False(config.IsComplete);
        Assert.False(config.IsMalformed);
        Assert.Null(config.Sriov);
    }

    [Fact]
    public void A_conventional_space_of_an_express_function_is_incomplete()
    {
        ConfigSpace config = ConfigSpace.Parse(ConfigBuilder.IgbPhysicalFunction().Build().AsSpan(0, 256));

        Assert.NotNull(config.Express);
        Assert.False(config.IsComplete);
    }

    [Fact]
    public void A_conventional_function_is_complete_at_256_bytes()
    {
        byte[] bytes = new ConfigBuilder(0x1af4, 0x1041, size: 256).Capability(0x11, 0x98, 12).Word(0x9a, 0x8004).Build();

        ConfigSpace config = ConfigSpace.Parse(bytes);

        Assert.True(config.IsComplete);
        Assert.Equal(5, config.Msix!.Vectors);
    }

    [Fact]
    public void A_virtual_function_is_there_although_its_ids_read_ones()
    {
        byte[] bytes = ConfigBuilder.IgbPhysicalFunction().Dword(0, 0xffffffff).Build();

        Assert.False(ConfigSpace.IsAbsent(bytes));
        Assert.Equal(10, ConfigSpace.Parse(bytes).Msix!.Vectors);
    }

    [Fact]
    public void A_function_that_is_gone_reads_ones()
    {
        byte[] bytes = new byte[4096];
        Array.Fill(bytes, (byte)0xff);

        Assert.True(ConfigSpace.IsAbsent(bytes));
        Assert.True(ConfigSpace.Parse(bytes).IsMalformed);
    }
}
