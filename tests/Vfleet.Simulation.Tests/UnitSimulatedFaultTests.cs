using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Faults;

namespace Vfleet.Simulation.Tests;

public class UnitSimulatedFaultTests
{
    private const string Pf = "/sys/bus/pci/devices/0000:01:00.0";
    private const string Count = $"{Pf}/sriov_numvfs";

    private readonly ManualClock _clock = new();
    private readonly SimulatedKernel _kernel;

    public UnitSimulatedFaultTests() => _kernel = SimulationProfiles.Create("igb", new() { LinksUp = true, Clock = _clock }).Value;

    private FaultSchedule Faults => _kernel.Machine.Faults;

    [Theory]
    [InlineData("busy@0000:01:00.0*1", Errno.EBUSY)]
    [InlineData("msix-exhausted*1", Errno.ENOSPC)]
    [InlineData("out-of-memory*1", Errno.ENOMEM)]
    public void Creating_VFs_fails_as_often_as_it_is_told(string fault, Errno expected)
    {
        Assert.True(Faults.Arm(fault).Succeeded);
        Assert.Equal(expected, Write(Count, "2"));
        Assert.Equal(Errno.None, Write(Count, "2"));
        Assert.Single(Faults.Struck);
    }

    [Fact]
    public void A_fault_waits_for_its_turn_and_its_target()
    {
        Assert.True(Faults.Arm("busy@0000:02:00.0").Succeeded);
        Assert.True(Faults.Arm("busy@0000:01:00.0*1+1").Succeeded);
        Assert.Equal(Errno.None, Write(Count, "1"));
        Assert.Equal(Errno.EBUSY, Write(Count, "0"));
        Assert.Equal(Errno.None, Write(Count, "0"));
    }

    [Fact]
    public void An_unknown_fault_lists_the_known_ones()
    {
        Fault? fault = Faults.Arm("gremlins").Fault;
        Assert.Equal(FaultKind.Usage, fault?.Kind);
        Assert.Contains("slow-probe", fault?.Remedy);
    }

