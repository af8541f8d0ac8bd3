using System.Text;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Tests;

public class UnitSimulatedKernelTests
{
    [Fact]
    public async Task Uevents_and_link_messages_tell_of_VFs()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb").Value;
        using INetlinkSocket uevents = kernel.OpenNetlink(NetlinkProtocol.KobjectUevent, null, 1).Value;
        using INetlinkSocket links = kernel.OpenNetlink(NetlinkProtocol.Route, null, 1).Value;
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "1").Succeeded);
        string first = await NextUevent(uevents);
        Assert.StartsWith("add@/devices/pci0000:00/0000:00:01.0/0000:01:10.0\0", first, StringComparison.Ordinal);
        Assert.Contains("\0SUBSYSTEM=pci\0", first, StringComparison.Ordinal);
        Assert.Contains("\0INTERFACE=enp1s0f0v0\0", await NextUevent(uevents), StringComparison.Ordinal);
        NetlinkBuffer buffer = new();
        Assert.True((await links.ReceiveAsync(buffer, CancellationToken.None)).Succeeded);
        Assert.Equal(RouteMessage.NewLink, BitConverter.ToUInt16(buffer.Span[4..]));
    }

    [Fact]
    public void Namespaces_are_named_or_belong_to_processes()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb").Value;
        using NetworkNamespace blue = kernel.CreateNamespace("blue").Value;
        Assert.Equal(Errno.EEXIST, kernel.CreateNamespace("blue").Fault?.Errno);
        kernel.Machine.AddProcess(4711, "blue");
        kernel.Machine.AddProcess(4712);
        using NetworkNamespace same = kernel.OpenNamespace("/proc/4711/ns/net").Value;
        using NetworkNamespace other = kernel.OpenNamespace("/proc/4712/ns/net").Value;
        Assert.Equal(blue.Inode, same.Inode);
        Assert.NotEqual(blue.Inode, other.Inode);
        Assert.Equal(FaultKind.NotFound, kernel.OpenNamespace("/run/netns/red").Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, kernel.OpenNamespace("/proc/9/ns/net").Fault?.Kind);
        Assert.Equal(FaultKind.Usage, kernel.OpenNamespace("/proc/cmdline").Fault?.Kind);
        Assert.Equal(["blue"], kernel.Files.List("/run/netns").Value);
    }

    [Fact]
    public void An_interface_moves_to_a_process_and_returns_when_the_process_ends()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb").Value;
        kernel.Machine.AddProcess(4711);
        using RawRoute host = new(kernel);
        int index = host.IndexOf("enp2s0f0");
        Assert.Equal(Errno.ESRCH, host.SetLink(index, request => request.Put(LinkAttribute.NamespacePid, 1u << 20)).Fault?.Errno);
        Assert.True(host.SetLink(index, request => request.Put(LinkAttribute.NamespacePid, 4711u)).Succeeded);
        Assert.Equal(-1, host.IndexOf("enp2s0f0"));
        kernel.Machine.EndProcess(4711);
        Assert.Equal(index, host.IndexOf("enp2s0f0"));
    }

    [Fact]
    public void A_VFIO_group_opens_once_and_resets_its_function()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("nvme", new() { InitialVfs = 2 }).Value;
        PciAddress vf = new(0, 0x0301);
        int group = int.Parse(Path.GetFileName(kernel.Files.ReadLink($"{vf.SysfsPath}/iommu_group").Value), null);
        Assert.Equal(Errno.ENOENT, kernel.OpenVfio(vf, group).Fault?.Errno);
        Assert.True(kernel.Files.WriteText($"{vf.SysfsPath}/driver_override", "vfio-pci").Succeeded);
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/drivers_probe", vf.ToString()).Succeeded);
        Assert.False(kernel.IsVfioGroupOpen(group).Value);
        using (IVfioDevice device = kernel.OpenVfio(vf, group).Value)
        {
            Assert.True(kernel.IsVfioGroupOpen(group).Value);
            Assert.Equal(Errno.EBUSY, kernel.OpenVfio(vf, group).Fault?.Errno);
            Assert.True(device.Reset().Succeeded);
            Assert.Equal(2, kernel.Machine.ResetCount(vf));
        }
        Assert.False(kernel.IsVfioGroupOpen(group).Value);
        using IDisposable hold = kernel.Machine.HoldVfioGroup(group).Value;
        Assert.True(kernel.IsVfioGroupOpen(group).Value);
    }

    [Fact]
    public void Many_VFs_are_bound_opened_and_reset_at_once()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("nvme", new() { InitialVfs = 127 }).Value;
        Parallel.For(1, 128, index =>
        {
            PciAddress vf = new(0, (ushort)(0x0300 + index));
            Assert.True(kernel.Files.WriteText($"{vf.SysfsPath}/driver_override", "vfio-pci").Succeeded);
            Assert.True(kernel.Files.WriteText("/sys/bus/pci/drivers_probe", vf.ToString()).Succeeded);
            string group = Path.GetFileName(kernel.Files.ReadLink($"{vf.SysfsPath}/iommu_group").Value);
            using (IVfioDevice device = kernel.OpenVfio(vf, int.Parse(group, null)).Value)
                Assert.True(device.Reset().Succeeded);
            Assert.Equal(3, kernel.Machine.ResetCount(vf));
        });
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs", "0").Succeeded);
        Assert.Equal(["vfio"], kernel.Files.List("/dev/vfio").Value);
    }

    [Fact]
    public void Without_privilege_changes_are_refused_and_readings_are_not()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { Privileged = false }).Value;
        using RawRoute host = new(kernel);
        Assert.Equal(Errno.EPERM, host.SetUp(host.IndexOf("enp1s0f0")).Fault?.Errno);
        Assert.Equal(Errno.EACCES, kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "1").Fault?.Errno);
        Assert.Contains("CapEff:\t0000000000000000", kernel.Files.ReadText("/proc/self/status").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_IOMMU_there_are_no_groups_and_no_VFIO()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { Iommu = false, InitialVfs = 1 }).Value;
        Assert.Empty(kernel.Files.List("/sys/kernel/iommu_groups").Value);
        Assert.False(kernel.Files.Exists("/sys/bus/pci/devices/0000:01:10.0/iommu_group"));
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:10.0/driver_override", "vfio-pci").Succeeded);
        Assert.Equal(Errno.EINVAL, kernel.Files.WriteText("/sys/bus/pci/drivers/vfio-pci/bind", "0000:01:10.0").Fault?.Errno);
    }

    [Fact]
    public async Task Devlink_shows_ice_and_keeps_its_eswitch_while_there_are_VFs()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("ice", new() { LinksUp = true }).Value;
        using DevlinkClient devlink = DevlinkClient.Open(kernel).Value;
        DevlinkHandle pf = new("pci", "0000:3b:00.0");
        Assert.Equal(EswitchMode.Legacy, (await devlink.GetEswitchAsync(pf)).Value.Mode);
        Assert.True((await devlink.SetEswitchAsync(pf, new EswitchChange { Mode = EswitchMode.Switchdev })).Succeeded);
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:3b:00.0/sriov_numvfs", "1").Succeeded);
        Fault? fault = (await devlink.SetEswitchAsync(pf, new EswitchChange { Mode = EswitchMode.Legacy })).Fault;
        Assert.Equal(Errno.EOPNOTSUPP, fault?.Errno);
        Assert.Equal("ice: Changing eswitch mode is allowed only if there is no VFs created", fault?.Cause);
        using RawRoute host = new(kernel);
        int index = host.IndexOf("enp59s0f0");
        Assert.Equal(Errno.EOPNOTSUPP, host.SetVf(index, VfAttribute.Trust, new VfSettingMessage { Vf = 0, Setting = 1 }).Fault?.Errno);
    }

    [Fact]
    public void Ethtool_names_driver_and_firmware()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("mlx5").Value;
        using EthtoolClient ethtool = EthtoolClient.Open(kernel).Value;
        DriverInfo info = ethtool.GetDriverInfo("enp129s0f0").Value;
        Assert.Equal("mlx5_core", info.Driver);
        Assert.StartsWith("22.41.1000", info.FirmwareVersion, StringComparison.Ordinal);
    }

    [Fact]
    public void Vendors_trunk_files_take_their_own_words()
    {
        SimulatedKernel intel = SimulationProfiles.Create("i40e", new() { InitialVfs = 1 }).Value;
        const string list = "/sys/bus/pci/devices/0000:18:00.0/sriov/0/trunk";
        Assert.True(intel.Files.WriteText(list, "add 2,4,10-12").Succeeded);
        Assert.True(intel.Files.WriteText(list, "rem 11").Succeeded);
        Assert.Equal("2,4,10,12", intel.Files.ReadText(list).Value);
        Assert.Equal(Errno.EINVAL, intel.Files.WriteText(list, "add 4095").Fault?.Errno);
        SimulatedKernel nvidia = SimulationProfiles.Create("mlx5", new() { InitialVfs = 1 }).Value;
        const string range = "/sys/bus/pci/devices/0000:81:00.0/sriov/0/trunk";
        Assert.True(nvidia.Files.WriteText(range, "add 100 200").Succeeded);
        Assert.Equal("100-200", nvidia.Files.ReadText(range).Value);
        SimulatedKernel igb = SimulationProfiles.Create("igb", new() { InitialVfs = 1 }).Value;
        Assert.False(igb.Files.Exists("/sys/bus/pci/devices/0000:01:00.0/sriov"));
    }

    [Fact]
    public async Task A_default_route_can_exist()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { LinksUp = true }).Value;
        kernel.Machine.AddDefaultRoute("enp1s0f0");
        using RouteClient route = RouteClient.Open(kernel).Value;
        using RawRoute raw = new(kernel);
        Assert.Equal([raw.IndexOf("enp1s0f0")], (await route.ListDefaultRouteInterfacesAsync()).Value);
    }

    [Fact]
    public void Files_can_be_put_over_the_machines_own()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb").Value;
        kernel.Machine.SetFile("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
        Assert.Equal("none integrity [confidentiality]", kernel.Files.ReadText("/sys/kernel/security/lockdown").Value);
        kernel.Machine.SetFile("/usr/share/misc/pci.ids", null);
        Assert.False(kernel.Files.Exists("/usr/share/misc/pci.ids"));
    }

    private static async Task<string> NextUevent(INetlinkSocket socket)
    {
        NetlinkBuffer buffer = new();
        Assert.True((await socket.ReceiveAsync(buffer, CancellationToken.None)).Succeeded);
        return Encoding.UTF8.GetString(buffer.Span);
    }
}
