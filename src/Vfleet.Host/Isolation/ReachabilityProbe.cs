using Vfleet.Host.Isolation.Frames;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>Asks for the peer's address by ARP broadcast, then sends it echo requests, as <c>arping</c> and <c>ping</c> do.</summary>
public static class ReachabilityProbe
{
    private const int ArpTries = 3;

    /// <summary>
    /// Measures. Where nobody answers ARP the echoes are sent all the same, to the peer's real MAC: isolation that rests on a missing
    /// broadcast alone is none.
    /// </summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The peer: its kernel answers.</param>
    /// <param name="count">Echo requests, 1 or more.</param>
    /// <param name="options">Deadline per packet.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<Outcome<Reachability>> RunAsync(
        IKernel kernel, ProbeEnd from, ProbeEnd to, int count = 5, ProbeOptions? options = null, CancellationToken cancel = default)
    {
        if (count is < 1 or >= ushort.MaxValue)
            return Fault.Usage($"{count} echo requests: 1 to {ushort.MaxValue - 1} can be sent");
        options ??= new ProbeOptions();
        Outcome<ProbeStation> receiving = await ProbeStation.OpenAsync(kernel, to, options.Time, cancel).ConfigureAwait(false);
        if (!receiving.Try(out ProbeStation? peer, out Fault? fault))
            return fault;
        // The peer's own kernel answers; its socket only told the address.
        peer.Dispose();
        Outcome<ProbeStation> sending = await ProbeStation.OpenAsync(kernel, from, options.Time, cancel).ConfigureAwait(false);
        if (!sending.Try(out ProbeStation? own, out fault))
            return fault;
        using (own)
        {
            Outcome<MacAddress?> resolved = await ResolveAsync(own, peer.Ip, options, cancel).ConfigureAwait(false);
            if (!resolved.Try(out MacAddress? answered, out fault))
                return fault;
            return answered is { } mac
                ? await PingAsync(own, peer.Ip, mac, count, options, cancel).ConfigureAwait(false)
                : await PingBlindlyAsync(own, peer.Ip, peer.Mac, count, options, cancel).ConfigureAwait(false);
        }
    }

    private static async Task<Outcome<MacAddress?>> ResolveAsync(ProbeStation own, uint peerIp, ProbeOptions options, CancellationToken cancel)
    {
        MacAddress? answer = null;
        bool IsAnswer(ReadOnlySpan<byte> frame)
        {
            if (!EthernetFrame.TryRead(frame, out EthernetHeader header, out ReadOnlySpan<byte> payload) || header.Type != EtherType.Arp
                || !ArpPacket.TryRead(payload, out ArpPacket arp)
                || arp is not { Operation: ArpPacket.Reply } || arp.SenderIp != peerIp || arp.TargetIp != own.Ip)
                return false;
            answer = arp.SenderMac;
            return true;
        }
        for (int attempt = 0; attempt < ArpTries && answer is null; attempt++)
        {
            Outcome<Unit> sent = await own.SendAsync(frame => ArpPacket.WriteRequest(frame, own.Mac, own.Ip, peerIp), cancel).ConfigureAwait(false);
            if (sent.Fault is not null)
                return sent.Fault;
            Outcome<bool> waited = await own.WaitAsync(IsAnswer, options.Deadline, cancel).ConfigureAwait(false);
            if (waited.Fault is not null)
                return waited.Fault;
        }
        return answer;
    }

    private static async Task<Outcome<Reachability>> PingAsync(
        ProbeStation own, uint peerIp, MacAddress peerMac, int count, ProbeOptions options, CancellationToken cancel)
    {
        List<TimeSpan> trips = [];
        EchoPacket echo = new(own.Ip, peerIp, false, (ushort)options.NextRun(), 0);
        // Number 0 is not counted: it pays for the peer's own ARP question and for code that runs the first time.
        for (int i = 0; i <= count; i++)
        {
            EchoPacket request = echo with { Sequence = (ushort)i };
            TimeSpan trip = default;
            long started = options.Time.GetTimestamp();
            bool IsAnswer(ReadOnlySpan<byte> frame)
            {
                trip = options.Time.GetElapsedTime(started);
                return SequenceOf(frame, echo) == request.Sequence;
            }
            Outcome<Unit> sent = await own.SendAsync(frame => request.Write(frame, own.Mac, peerMac), cancel).ConfigureAwait(false);
            if (sent.Fault is not null)
                return sent.Fault;
            Outcome<bool> answered = await own.WaitAsync(IsAnswer, options.Deadline, cancel).ConfigureAwait(false);
            if (answered.Fault is not null)
                return answered.Fault;
            if (answered.Value && i > 0)
                trips.Add(trip);
        }
        return Reachability.Of(count, trips, peerMac);
    }

    private static async Task<Outcome<Reachability>> PingBlindlyAsync(
        ProbeStation own, uint peerIp, MacAddress peerMac, int count, ProbeOptions options, CancellationToken cancel)
    {
        Dictionary<ushort, TimeSpan> trips = [];
        EchoPacket echo = new(own.Ip, peerIp, false, (ushort)options.NextRun(), 0);
        long started = options.Time.GetTimestamp();
        for (int i = 1; i <= count; i++)
        {
            EchoPacket request = echo with { Sequence = (ushort)i };
            Outcome<Unit> sent = await own.SendAsync(frame => request.Write(frame, own.Mac, peerMac), cancel).ConfigureAwait(false);
            if (sent.Fault is not null)
                return sent.Fault;
        }
        bool Take(ReadOnlySpan<byte> frame)
        {
            if (SequenceOf(frame, echo) is { } sequence)
                trips.TryAdd(sequence, options.Time.GetElapsedTime(started));
            return trips.Count == count;
        }
        Outcome<bool> waited = await own.WaitAsync(Take, options.Deadline, cancel).ConfigureAwait(false);
        return waited.Fault is not null ? waited.Fault : Reachability.Of(count, [.. trips.Values], null);
    }

    /// <summary>The sequence number where the frame answers this ping, else null.</summary>
    private static ushort? SequenceOf(ReadOnlySpan<byte> frame, EchoPacket asked) =>
        EthernetFrame.TryRead(frame, out EthernetHeader header, out ReadOnlySpan<byte> payload) && header.Type == EtherType.Ipv4
        && EchoPacket.TryRead(payload, out EchoPacket echo)
        && echo.IsReply && echo.Source == asked.Destination && echo.Destination == asked.Source && echo.Identifier == asked.Identifier
            ? echo.Sequence
            : null;
}
