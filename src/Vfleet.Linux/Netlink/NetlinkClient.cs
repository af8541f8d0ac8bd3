using System.Runtime.InteropServices;

namespace Vfleet.Linux.Netlink;

/// <summary>Turns a message into an object; null where the message is of no interest.</summary>
public delegate T? MessageParser<out T>(in NetlinkMessage message)
    where T : class;

/// <summary>
/// Requests and replies on one netlink socket: numbers, acknowledgements with the kernel's own words, dumps that are asked again
/// when they were interrupted. Not safe for concurrent use.
/// </summary>
public sealed class NetlinkClient : IDisposable
{
    /// <summary>How often an interrupted dump is asked again before it counts as failed.</summary>
    public const int DumpAttempts = 16;

    /// <summary>Requests of a batch that are under way at once: their acknowledgements fit the default receive buffer.</summary>
    public const int BatchSize = 64;

    private readonly INetlinkSocket _socket;
    private readonly NetlinkBuffer _buffer = new();
    private uint _sequence = 1;

    /// <summary>Takes over a socket.</summary>
    public NetlinkClient(INetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket and takes it over.</summary>
    public static Outcome<NetlinkClient> Open(IKernel kernel, NetlinkProtocol protocol, NetworkNamespace? within = null) =>
        kernel.OpenNetlink(protocol, within).Map(socket => new NetlinkClient(socket));

    /// <summary>Sends the request, which may be a batch, and awaits one acknowledgement for each message.</summary>
    /// <returns>The first refusal; the kernel has still carried out the others.</returns>
    public async ValueTask<Outcome<Unit>> ExecuteAsync(NetlinkRequest request, CancellationToken cancel = default)
    {
        Outcome<uint> sent = await SendAsync(request, cancel).ConfigureAwait(false);
        if (!sent.Try(out uint first, out Fault? fault))
            return fault;
        Fault? refusal = null;
        for (int left = request.Count; left > 0;)
        {
            Outcome<Unit> received = await _socket.ReceiveAsync(_buffer, cancel).ConfigureAwait(false);
            if (received.Fault is not null)
                return received.Fault;
            Outcome<int> answered = Acknowledgements(request, first, ref refusal);
            if (!answered.Try(out int count, out fault))
                return fault;
            left -= count;
        }
        return refusal is null ? Unit.Done : refusal;
    }

    /// <summary>Sends one request and parses its one reply.</summary>
    public async ValueTask<Outcome<T>> GetAsync<T>(NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel = default)
        where T : class
    {
        Outcome<uint> sent = await SendAsync(request, cancel).ConfigureAwait(false);
        if (!sent.Try(out uint sequence, out Fault? fault))
            return fault;
        while (true)
        {
            Outcome<Unit> received = await _socket.ReceiveAsync(_buffer, cancel).ConfigureAwait(false);
            if (received.Fault is not null)
                return received.Fault;
            List<T> found = [];
            Reading reading = ReadReplies(request, sequence, parse, found);
            if (reading.Fault is not null)
                return reading.Fault;
            if (found.Count > 0)
                return Outcome<T>.Of(found[0]);
            if (reading.Ended)
                return Fault.FromErrno(Errno.ENODATA, request.Operation, request.Target);
        }
    }

    /// <summary>Asks for every object. A dump that a change interrupted is asked again, here and nowhere else.</summary>
    public async ValueTask<Outcome<List<T>>> DumpAsync<T>(
        NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel = default)
        where T : class
    {
        for (int attempt = 0; attempt < DumpAttempts; attempt++)
        {
            Outcome<List<T>?> once = await DumpOnceAsync(request, parse, cancel).ConfigureAwait(false);
            if (!once.Try(out List<T>? found, out Fault? fault))
                return fault;
            if (found is not null)
                return found;
        }
        return Fault.TimedOut($"{request.Operation}: the kernel interrupted the list {DumpAttempts} times",
            "interfaces are being changed all the time", "try again when the machine is calmer", request.Target);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async ValueTask<Outcome<List<T>?>> DumpOnceAsync<T>(
        NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel)
        where T : class
    {
        Outcome<uint> sent = await SendAsync(request, cancel).ConfigureAwait(false);
        if (!sent.Try(out uint sequence, out Fault? fault))
            return fault;
        List<T> found = [];
        bool interrupted = false;
        while (true)
        {
            Outcome<Unit> received = await _socket.ReceiveAsync(_buffer, cancel).ConfigureAwait(false);
            if (received.Fault is not null)
                return received.Fault;
            Reading reading = ReadReplies(request, sequence, parse, found);
            if (reading.Fault is not null)
                return reading.Fault;
            interrupted |= reading.Interrupted;
            if (reading.Ended)
                return interrupted ? Outcome<List<T>?>.Of(null) : found;
        }
    }

    private async ValueTask<Outcome<uint>> SendAsync(NetlinkRequest request, CancellationToken cancel)
    {
        uint first = _sequence;
        request.Number(first);
        _sequence += (uint)request.Count;
        Outcome<Unit> sent = await _socket.SendAsync(request.Datagram, cancel).ConfigureAwait(false);
        return sent.Fault is null ? first : sent.Fault;
    }

    private Outcome<int> Acknowledgements(NetlinkRequest request, uint first, ref Fault? refusal)
    {
        NetlinkReader reader = new(_buffer.Span);
        int answered = 0;
        while (reader.Read())
        {
            if (reader.Current.Sequence - first >= (uint)request.Count || reader.Current.Type != NetlinkControl.Error)
                continue;
            answered++;
            refusal ??= Acknowledgement.Parse(reader.Current, request);
        }
        return reader.Malformed ? Malformed(request) : answered;
    }

    private Reading ReadReplies<T>(NetlinkRequest request, uint sequence, MessageParser<T> parse, List<T> found)
        where T : class
    {
        NetlinkReader reader = new(_buffer.Span);
        bool interrupted = false;
        bool ended = false;
        while (!ended && reader.Read())
        {
            NetlinkMessage message = reader.Current;
            if (message.Sequence != sequence)
                continue;
            interrupted |= message.Flags.HasFlag(NetlinkFlags.DumpInterrupted);
            if (message.Type is NetlinkControl.Error or NetlinkControl.Done)
            {
                ended = true;
                Fault? fault = Acknowledgement.Parse(message, request);
                if (fault is not null)
                    return new Reading(fault, true, interrupted);
            }
            else if (message.Type > NetlinkControl.Overrun && parse(message) is { } item)
            {
                found.Add(item);
            }
        }
        return new Reading(reader.Malformed ? Malformed(request) : null, ended, interrupted);
    }

    private static Fault Malformed(NetlinkRequest request) =>
        Fault.FromErrno(Errno.EBADMSG, request.Operation, request.Target, "the reply is cut or garbled");

    private readonly record struct Reading(Fault? Fault, bool Ended, bool Interrupted);
}

/// <summary>NLMSG_ERROR and NLMSG_DONE with the extended acknowledgement (NETLINK_EXT_ACK).</summary>
internal static class Acknowledgement
{
    private const int AttributeMessage = 1;

    /// <summary>Null on success, else the refusal with the kernel's words.</summary>
    public static Fault? Parse(in NetlinkMessage message, NetlinkRequest request)
    {
        if (!MemoryMarshal.TryRead(message.Payload, out int error))
            return message.Type == NetlinkControl.Done ? null : Fault.FromErrno(Errno.EBADMSG, request.Operation, request.Target);
        if (error >= 0)
            return null;
        return Fault.FromErrno((Errno)(-(long)error), request.Operation, request.Target, Text(message));
    }

    private static string? Text(in NetlinkMessage message)
    {
        if (!message.Flags.HasFlag(NetlinkFlags.AckAttributes))
            return null;
        int skip = sizeof(int);
        if (message.Type == NetlinkControl.Error)
        {
            // The request's header follows, and without the capped flag its payload too.
            if (!MemoryMarshal.TryRead(message.Payload[sizeof(int)..], out uint requestLength))
                return null;
            skip += message.Flags.HasFlag(NetlinkFlags.Capped)
                ? NetlinkControl.HeaderSize
                : NetlinkControl.Align((int)Math.Min(requestLength, int.MaxValue / 2));
        }
        if (skip > message.Payload.Length)
            return null;
        AttributeReader reader = new(message.Payload[skip..]);
        while (reader.Read())
        {
            if (reader.Type == AttributeMessage)
                return reader.AsText();
        }
        return null;
    }
}
