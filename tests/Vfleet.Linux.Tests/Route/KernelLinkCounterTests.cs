using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Route;

public sealed class KernelLinkCounterTests
{
    private static readonly string[] Pair =
        ["link add name va type veth peer name vb", "link set va up addrgenmode none", "link set vb up addrgenmode none"];

    [KernelFact("ip")]
    public async Task EachLossOfCarrierIsCounted()
    {
        using KernelNamespace made = new(Pair);
        using RouteClient route = Expect.Value(RouteClient.Open(made.Kernel, made.Namespace));
        LinkInfo before = Expect.Value(await route.GetLinkAsync("va"));
        Assert.True(before.HasCarrier);
        made.Ip("link set vb down", "link set vb up", "link set vb down");
        LinkInfo after = Expect.Value(await route.GetLinkAsync("va"));
        Assert.False(after.HasCarrier);
        Assert.Equal(before.CarrierLosses + 2, after.CarrierLosses);
    }

    [KernelFact("ip")]
    public async Task EachFrameAndByteIsCountedWhereItWent()
    {
        const int Frames = 3, Length = 100;
        using KernelNamespace made = new(Pair);
        using RouteClient route = Expect.Value(RouteClient.Open(made.Kernel, made.Namespace));
        LinkInfo sender = Expect.Value(await route.GetLinkAsync("va")), receiver = Expect.Value(await route.GetLinkAsync("vb"));
        using (IPacketSocket socket = Expect.Value(made.Kernel.OpenPacketSocket(sender.Index, made.Namespace)))
        {
            for (int i = 0; i < Frames; i++)
                Expect.Done(await socket.SendAsync(new byte[Length], CancellationToken.None));
        }
        LinkStatistics sent = Expect.Value(await route.GetLinkAsync("va")).Statistics!;
        LinkStatistics received = Expect.Value(await route.GetLinkAsync("vb")).Statistics!;
        LinkStatistics before = sender.Statistics!, there = receiver.Statistics!;
        Assert.Equal(before with { TxPackets = before.TxPackets + Frames, TxBytes = before.TxBytes + (Frames * Length) }, sent);
        Assert.Equal((there.RxPackets + Frames, there.RxBytes + (Frames * Length)), (received.RxPackets, received.RxBytes));
    }
}
