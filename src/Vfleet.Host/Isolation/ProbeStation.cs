using System.Buffers.Binary;
using System.Net.Sockets;
using Vfleet.Host.Isolation.Frames;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>Says whether a received frame is the one that is waited for.</summary>
internal delegate bool FrameMatch(ReadOnlySpan<byte> frame);

/// <summary>An end with its packet socket open: sends frames and waits for frames, each wait with a deadline.</summary>
internal sealed class ProbeStation : IDisposable
{
    private const int LargestFrame = 9216;
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);
    private readonly IPacketSocket _socket;
    private readonly TimeProvider _time;
    private readonly byte[] _received = new byte[LargestFrame];
    private readonly byte[] _sent = new byte[EthernetFrame.Room];

    private ProbeStation(IPacketSocket socket, LinkInfo link, uint ip, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        Mac = link.Mac ?? MacAddress.Zero;
        Ip = ip;
    }

    /// <summary>Builds a frame and returns its length.</summary>
    public delegate int FrameWriter(Span<byte> frame);

    /// <summary>MAC of the interface.</summary>
    public MacAddress Mac { get; }

    /// <summary>IPv4 address as a number.</summary>
    public uint Ip { get; }

    public static async Task<Outcome<ProbeStation>> OpenAsync(IKernel kernel, ProbeEnd end, TimeProvider time, CancellationToken cancel)
    {
        if (end.Ip.AddressFamily != AddressFamily.InterNetwork)
            return Fault.Usage($"{end.Ip} is no IPv4 address", "probes speak ARP and IPv4", end.InterfaceName);
        Outcome<LinkInfo> read = await ReadLinkAsync(kernel, end, cancel).ConfigureAwait(false);
        if (!read.Try(out LinkInfo? link, out Fault? fault) || !kernel.OpenPacketSocket(link.Index, end.Within).Try(out IPacketSocket? socket, out fault))
            return fault;
        return new ProbeStation(socket, link, BinaryPrimitives.ReadUInt32BigEndian(end.Ip.GetAddressBytes()), time);
    }

    /// <summary>The end's interface as it is now.</summary>
    public static async ValueTask<Outcome<LinkInfo>> ReadLinkAsync(IKernel kernel, ProbeEnd end, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel, end.Within).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
            return await route.GetLinkAsync(end.InterfaceName, cancel: cancel).ConfigureAwait(false);
    }

    public ValueTask<Outcome<Unit>> SendAsync(FrameWriter write, CancellationToken cancel)
    {
        int length = write(_sent);
        return _socket.SendAsync(_sent.AsMemory(0, length), cancel);
    }

    /// <summary>Waits for a frame.</summary>
    /// <returns>False when the deadline passed before it came.</returns>
    public async ValueTask<Outcome<bool>> WaitAsync(FrameMatch match, TimeSpan deadline, CancellationToken cancel)
    {
        using CancellationTokenSource passed = new(deadline, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(passed.Token, cancel);
        try
        {
            while (true)
            {
                Outcome<int> received = await _socket.ReceiveAsync(_received, either.Token).ConfigureAwait(false);
                if (!received.Try(out int length, out Fault? fault))
                    return fault;
                if (match(_received.AsSpan(0, length)))
                    return true;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The deadline passed: nothing came, which is an answer.
            return false;
        }
    }

    /// <summary>Gathers the numbers of a run's test frames until the deadline, or a moment after the one that was sent last.</summary>
    public async Task<Outcome<HashSet<ushort>>> GatherAsync(uint run, ushort last, TimeSpan deadline, CancellationToken cancel)
    {
        HashSet<ushort> numbers = [];
        bool Take(ReadOnlySpan<byte> frame)
        {
            if (TestFrame.TryRead(frame, out _, out TestFrame test) && test.Run == run)
                numbers.Add(test.Number);
            return numbers.Contains(last);
        }
        Outcome<bool> complete = await WaitAsync(Take, deadline, cancel).ConfigureAwait(false);
        if (complete.Fault is not null)
            return complete.Fault;
        // Frames keep their order within a NIC but need not across its queues.
        Outcome<bool> late = complete.Value
            ? await WaitAsync(frame => { _ = Take(frame); return false; }, Grace, cancel).ConfigureAwait(false)
            : complete;
        return late.Fault is not null ? late.Fault : numbers;
    }

    public void Dispose() => _socket.Dispose();
}
