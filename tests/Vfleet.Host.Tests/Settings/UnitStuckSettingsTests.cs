using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Settings;

/// <summary>A request that the kernel takes too late: carried out all the same, over a connection that is of no use any more.</summary>
public sealed class UnitStuckSettingsTests
{
    private static readonly VfSettings Wanted = new() { Vlan = 100, SpoofCheck = false, Trust = true, MaxTxRateMbps = 50 };

    [Fact]
    public async Task WhicheverRequestIsStuckTheVfIsPutBackOverAnotherConnection()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice", vfs: 1);
        string[] before = await machine.DescribeAsync();
        for (int at = 1; ; at++)
        {
            StuckKernel kernel = new(machine.Simulated, at);
            Outcome<VfInfo> set = await SetAsync(machine, kernel);
            if (set.Succeeded)
            {
                Assert.True(at > 4, $"{at} requests for four settings");
                return;
            }
            Assert.Equal(FaultKind.TimedOut, set.Fault!.Kind);
            string[] after = await machine.DescribeAsync();
            Assert.True(before.SequenceEqual(after), $"after request {at}");
        }
    }

    [Fact]
    public async Task WhatCannotBePutBackAfterAStuckRequestIsTold()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice", vfs: 1);
        StuckKernel kernel = new(machine.Simulated, 1) { IsForGood = true };
        Outcome<VfInfo> set = await SetAsync(machine, kernel);
        Assert.Contains("putting the VF back failed too", set.Fault!.Cause, StringComparison.Ordinal);
    }

    private static Task<Outcome<VfInfo>> SetAsync(HostMachine machine, StuckKernel kernel) =>
        new SriovHost(kernel, machine.Options).SetAsync(machine.Vf(0), Wanted, force: false, dryRun: false);

    /// <summary>A kernel on which the n-th change of a link is taken too late.</summary>
    private sealed class StuckKernel(IKernel below, int at) : ForwardingKernel(below)
    {
        private int _changes;

        public bool IsForGood { get; init; }

        private bool IsStuckNow() => ++_changes == at || (IsForGood && _changes > at);

        public override Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
            Below.OpenNetlink(protocol, within, groups).Map(socket => (INetlinkSocket)new Socket(this, socket));

        private sealed class Socket(StuckKernel kernel, INetlinkSocket socket) : INetlinkSocket
        {
            private bool _isStuck;

            public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
            {
                if (_isStuck)
                    return Fault.TimedOut("not sent");
                _isStuck = IsChange(datagram) && kernel.IsStuckNow();
                Outcome<Unit> sent = await socket.SendAsync(datagram, cancel);
                return _isStuck ? Fault.TimedOut("the kernel did not answer") : sent;
            }

            public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) => socket.ReceiveAsync(buffer, cancel);

            public void Dispose() => socket.Dispose();

            private static bool IsChange(ReadOnlyMemory<byte> datagram)
            {
                NetlinkReader reader = new(datagram.Span);
                return reader.Read() && reader.Current.Type == RouteMessage.SetLink;
            }
        }
    }
}
