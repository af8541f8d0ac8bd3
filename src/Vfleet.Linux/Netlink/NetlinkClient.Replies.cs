namespace Vfleet.Linux.Netlink;

/// <content>Reads the datagram that was received last.</content>
public sealed partial class NetlinkClient
{
    private Outcome<int> Acknowledgements(NetlinkRequest request, uint first, int count, ref Fault? refusal)
    {
        NetlinkReader reader = new(_buffer.Span);
        int answered = 0;
        while (reader.Read())
        {
            if (reader.Current.Sequence - first >= (uint)count || reader.Current.Type != NetlinkControl.Error)
                continue;
            answered++;
            refusal ??= Acknowledgement.Parse(reader.Current, request);
        }
        return reader.Malformed ? Malformed(request) : answered;
    }

    private Reading ReadReply<T>(NetlinkRequest request, uint sequence, MessageParser<T> parse, out T? item)
        where T : class
    {
        item = null;
        NetlinkReader reader = new(_buffer.Span);
        while (reader.Read())
        {
            NetlinkMessage message = reader.Current;
            if (message.Sequence != sequence)
                continue;
            if (message.Type is NetlinkControl.Error or NetlinkControl.Done)
                return new Reading(Acknowledgement.Parse(message, request), Ended: true);
            if (message.Type <= NetlinkControl.Overrun)
                continue;
            item = parse(message);
            // A reply outside a list is the only one: waiting for another would wait for ever.
            if (item is not null || !message.Flags.HasFlag(NetlinkFlags.Multi))
                return new Reading(null, Ended: true);
        }
        return new Reading(reader.Malformed ? Malformed(request) : null, Ended: false);
    }

    private Reading ReadReplies<T>(NetlinkRequest request, uint sequence, MessageParser<T> parse, List<T> found)
        where T : class
    {
        NetlinkReader reader = new(_buffer.Span);
        bool interrupted = false;
        bool progress = false;
        while (reader.Read())
        {
            NetlinkMessage message = reader.Current;
            if (message.Sequence != sequence)
                continue;
            progress = true;
            interrupted |= message.Flags.HasFlag(NetlinkFlags.DumpInterrupted);
            if (message.Type is NetlinkControl.Error or NetlinkControl.Done)
                return new Reading(Acknowledgement.Parse(message, request), Ended: true, interrupted, progress);
            if (message.Type > NetlinkControl.Overrun && parse(message) is { } item)
                found.Add(item);
        }
        return new Reading(reader.Malformed ? Malformed(request) : null, Ended: false, interrupted, progress);
    }

    private bool EndsDump(uint sequence)
    {
        NetlinkReader reader = new(_buffer.Span);
        while (reader.Read())
        {
            if (reader.Current.Sequence == sequence && reader.Current.Type is NetlinkControl.Error or NetlinkControl.Done)
                return true;
        }
        return false;
    }

    private static Fault Malformed(NetlinkRequest request) =>
        Fault.FromErrno(Errno.EBADMSG, request.Operation, request.Target, "the reply is cut or garbled");

    private readonly record struct Reading(Fault? Fault, bool Ended, bool Interrupted = false, bool Progress = false);
}
