using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Tests;

public sealed class UnitSimulatedWireTests
{
    private static readonly byte[] Everyone = [255, 255, 255, 255, 255, 255];

    [Fact]
    public async Task VFs_of_one_VLAN_reach_each_other_on_one_PF_and_across_two()
    {
        Network net = new("igb");
        net.SetVlans(100, 100, 200);
        Assert.True(await net.ReachesAsync(0, 1));
        Assert.False(await net.ReachesAsync(0, 2));
        net.SetVlans(100, 200, 100);
        Assert.True(await net.ReachesAsync(0, 2));
        Assert.False(await net.ReachesAsync(0, 1));
    }

    [Theory]
    [InlineData("igb", true)]
    [InlineData("ixgbe", false)]
    [InlineData("ice", false)]
    public async Task Forged_source_addresses_pass_only_on_hardware_that_lets_them(string profile, bool passes)
    {
        Network net = new(profile);
        Assert.Equal(passes, await net.ReachesAsync(0, 1, forged: true));
    }

    [Fact]
    public async Task Without_spoof_check_forged_frames_pass()
    {
        Network net = new("ice");
        Assert.True(net.Host.SetVf(net.PfIndex(0), VfAttribute.SpoofCheck, new VfSettingMessage { Vf = 0, Setting = 0 }).Succeeded);
        Assert.True(await net.ReachesAsync(0, 1, forged: true));
    }

    [Fact]
    public async Task A_foreign_tag_does_not_leave_a_VLAN()
    {
        Network net = new("igb");
        net.SetVlans(100, 200, 0);
        Assert.False(await net.ReachesAsync(0, 1, tag: 200));
    }

    [Fact]
    public async Task Nothing_passes_while_the_PF_is_down()
    {
        Network net = new("igb");
        Assert.True(net.Host.SetUp(net.PfIndex(0), false).Succeeded);
        Assert.False(await net.ReachesAsync(0, 1));
        Assert.Equal("0", net.Kernel.Files.ReadText($"/sys/class/net/{net.Names[0]}/carrier").Value);
    }

