using Vfleet.Linux;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Tests;

public class UnitSimulatedLinkTests
{
    private readonly SimulatedKernel _kernel = SimulationProfiles.Create("igb", new() { LinksUp = true }).Value;

    public UnitSimulatedLinkTests() => _ = _kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "7").Value;

    [Fact]
    public void A_VF_moves_to_a_namespace_and_back_when_it_dies()
    {
        using RawRoute host = new(_kernel);
        int vf = host.IndexOf("enp1s0f0v1");
        using (NetworkNamespace blue = _kernel.CreateNamespace("blue").Value)
        {
            Assert.True(host.SetLink(vf, request => request.Put(LinkAttribute.NamespaceFd, blue.Descriptor)).Succeeded);
            using RawRoute inside = new(_kernel, blue);
            Assert.Equal(-1, host.IndexOf("enp1s0f0v1"));
            Assert.Equal(vf, inside.IndexOf("enp1s0f0v1"));
            Assert.Empty(_kernel.Files.List("/sys/bus/pci/devices/0000:01:10.2/net").Value);
            Assert.True(inside.SetLink(vf, request => request.Put(LinkAttribute.Name, "eth0")).Succeeded);
        }
        Assert.True(_kernel.DeleteNamespace("blue").Succeeded);
        Assert.Equal(vf, host.IndexOf("eth0"));
    }

    [Fact]
    public void A_used_name_stops_a_move_with_the_kernels_words()
    {
        using RawRoute host = new(_kernel);
        using NetworkNamespace blue = _kernel.CreateNamespace("blue").Value;
        using RawRoute inside = new(_kernel, blue);
        int first = host.IndexOf("enp1s0f0v0");
        Assert.True(host.SetLink(first, request => request.Put(LinkAttribute.NamespaceFd, blue.Descriptor)).Succeeded);
        Assert.True(inside.SetLink(first, request => request.Put(LinkAttribute.Name, "enp1s0f0v1")).Succeeded);
        int second = host.IndexOf("enp1s0f0v1");
        Fault? fault = host.SetLink(second, request => request.Put(LinkAttribute.NamespaceFd, blue.Descriptor)).Fault;
        Assert.Equal(Errno.EEXIST, fault?.Errno);
        Assert.Equal("An interface with the same name exists in the target netns", fault?.Cause);
    }

    [Fact]
    public void Igb_refuses_what_it_refuses_in_the_lab()
    {
        using RawRoute host = new(_kernel);
        int pf = host.IndexOf("enp1s0f0");
        Assert.Equal(Errno.EOPNOTSUPP, host.SetVf(pf, VfAttribute.LinkState, new VfSettingMessage { Vf = 0, Setting = 1 }).Fault?.Errno);
        VfRateMessage guaranteed = new() { Vf = 0, MinimumTx = 10, MaximumTx = 100 };
        Assert.Equal(Errno.EINVAL, host.SetVf(pf, VfAttribute.Rate, guaranteed).Fault?.Errno);
        Assert.Equal(Errno.EPROTONOSUPPORT, host.SetVfVlan(pf, 0, 100, 0, 0x88a8).Fault?.Errno);
        Assert.True(host.SetVfVlan(pf, 0, 100, 3, 0x8100).Succeeded);
        Assert.True(host.SetVf(pf, VfAttribute.Rate, new VfRateMessage { Vf = 0, MaximumTx = 100 }).Succeeded);
        Assert.True(host.SetUp(pf, false).Succeeded);
        Assert.Equal(Errno.EINVAL, host.SetVf(pf, VfAttribute.Rate, new VfRateMessage { Vf = 0, MaximumTx = 100 }).Fault?.Errno);
        Assert.Equal(Errno.EINVAL, host.SetVf(pf, VfAttribute.Trust, new VfSettingMessage { Vf = 7, Setting = 1 }).Fault?.Errno);
    }

    [Fact]
    public void Igbvf_takes_an_administrative_MAC_at_probe_and_keeps_it_without_trust()
    {
        using RawRoute host = new(_kernel);
        int pf = host.IndexOf("enp1s0f0");
        int vf = host.IndexOf("enp1s0f0v0");
        Assert.True(host.SetVfMac(pf, 0, 2, 0xaa, 0, 0, 0, 1).Succeeded);
        Assert.NotEqual("02:aa:00:00:00:01", _kernel.Files.ReadText("/sys/class/net/enp1s0f0v0/address").Value);
        Assert.Equal(Errno.EADDRNOTAVAIL, host.SetMac(vf, 2, 0, 0, 0, 0, 9).Fault?.Errno);
        Assert.True(_kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/unbind", "0000:01:10.0").Succeeded);
        Assert.True(_kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/bind", "0000:01:10.0").Succeeded);
        Assert.Equal("02:aa:00:00:00:01", _kernel.Files.ReadText("/sys/class/net/enp1s0f0v0/address").Value);
        Assert.True(host.SetVf(pf, VfAttribute.Trust, new VfSettingMessage { Vf = 0, Setting = 1 }).Succeeded);
        vf = host.IndexOf("enp1s0f0v0");
        Assert.True(host.SetMac(vf, 2, 0, 0, 0, 0, 9).Succeeded);
    }

    [Fact]
    public void Alternative_names_come_and_go()
    {
        using RawRoute host = new(_kernel);
        int pf = host.IndexOf("enp1s0f0");
        void Put(NetlinkRequest request)
        {
            int list = request.BeginNest(LinkAttribute.PropertyList);
            request.Put(LinkAttribute.AlternativeName, "uplink").EndNest(list);
        }
        Assert.True(host.SetLink(pf, Put, type: RouteMessage.NewLinkProperty).Succeeded);
        Assert.Equal(Errno.EEXIST, host.SetLink(pf, Put, type: RouteMessage.NewLinkProperty).Fault?.Errno);
        Assert.True(host.SetLink(pf, Put, type: RouteMessage.DeleteLinkProperty).Succeeded);
        Assert.Equal(Errno.ENOENT, host.SetLink(pf, Put, type: RouteMessage.DeleteLinkProperty).Fault?.Errno);
    }

    [Fact]
    public void An_unknown_message_is_not_supported()
    {
        using RawRoute host = new(_kernel);
        Assert.Equal(Errno.EOPNOTSUPP, host.SetLink(1, _ => { }, type: 121).Fault?.Errno);
    }
}
