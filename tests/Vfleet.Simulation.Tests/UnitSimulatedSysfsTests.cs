using Vfleet.Linux;

namespace Vfleet.Simulation.Tests;

public class UnitSimulatedSysfsTests
{
    private const string Pf = "/sys/bus/pci/devices/0000:01:00.0";
    private readonly SimulatedKernel _kernel = SimulationProfiles.Create("igb").Value;

    [Fact]
    public void The_lab_has_two_PFs_on_two_nodes()
    {
        Assert.Equal("0x8086", Read($"{Pf}/vendor"));
        Assert.Equal("0x10c9", Read($"{Pf}/device"));
        Assert.Equal("0", Read($"{Pf}/numa_node"));
        Assert.Equal("1", Read("/sys/bus/pci/devices/0000:02:00.0/numa_node"));
        Assert.Equal("7", Read($"{Pf}/sriov_totalvfs"));
        Assert.Equal("128", Read($"{Pf}/sriov_offset"));
        Assert.Equal("10ca", Read($"{Pf}/sriov_vf_device"));
        Assert.Equal("igb", Path.GetFileName(_kernel.Files.ReadLink($"{Pf}/driver").Value));
    }

    [Fact]
    public void VFs_appear_with_interfaces_and_go_again()
    {
        Write($"{Pf}/sriov_numvfs", "3");
        Assert.Equal("3", Read($"{Pf}/sriov_numvfs"));
        Assert.Equal("../0000:01:10.4", _kernel.Files.ReadLink($"{Pf}/virtfn2").Value);
        Assert.Equal(["enp1s0f0v2"], _kernel.Files.List($"{Pf}/virtfn2/net").Value);
        Assert.Equal("0000:01:00.0", Path.GetFileName(_kernel.Files.ReadLink("/sys/bus/pci/devices/0000:01:10.4/physfn").Value));
        Assert.Contains("enp1s0f0v0", _kernel.Files.List("/sys/class/net").Value);
        Write($"{Pf}/sriov_numvfs", "0\n");
        Assert.False(_kernel.Files.Exists("/sys/bus/pci/devices/0000:01:10.4"));
        Assert.DoesNotContain("enp1s0f0v0", _kernel.Files.List("/sys/class/net").Value);
    }

    [Theory]
    [InlineData("8", Errno.ERANGE)]
    [InlineData("-1", Errno.EINVAL)]
    [InlineData("seven", Errno.EINVAL)]
    [InlineData("99999", Errno.EINVAL)]
    public void A_wrong_count_is_refused(string count, Errno expected) =>
        Assert.Equal(expected, _kernel.Files.WriteText($"{Pf}/sriov_numvfs", count).Fault?.Errno);

    [Fact]
    public void A_count_goes_through_zero()
    {
        Write($"{Pf}/sriov_numvfs", "7");
        Assert.Equal(Errno.EBUSY, _kernel.Files.WriteText($"{Pf}/sriov_numvfs", "3").Fault?.Errno);
        Write($"{Pf}/sriov_numvfs", "7");
    }

    [Fact]
    public void Without_its_driver_a_PF_makes_no_VFs()
    {
        Write("/sys/bus/pci/drivers/igb/unbind", "0000:01:00.0");
        Assert.Equal(Errno.ENOENT, _kernel.Files.WriteText($"{Pf}/sriov_numvfs", "1").Fault?.Errno);
    }

    [Fact]
    public void Autoprobe_off_keeps_the_native_driver_away_until_it_is_asked_for_by_name()
    {
        const string vf = "/sys/bus/pci/devices/0000:01:10.0";
        Write($"{Pf}/sriov_drivers_autoprobe", "0");
        Write($"{Pf}/sriov_numvfs", "1");
        Assert.False(_kernel.Files.Exists($"{vf}/driver"));
        Assert.Equal(Errno.ENODEV, _kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/bind", "0000:01:10.0").Fault?.Errno);
        Write($"{vf}/driver_override", "vfio-pci");
        Write("/sys/bus/pci/drivers_probe", "0000:01:10.0");
        Assert.Equal("vfio-pci", Path.GetFileName(_kernel.Files.ReadLink($"{vf}/driver").Value));
        Assert.Equal(0, _kernel.Machine.NativeProbeCount(new PciAddress(0, 0x0180)));
        string group = Path.GetFileName(_kernel.Files.ReadLink($"{vf}/iommu_group").Value);
        Assert.True(_kernel.Files.Exists($"/dev/vfio/{group}"));
    }

    [Fact]
    public void An_empty_override_is_no_write_and_a_newline_clears_it()
    {
        string file = $"{Pf}/driver_override";
        Assert.Equal("(null)", Read(file));
        Write(file, "vfio-pci");
        Write(file, "");
        Assert.Equal("vfio-pci", Read(file));
        Write(file, "\n");
        Assert.Equal("(null)", Read(file));
    }

    [Theory]
    [InlineData("/sys/bus/pci/devices/0000:01:00.0/reset", Errno.EACCES)]
    [InlineData("/sys/bus/pci/devices/0000:01:00.0/nothing", Errno.ENOENT)]
    [InlineData("/sys/bus/pci/devices/0000:09:00.0/vendor", Errno.ENOENT)]
    [InlineData("/sys/bus/pci/devices", Errno.EISDIR)]
    [InlineData("/sys/bus/pci/devices/0000:01:00.0/vendor/x", Errno.ENOTDIR)]
    public void Files_answer_as_the_kernels_do(string path, Errno expected) =>
        Assert.Equal(expected, _kernel.Files.ReadText(path).Fault?.Errno);

    [Fact]
    public void A_read_only_file_takes_no_write() =>
        Assert.Equal(Errno.EACCES, _kernel.Files.WriteText($"{Pf}/vendor", "1").Fault?.Errno);

    [Fact]
    public void Configuration_space_holds_the_SRIOV_capability_at_0x160()
    {
        byte[] config = new byte[4096];
        Assert.Equal(4096, _kernel.Files.ReadBytes($"{Pf}/config", config).Value);
        Assert.Equal(0x0010, BitConverter.ToUInt16(config, 0x160));
        Assert.Equal(8, BitConverter.ToUInt16(config, 0x160 + 0x0e));
        Assert.Equal(128, BitConverter.ToUInt16(config, 0x160 + 0x14));
        Assert.Equal(2, BitConverter.ToUInt16(config, 0x160 + 0x16));
    }

    private string Read(string path) => _kernel.Files.ReadText(path).Value;

    private void Write(string path, string text) => _ = _kernel.Files.WriteText(path, text).Value;
}