    [Fact]
    public void A_VF_probed_while_its_PF_is_down_stays_without_carrier()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb").Value;
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "1").Succeeded);
        using RawRoute host = new(kernel);
        Assert.True(host.SetUp(host.IndexOf("enp1s0f0")).Succeeded);
        Assert.True(host.SetUp(host.IndexOf("enp1s0f0v0")).Succeeded);
        Assert.Equal("0", kernel.Files.ReadText("/sys/class/net/enp1s0f0v0/carrier").Value);
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/unbind", "0000:01:10.0").Succeeded);
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/bind", "0000:01:10.0").Succeeded);
        Assert.True(host.SetUp(host.IndexOf("enp1s0f0v0")).Succeeded);
        Assert.Equal("1", kernel.Files.ReadText("/sys/class/net/enp1s0f0v0/carrier").Value);
    }

    [Fact]
    public async Task In_real_time_igb_loses_its_carrier_for_a_second_when_VFs_are_made()
    {
        ManualClock clock = new();
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { LinksUp = true, Clock = clock, RealisticTiming = true }).Value;
        const string carrier = "/sys/class/net/enp1s0f0/carrier";
        Assert.True(kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_drivers_autoprobe", "0").Succeeded);
        Task<Outcome<Unit>> creation = Task.Run(() => kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "7"));
        while (clock.Waiting < 2)
            await Task.Yield();
        clock.Advance(TimeSpan.FromMilliseconds(105));
        Assert.True((await creation).Succeeded);
        Assert.Equal("0", kernel.Files.ReadText(carrier).Value);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1", kernel.Files.ReadText(carrier).Value);
    }

    [Fact]
    public async Task An_interface_with_an_address_answers_ARP_and_ping()
    {
        Network net = new("igb");
        int target = net.Host.IndexOf(net.Names[1]);
        using (RouteClient route = RouteClient.Open(net.Kernel).Value)
        {
            Assert.True(IPNetworkAddress.TryParse("192.0.2.2/24", out IPNetworkAddress? address));
            Assert.True((await route.AddAddressAsync(target, net.Names[1], address)).Succeeded);
            Assert.Equal(Errno.EEXIST, (await route.AddAddressAsync(target, net.Names[1], address)).Fault?.Errno);
        }
        using IPacketSocket socket = net.Kernel.OpenPacketSocket(net.Host.IndexOf(net.Names[0])).Value;
        byte[] own = net.Mac(0);
        byte[] arp = [.. Everyone, .. own, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, .. own, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2];
        byte[] answer = await ExchangeAsync(socket, arp);
        Assert.Equal(net.Mac(1), answer[22..28]);
        byte[] header = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        byte[] ping = [.. net.Mac(1), .. own, 8, 0, .. header, 8, 0, 0, 0, 0, 7, 0, 1];
        answer = await ExchangeAsync(socket, ping);
        Assert.Equal(0, answer[34]);
        Assert.Equal([192, 0, 2, 1], answer[30..34]);
        Assert.Equal(0xffff, Fold(answer[34..42]));
    }

    private static async Task<byte[]> ExchangeAsync(IPacketSocket socket, byte[] frame)
    {
        Assert.True((await socket.SendAsync(frame, CancellationToken.None)).Succeeded);
        byte[] buffer = new byte[2048];
        using CancellationTokenSource soon = new(TimeSpan.FromSeconds(5));
        int length = (await socket.ReceiveAsync(buffer, soon.Token)).Value;
        return buffer[..length];
    }

    private static int Fold(byte[] bytes)
    {
        int sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            sum += (bytes[i] << 8) | bytes[i + 1];
        return (sum & 0xffff) + (sum >> 16);
    }

    /// <summary>Two PFs of a profile with VFs: 0 and 1 on the first, 2 on the second, all up.</summary>
    private sealed class Network
    {
        private readonly string[] _pfs;

        public Network(string profile)
        {
            Kernel = SimulationProfiles.Create(profile, new() { LinksUp = true }).Value;
            string[] devices = [.. Kernel.Files.List("/sys/bus/pci/devices").Value
                .Where(name => Kernel.Files.Exists($"/sys/bus/pci/devices/{name}/sriov_numvfs"))];
            _pfs = [.. devices.Select(device => Kernel.Files.List($"/sys/bus/pci/devices/{device}/net").Value[0])];
            foreach (string device in devices)
                _ = Kernel.Files.WriteText($"/sys/bus/pci/devices/{device}/sriov_numvfs", "2").Value;
            Names = [$"{_pfs[0]}v0", $"{_pfs[0]}v1", $"{_pfs[1]}v0"];
            Host = new RawRoute(Kernel);
            foreach (string name in Names)
                Assert.True(Host.SetUp(Host.IndexOf(name)).Succeeded);
        }

        public SimulatedKernel Kernel { get; }

        public RawRoute Host { get; }

        public string[] Names { get; }

        public int PfIndex(int number) => Host.IndexOf(_pfs[number]);

        public byte[] Mac(int vf) => [.. Kernel.Files.ReadText($"/sys/class/net/{Names[vf]}/address").Value
            .Split(':').Select(part => Convert.ToByte(part, 16))];

        public void SetVlans(uint first, uint second, uint third)
        {
            Assert.True(Host.SetVfVlan(PfIndex(0), 0, first, 0, 0x8100).Succeeded);
            Assert.True(Host.SetVfVlan(PfIndex(0), 1, second, 0, 0x8100).Succeeded);
            Assert.True(Host.SetVfVlan(PfIndex(1), 0, third, 0, 0x8100).Succeeded);
        }

        /// <summary>Sends one broadcast and one unicast frame; true when both arrive, false when neither does.</summary>
        public async Task<bool> ReachesAsync(int from, int to, bool forged = false, int tag = 0)
        {
            using IPacketSocket sender = Kernel.OpenPacketSocket(Host.IndexOf(Names[from])).Value;
            using IPacketSocket receiver = Kernel.OpenPacketSocket(Host.IndexOf(Names[to])).Value;
            byte[] source = forged ? [2, 0xbb, 0, 0, 0, 1] : Mac(from);
            byte[] vlan = tag == 0 ? [] : [0x81, 0, (byte)(tag >> 8), (byte)tag];
            byte[] body = [.. vlan, 0x88, 0xb5, .. new byte[46]];
            Assert.True((await sender.SendAsync((byte[])[.. Everyone, .. source, .. body], CancellationToken.None)).Succeeded);
            Assert.True((await sender.SendAsync((byte[])[.. Mac(to), .. source, .. body], CancellationToken.None)).Succeeded);
            bool first = await ArrivesAsync(receiver);
            Assert.Equal(first, await ArrivesAsync(receiver));
            return first;
        }

        private static async Task<bool> ArrivesAsync(IPacketSocket receiver)
        {
            // Frames are delivered before send returns: what is not there now never comes.
            using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(50));
            try
            {
                return (await receiver.ReceiveAsync(new byte[2048], now.Token)).Value > 0;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
