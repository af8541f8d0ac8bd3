using System.Text;
using Vfleet.Linux.Events;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Events;

public sealed class UnitUeventTests
{
    [Fact]
    public void Uevent_of_a_vf_is_read()
    {
        Uevent uevent = Uevent.Parse(Encoding.UTF8.GetBytes(Uevents.Added))!;
        Assert.Equal((UeventAction.Add, "pci", 4242ul), (uevent.Action, uevent.Subsystem, uevent.Sequence));
        Assert.Equal("/devices/pci0000:00/0000:00:03.0/0000:01:10.0", uevent.DevicePath);
        Assert.Equal("0000:01:10.0", uevent["PCI_SLOT_NAME"]);
        Assert.Null(uevent["DRIVER"]);
    }

    [Theory]
    [InlineData("libudev\0\u0001\u0002add@/devices/x\0")]
    [InlineData("add@/devices/x")]
    [InlineData("add@/devices/x\0SEQNUM=1")]
    [InlineData("add@\0")]
    [InlineData("add@relative\0")]
    [InlineData("@/devices/x\0")]
    [InlineData("")]
    public void What_the_kernel_did_not_send_whole_is_rejected(string datagram) => Assert.Null(Uevent.Parse(Encoding.UTF8.GetBytes(datagram)));

    [Fact]
    public async Task Lost_events_are_an_overrun_and_a_fault_ends_the_stream()
    {
        ScriptedSocket socket = new();
        ScriptedKernel kernel = new()
        {
            Netlink = (protocol, groups) =>
            {
                Assert.Equal((NetlinkProtocol.KobjectUevent, 1u), (protocol, Assert.Single(groups)));
                return socket;
            },
        };
        socket.Push(Encoding.UTF8.GetBytes(Uevents.Added));
        socket.Push(Encoding.UTF8.GetBytes("libudev\0"));
        socket.Push(Fault.FromErrno(Errno.ENOBUFS, "receive", "netlink"));
        socket.Push(Fault.FromErrno(Errno.EBADF, "receive", "netlink"));
        using EventStream<Uevent> stream = Expect.Value(KernelEvents.WatchUevents(kernel));
        List<KernelEvent<Uevent>> seen = [];
        await foreach (KernelEvent<Uevent> one in stream)
            seen.Add(one);
        Assert.Equal(3, seen.Count);
        Assert.Equal(UeventAction.Add, seen[0].Value!.Action);
        Assert.True(seen[1].IsOverrun);
        Assert.Equal(Errno.EBADF, seen[2].Fault!.Errno);
    }

    [Fact]
    public async Task Waiting_stream_ends_when_cancelled()
    {
        using EventStream<Uevent> stream = Expect.Value(KernelEvents.WatchUevents(new ScriptedKernel { Netlink = (_, _) => new ScriptedSocket() }));
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (KernelEvent<Uevent> one in stream.WithCancellation(cancel.Token))
                Assert.Fail($"unexpected {one}");
        });
    }
}
