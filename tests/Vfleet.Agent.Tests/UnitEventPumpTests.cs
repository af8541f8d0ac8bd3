using Vfleet.Agent.Log;
using Vfleet.Agent.Loop;
using Vfleet.Linux.Events;
using Vfleet.Linux.Netlink;
using Vfleet.Simulation;

namespace Vfleet.Agent.Tests;

public sealed class UnitEventPumpTests
{
    [Fact]
    public void ADeviceAndItsInterfaceCountAndAContainersVethDoesNot()
    {
        EventPump pump = new(SimulationProfiles.Create("igb").Value, TimeProvider.System, new AgentLog(TextWriter.Null, isJournal: false),
            _ => { });
        LinkEvent veth = new(false, 7, "veth0", 0, 0);
        Assert.Equal("link event", pump.CauseOf(veth));
        Assert.Equal("link event", pump.CauseOf(veth with { ParentDevice = "0000:01:10.0" }));
        Assert.Null(pump.CauseOf(veth));
        Assert.Equal("pci event", EventPump.CauseOf(Uevent("add@/devices/pci0000:00/0000:01:10.0\0SUBSYSTEM=pci\0")));
        Assert.Equal("interface event", EventPump.CauseOf(Uevent("add@/devices/pci0000:00/0000:01:10.0/net/eth1\0SUBSYSTEM=net\0")));
        Assert.Null(EventPump.CauseOf(Uevent("add@/devices/virtual/net/veth0\0SUBSYSTEM=net\0")));
        Assert.Null(EventPump.CauseOf(Uevent("change@/devices/virtual/block/dm-0\0SUBSYSTEM=block\0")));
    }

    [Fact]
    public async Task LostEventsAndAStreamThatWasOpenedAnewCallForAPass()
    {
        ScriptedEvents kernel = new(SimulationProfiles.Create("igb").Value);
        VirtualTime time = new();
        LogLines log = new();
        using CancellationTokenSource end = new();
        List<string> causes = [];
        Task running = new EventPump(kernel, time, new AgentLog(log, isJournal: false), cause =>
        {
            lock (causes)
                causes.Add(cause);
        }).RunAsync(end.Token);
        await Soon.TrueAsync(() =>
        {
            lock (causes)
                return causes.Contains("uevents were lost");
        });
        await log.WithAsync("event stream ended");
        await time.WaitsAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        await Soon.TrueAsync(() =>
        {
            lock (causes)
                return causes.Contains("uevents were not followed");
        });
        await end.CancelAsync();
        await running;
    }

    private static Uevent Uevent(string text) => Vfleet.Linux.Events.Uevent.Parse(System.Text.Encoding.UTF8.GetBytes(text))!;

    /// <summary>A kernel whose first stream of uevents loses some and ends; everything after stands still.</summary>
    private sealed class ScriptedEvents(IKernel below) : ForwardingKernel(below)
    {
        private int _opened;

        public override Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null,
            params ReadOnlySpan<uint> groups)
        {
            if (protocol == NetlinkProtocol.Generic)
                return Fault.Unsupported("no devlink here");
            return Outcome<INetlinkSocket>.Of(new ScriptedSocket(protocol == NetlinkProtocol.KobjectUevent && ++_opened == 1
                ? [Errno.ENOBUFS, Errno.EBADF] : []));
        }
    }

    private sealed class ScriptedSocket(Errno[] answers) : INetlinkSocket
    {
        private int _next;

        public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel) =>
            ValueTask.FromResult<Outcome<Unit>>(Unit.Done);

        public async ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
        {
            if (_next == answers.Length)
                await Task.Delay(Timeout.Infinite, cancel);
            return Fault.FromErrno(answers[_next++], "receive", "netlink");
        }

        public void Dispose()
        {
        }
    }
}
