using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Tests;

public class UnitSimulatedProfileTests
{
    [Fact]
    public void An_unknown_profile_lists_the_known_ones()
    {
        Fault? fault = SimulationProfiles.Create("bnxt").Fault;
        Assert.Equal(FaultKind.Usage, fault?.Kind);
        Assert.Equal("known profiles: i40e, ice, igb, ixgbe, mlx5, netdevsim, nvme", fault?.Remedy);
    }

    [Theory]
    [InlineData("igb", 7, "igbvf")]
    [InlineData("ixgbe", 63, "ixgbevf")]
    [InlineData("i40e", 64, "iavf")]
    [InlineData("ice", 256, "iavf")]
    [InlineData("mlx5", 127, "mlx5_core")]
    public void Every_NIC_makes_all_its_VFs_with_the_native_driver(string profile, int total, string driver)
    {
        SimulatedKernel kernel = SimulationProfiles.Create(profile, new() { LinksUp = true }).Value;
        string[] pfs = Pfs(kernel);
        Assert.Equal(2, pfs.Length);
        foreach (string pf in pfs)
        {
            string path = $"/sys/bus/pci/devices/{pf}";
            Assert.Equal($"{total}", kernel.Files.ReadText($"{path}/sriov_totalvfs").Value);
            Assert.True(kernel.Files.WriteText($"{path}/sriov_numvfs", $"{total}").Succeeded);
            Assert.Equal(driver, Path.GetFileName(kernel.Files.ReadLink($"{path}/virtfn{total - 1}/driver").Value));
            Assert.Single(kernel.Files.List($"{path}/virtfn{total - 1}/net").Value);
        }
    }