    [Fact]
    public async Task A_slow_probe_waits_on_the_clock_and_the_count_is_unreadable_meanwhile()
    {
        Faults.Arm(new FaultInjection(SimulatedFault.SlowProbe) { Count = 1, Delay = TimeSpan.FromSeconds(9) });
        Task<Errno> creation = Task.Run(() => Write(Count, "2"));
        await WaitFor(() => _clock.Waiting == 1);
        Task<string> read = Task.Run(() => _kernel.Files.ReadText(Count).Value);
        Assert.False(creation.IsCompleted || read.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(Errno.None, await creation);
        Assert.Equal("2", await read);
    }

    [Fact]
    public void A_lost_VF_reads_all_ones_and_its_interface_is_gone()
    {
        Assert.Equal(Errno.None, Write(Count, "2"));
        Faults.Arm(new FaultInjection(SimulatedFault.LostVf) { Target = "0000:01:10.0" });
        byte[] config = new byte[64];
        _ = _kernel.Files.ReadBytes("/sys/bus/pci/devices/0000:01:10.0/config", config).Value;
        Assert.All(config, value => Assert.Equal(0xff, value));
        Assert.False(_kernel.Files.Exists("/sys/class/net/enp1s0f0v0"));
        Assert.True(_kernel.Files.Exists("/sys/class/net/enp1s0f0v1"));
        Assert.Equal(Errno.ENOTTY, Write("/sys/bus/pci/devices/0000:01:10.0/reset", "1"));
    }

    [Fact]
    public void A_missing_driver_cannot_be_loaded()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { Modules = [] }).Value;
        Assert.True(kernel.Machine.Faults.Arm("driver-missing@vfio-pci*1").Succeeded);
        Assert.Equal(Errno.ENOENT, kernel.LoadModule("vfio-pci").Fault?.Errno);
        Assert.False(kernel.Files.Exists("/sys/bus/pci/drivers/vfio-pci"));
        Assert.True(kernel.LoadModule("vfio-pci").Succeeded);
        Assert.True(kernel.Files.Exists("/sys/module/vfio_pci"));
    }

    [Fact]
    public void Resets_fail_and_count()
    {
        Assert.Equal(Errno.None, Write(Count, "1"));
        Assert.True(Faults.Arm("reset-failure@0000:01:10.0*1").Succeeded);
        Assert.Equal(Errno.ENOTTY, Write("/sys/bus/pci/devices/0000:01:10.0/reset", "1"));
        Assert.Equal(Errno.None, Write("/sys/bus/pci/devices/0000:01:10.0/reset", "1"));
        Assert.Equal(1, _kernel.Machine.ResetCount(new PciAddress(0, 0x0180)));
    }

    [Fact]
    public void A_flapping_link_returns_after_the_delay()
    {
        Faults.Arm(new FaultInjection(SimulatedFault.LinkFlap) { Target = "0000:01:00.0", Delay = TimeSpan.FromSeconds(1) });
        Assert.Equal("0", _kernel.Files.ReadText("/sys/class/net/enp1s0f0/carrier").Value);
        Assert.Equal("1", _kernel.Files.ReadText("/sys/class/net/enp2s0f0/carrier").Value);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1", _kernel.Files.ReadText("/sys/class/net/enp1s0f0/carrier").Value);
    }

    [Fact]
    public void An_interrupted_dump_is_asked_again()
    {
        using RawRoute route = new(_kernel);
        Assert.True(Faults.Arm("dump-interrupted*3").Succeeded);
        Assert.Equal(3, route.Dump().Value.Count);
        Assert.Equal(3, Faults.Struck.Count);
    }

    [Fact]
    public void A_cut_reply_is_an_error_and_the_next_one_is_whole()
    {
        Assert.True(Faults.Arm("truncated-reply*1").Succeeded);
        using (RawRoute route = new(_kernel))
            Assert.Equal(Errno.EBADMSG, route.Dump().Fault?.Errno);
        using RawRoute next = new(_kernel);
        Assert.Equal(3, next.Dump().Value.Count);
    }

    [Fact]
    public async Task A_message_that_is_too_long_can_be_dumped()
    {
        Assert.True(Faults.Arm("message-too-long").Succeeded);
        using RouteClient route = RouteClient.Open(_kernel).Value;
        List<LinkInfo> links = (await route.ListLinksAsync()).Value;
        LinkInfo pf = (await route.GetLinkAsync(links.First(link => link.Name == "enp1s0f0").Index, VfDetail.Settings)).Value;
        Assert.Equal("enp1s0f0", pf.Name);
        Assert.NotEmpty(Faults.Struck);
    }

    [Fact]
    public async Task A_file_blocks_until_the_fault_is_cleared_and_another_vanishes()
    {
        Assert.True(Faults.Arm($"blocking-file@{Pf}/vendor").Succeeded);
        Task<string> read = Task.Run(() => _kernel.Files.ReadText($"{Pf}/vendor").Value);
        await WaitFor(() => Faults.Struck.Count == 1);
        Assert.False(read.IsCompleted);
        Faults.Clear(SimulatedFault.BlockingFile);
        Assert.Equal("0x8086", await read);
        Assert.True(Faults.Arm($"vanishing-file@{Pf}/device*1").Succeeded);
        Assert.Contains("device", _kernel.Files.List(Pf).Value);
        Assert.Equal(Errno.ENOENT, _kernel.Files.ReadText($"{Pf}/device").Fault?.Errno);
    }

    [Fact]
    public void A_PF_that_is_unplugged_halfway_takes_its_VFs_along()
    {
        Assert.True(Faults.Arm("unplugged@0000:01:00.0*1+3").Succeeded);
        Assert.Equal(Errno.ENODEV, Write(Count, "7"));
        Assert.False(_kernel.Files.Exists(Pf));
        Assert.Equal(["0000:00:01.0", "0000:00:02.0", "0000:02:00.0"], _kernel.Files.List("/sys/bus/pci/devices").Value);
        Assert.Equal(["enp2s0f0", "lo"], _kernel.Files.List("/sys/class/net").Value);
    }

    private Errno Write(string path, string text) => _kernel.Files.WriteText(path, text).Fault?.Errno ?? Errno.None;

    private static async Task WaitFor(Func<bool> condition)
    {
        for (int turn = 0; turn < 1000 && !condition(); turn++)
            await Task.Delay(5);
        Assert.True(condition());
    }
}
