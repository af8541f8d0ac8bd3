using System.Net;
using System.Net.Sockets;
using Vfleet.Linux.Probes;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Tests;

public sealed class KernelProbeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly string[] Pair =
    [
        "link add name va type veth peer name vb", "link set va up", "link set vb up", "addr add 192.0.2.1/24 dev va",
        "addr add 2001:db8::1/64 dev va nodad",
    ];

    [KernelFact("ip")]
    public async Task ATargetAnswersOverTheInterfaceAndTheKernelStampsIt()
    {
        using TwoSpaces spaces = new();
        foreach (string address in (string[])["192.0.2.2", "2001:db8::2"])
        {
            using IProbeSocket socket = Expect.Value(spaces.Near.Kernel.OpenProbe(
                new ProbeTarget(IPAddress.Parse(address), ProbeProtocol.Icmp, 0), "va", spaces.Near.Namespace));
            for (int i = 0; i < 3; i++)
            {
                ProbeReply reply = Expect.Value(await socket.AskAsync(Patience, CancellationToken.None));
                Assert.InRange(reply.RoundTrip, TimeSpan.FromTicks(1), Patience);
                Assert.True(reply.Overhead > TimeSpan.Zero, $"{address}: the kernel gave no time stamp");
            }
        }
    }

    [KernelFact("ip")]
    public async Task AConnectionAnswersAndOneThatNobodyTakesIsRefused()
    {
        using TwoSpaces spaces = new();
        using Socket listener = RealNetworkNamespace.Run(spaces.Far.Namespace, () => Outcome<Socket>.Of(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))).Value;
        listener.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        Assert.InRange((await AskAsync(spaces, new ProbeTarget(IPAddress.Parse("192.0.2.2"), ProbeProtocol.Tcp, port))).Value.RoundTrip, TimeSpan.FromTicks(1), Patience);
        listener.Dispose();

        Assert.Equal(Errno.ECONNREFUSED, (await AskAsync(spaces, new ProbeTarget(IPAddress.Parse("192.0.2.2"), ProbeProtocol.Tcp, port))).Fault!.Errno);
    }

    [KernelFact("ip")]
    public async Task WhoDoesNotAnswerIsTimedOutAndWithoutAWayItIsUnreachable()
    {
        using TwoSpaces spaces = new();
        ProbeTarget silent = new(IPAddress.Parse("192.0.2.77"), ProbeProtocol.Icmp, 0), away = new(IPAddress.Parse("198.51.100.1"), ProbeProtocol.Icmp, 0);
        using (IProbeSocket socket = Expect.Value(spaces.Near.Kernel.OpenProbe(silent, "va", spaces.Near.Namespace)))
            Assert.Equal(FaultKind.TimedOut, (await socket.AskAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None)).Fault!.Kind);
        Fault noWay = spaces.Near.Kernel.OpenProbe(new ProbeTarget(IPAddress.Parse("2001:db8:7::1"), ProbeProtocol.Icmp, 0), "va", spaces.Near.Namespace).Fault!;
        Assert.Equal(Errno.ENETUNREACH, noWay.Errno);
        Assert.Equal(Errno.ENODEV, spaces.Near.Kernel.OpenProbe(away, "no-such", spaces.Near.Namespace).Fault!.Errno);
    }

    private static async Task<Outcome<ProbeReply>> AskAsync(TwoSpaces spaces, ProbeTarget target)
    {
        using IProbeSocket socket = Expect.Value(spaces.Near.Kernel.OpenProbe(target, "va", spaces.Near.Namespace));
        return await socket.AskAsync(Patience, CancellationToken.None);
    }

    /// <summary>Two namespaces with a cable between them.</summary>
    private sealed class TwoSpaces : IDisposable
    {
        public TwoSpaces()
        {
            Near = new KernelNamespace(Pair);
            Far = new KernelNamespace();
            Near.Ip($"link set vb netns {Far.Name}");
            Far.Ip("link set vb up", "addr add 192.0.2.2/24 dev vb", "addr add 2001:db8::2/64 dev vb nodad");
        }

        public KernelNamespace Near { get; }

        public KernelNamespace Far { get; }

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }
    }
}