    [Fact]
    public void VFs_of_ice_run_over_the_end_of_their_bus()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("ice", new() { InitialVfs = 256 }).Value;
        Assert.Equal("../0000:3b:1f.7", kernel.Files.ReadLink("/sys/bus/pci/devices/0000:3b:00.0/virtfn247").Value);
        Assert.Equal("../0000:3c:00.0", kernel.Files.ReadLink("/sys/bus/pci/devices/0000:3b:00.0/virtfn248").Value);
    }

    [Fact]
    public void Nvme_VFs_have_no_interface_and_no_native_driver()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("nvme").Value;
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs", "127").Succeeded);
        Assert.False(kernel.Files.Exists("/sys/bus/pci/devices/0000:03:00.0/virtfn126/driver"));
        Assert.Equal(["lo"], kernel.Files.List("/sys/class/net").Value);
    }

    [Fact]
    public void Netdevsim_has_VFs_without_PCI_up_to_its_limit()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("netdevsim").Value;
        const string count = "/sys/bus/netdevsim/devices/netdevsim0/sriov_numvfs";
        Assert.Equal(Errno.ENOMEM, kernel.Files.WriteText(count, "5").Fault?.Errno);
        Assert.True(kernel.Files.WriteText("/sys/kernel/debug/netdevsim/netdevsim0/max_vfs", "2000").Succeeded);
        Assert.True(kernel.Files.WriteText(count, "2000").Succeeded);
        Assert.Equal(Errno.EBUSY, kernel.Files.WriteText(count, "1").Fault?.Errno);
        using RawRoute route = new(kernel);
        byte[] link = route.GetLink(route.IndexOf("eni0np1"), LinkAttribute.FilterVf);
        Assert.Equal(2000, BitConverter.ToInt32(RawRoute.Bytes(link, LinkAttribute.NumVf)));
        Assert.Equal("netdevsim0", ParentOf(route.GetLink(route.IndexOf("eni0np1"), 0)));
        Assert.True(kernel.Files.WriteText("/sys/bus/netdevsim/new_device", "7 2 1").Succeeded);
        Assert.True(route.IndexOf("eni7np2") > 0);
    }

    [Theory]
    [InlineData("ixgbe", VfAttribute.LinkState, Errno.None)]
    [InlineData("igb", VfAttribute.LinkState, Errno.EOPNOTSUPP)]
    [InlineData("ice", VfAttribute.LinkState, Errno.None)]
    [InlineData("igb", VfAttribute.RssQuery, Errno.EOPNOTSUPP)]
    [InlineData("ixgbe", VfAttribute.RssQuery, Errno.None)]
    [InlineData("mlx5", VfAttribute.RssQuery, Errno.EOPNOTSUPP)]
    public void A_setting_is_taken_or_refused_as_the_driver_does(string profile, int attribute, Errno expected)
    {
        using Bench bench = new(profile);
        Assert.Equal(expected, bench.Errno(attribute, new VfSettingMessage { Vf = 0, Setting = 1 }));
    }

    [Theory]
    [InlineData("igb", 10, 100, Errno.EINVAL)]
    [InlineData("igb", 0, 1001, Errno.EINVAL)]
    [InlineData("igb", 0, 1000, Errno.None)]
    [InlineData("ixgbe", 0, 10, Errno.EINVAL)]
    [InlineData("ixgbe", 0, 11, Errno.None)]
    [InlineData("i40e", 5, 100, Errno.EINVAL)]
    [InlineData("i40e", 0, 40_001, Errno.EINVAL)]
    [InlineData("ice", 1000, 2000, Errno.None)]
    [InlineData("ice", 100_001, 0, Errno.EINVAL)]
    [InlineData("mlx5", 1000, 200_000, Errno.None)]
    [InlineData("mlx5", 2000, 1000, Errno.EINVAL)]
    public void Rates_are_refused_as_the_driver_does(string profile, uint minimum, uint maximum, Errno expected)
    {
        using Bench bench = new(profile);
        Assert.Equal(expected, bench.Errno(VfAttribute.Rate, new VfRateMessage { Vf = 0, MinimumTx = minimum, MaximumTx = maximum }));
    }

    [Fact]
    public void Ice_refuses_guarantees_above_the_speed_of_the_link_in_sum()
    {
        using Bench bench = new("ice");
        Assert.Equal(Errno.None, bench.Errno(VfAttribute.Rate, new VfRateMessage { Vf = 0, MinimumTx = 60_000 }));
        Assert.Equal(Errno.EINVAL, bench.Errno(VfAttribute.Rate, new VfRateMessage { Vf = 1, MinimumTx = 40_001 }));
        Assert.Equal(Errno.None, bench.Errno(VfAttribute.Rate, new VfRateMessage { Vf = 1, MinimumTx = 40_000 }));
    }

    [Theory]
    [InlineData("igb", Errno.EPROTONOSUPPORT)]
    [InlineData("ixgbe", Errno.EPROTONOSUPPORT)]
    [InlineData("i40e", Errno.EPROTONOSUPPORT)]
    [InlineData("mlx5", Errno.EPROTONOSUPPORT)]
    [InlineData("ice", Errno.None)]
    public void QinQ_is_refused_by_most(string profile, Errno expected)
    {
        using Bench bench = new(profile);
        Assert.Equal(expected, bench.Route.SetVfVlan(bench.Pf, 0, 100, 0, 0x88a8).Fault?.Errno ?? Errno.None);
    }

    [Fact]
    public void MSIX_of_a_VF_can_change_on_ice_while_no_driver_has_it()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("ice").Value;
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:3b:00.0/sriov_numvfs", "2").Succeeded);
        const string file = "/sys/bus/pci/devices/0000:3b:01.0/sriov_vf_msix_count";
        Assert.Equal(Errno.EACCES, kernel.Files.ReadText(file).Fault?.Errno);
        Assert.Equal(Errno.EBUSY, kernel.Files.WriteText(file, "33").Fault?.Errno);
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/drivers/iavf/unbind", "0000:3b:01.0").Succeeded);
        Assert.True(kernel.Files.WriteText(file, "33").Succeeded);
        SimulatedKernel igb = SimulationProfiles.Create("igb", new() { InitialVfs = 1, Modules = [] }).Value;
        Assert.Equal(Errno.EOPNOTSUPP, igb.Files.WriteText("/sys/bus/pci/devices/0000:01:10.0/sriov_vf_msix_count", "3").Fault?.Errno);
    }

    [Theory]
    [InlineData("ixgbe", Errno.EPERM)]
    [InlineData("i40e", Errno.EACCES)]
    [InlineData("ice", Errno.EACCES)]
    [InlineData("mlx5", Errno.None)]
    public void A_VF_may_change_an_administrative_MAC_as_its_driver_allows(string profile, Errno expected)
    {
        using Bench bench = new(profile);
        Assert.True(bench.Route.SetVfMac(bench.Pf, 0, 2, 0xaa, 0, 0, 0, 1).Succeeded);
        int vf = bench.Route.IndexOf($"{bench.PfName}v0");
        Fault? fault = bench.Route.SetMac(vf, 2, 0, 0, 0, 0, 9).Fault;
        Assert.Equal(expected, fault?.Errno ?? Errno.None);
    }

    [Fact]
    public void Ports_of_one_card_are_on_one_NUMA_node()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("mlx5").Value;
        Assert.Equal("0", kernel.Files.ReadText("/sys/bus/pci/devices/0000:81:00.0/numa_node").Value);
        Assert.Equal("0", kernel.Files.ReadText("/sys/bus/pci/devices/0000:81:00.1/numa_node").Value);
    }

    [Fact]
    public void Initial_VFs_have_no_driver()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { InitialVfs = 2 }).Value;
        Assert.True(kernel.Files.Exists("/sys/bus/pci/devices/0000:01:10.2"));
        Assert.False(kernel.Files.Exists("/sys/bus/pci/devices/0000:01:10.2/driver"));
        Assert.Equal("1", kernel.Files.ReadText("/sys/bus/pci/devices/0000:01:00.0/sriov_drivers_autoprobe").Value);
    }

    [Fact]
    public void Firmware_that_switched_SRIOV_off_leaves_no_files()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("mlx5", new() { TotalVfs = 0 }).Value;
        Assert.False(kernel.Files.Exists("/sys/bus/pci/devices/0000:81:00.0/sriov_totalvfs"));
        byte[] config = new byte[4096];
        _ = kernel.Files.ReadBytes("/sys/bus/pci/devices/0000:81:00.0/config", config).Value;
        Assert.Equal(0x0010, BitConverter.ToUInt16(config, 0x160));
        Assert.Equal(0, BitConverter.ToUInt16(config, 0x160 + 0x0e));
    }

    private static string[] Pfs(SimulatedKernel kernel) => [.. kernel.Files.List("/sys/bus/pci/devices").Value
        .Where(name => kernel.Files.Exists($"/sys/bus/pci/devices/{name}/sriov_totalvfs"))];

    private static string? ParentOf(byte[] link) => RawRoute.Text(link, LinkAttribute.ParentDeviceName);

    /// <summary>A machine with links up and two VFs, and its first PF.</summary>
    private sealed class Bench : IDisposable
    {
        public Bench(string profile)
        {
            SimulatedKernel kernel = SimulationProfiles.Create(profile, new() { LinksUp = true }).Value;
            string pf = Pfs(kernel)[0];
            _ = kernel.Files.WriteText($"/sys/bus/pci/devices/{pf}/sriov_numvfs", "2").Value;
            PfName = kernel.Files.List($"/sys/bus/pci/devices/{pf}/net").Value[0];
            Route = new RawRoute(kernel);
            Pf = Route.IndexOf(PfName);
        }

        public RawRoute Route { get; }

        public string PfName { get; }

        public int Pf { get; }

        public Errno Errno<T>(int attribute, T value)
            where T : unmanaged => Route.SetVf(Pf, attribute, value).Fault?.Errno ?? Linux.Errno.None;

        public void Dispose() => Route.Dispose();
    }
}
