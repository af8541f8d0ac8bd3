using Vfleet.Linux.Generic;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Generic;

/// <summary>A scripted kernel with one family of generic netlink, which answers each command with what a test hands it.</summary>
internal sealed class GenericKernel(string family)
{
    private readonly Dictionary<byte, Func<Sent, byte[][]>> _answers = [];

    /// <summary>Requests to the family, without the controller's.</summary>
    public List<Sent> Requests { get; } = [];

    /// <summary>Requests to the controller.</summary>
    public int Lookups { get; private set; }

    /// <summary>The socket that has joined a group, once there is one.</summary>
    public ScriptedSocket? Listener { get; private set; }

    public Func<string, byte[], Outcome<byte[]>>? Ethtool { get; init; }

    public IKernel Kernel => new ScriptedKernel
    {
        Netlink = (_, groups) => groups.Length == 0 ? new ScriptedSocket(Answer) : Listener = new ScriptedSocket(),
        Ethtool = Ethtool,
    };

    /// <summary>Messages in reply to a command; their sequence numbers are put right.</summary>
    public GenericKernel On(byte command, params byte[][] messages) => On(command, _ => messages);

    public GenericKernel On(byte command, Func<Sent, byte[][]> answer)
    {
        _answers[command] = answer;
        return this;
    }

    private void Answer(ScriptedSocket socket, IReadOnlyList<Sent> messages)
    {
        Sent sent = Assert.Single(messages);
        if (sent.Type == GenericClient.ControllerId)
        {
            Lookups++;
            bool known = System.Text.Encoding.ASCII.GetString(sent.Payload).Contains(family, StringComparison.Ordinal);
            socket.Reply(known ? Numbered(GenericTemplates.Family(family, "config", 5), sent) : Datagram.Error(sent.Sequence, Errno.ENOENT));
            return;
        }
        Requests.Add(sent);
        byte command = sent.Payload[0];
        if (!_answers.TryGetValue(command, out Func<Sent, byte[][]>? answer))
        {
            socket.Reply(Datagram.Ack(sent.Sequence));
            return;
        }
        foreach (byte[] reply in answer(sent))
            socket.Reply(Numbered(reply, sent));
        if (sent.Flags.HasFlag(NetlinkFlags.Dump))
            socket.Reply(Datagram.Done(sent.Sequence));
    }

    private static byte[] Numbered(byte[] message, Sent sent)
    {
        BitConverter.TryWriteBytes(message.AsSpan(8), sent.Sequence);
        return message;
    }

    /// <summary>The attributes of a request by number, nested ones as bytes.</summary>
    public static Dictionary<int, byte[]> Attributes(Sent sent)
    {
        Dictionary<int, byte[]> found = [];
        AttributeReader reader = new(sent.Payload.AsSpan(GenericMessage.HeaderSize));
        while (reader.Read())
            found[reader.Type] = reader.Value.ToArray();
        Assert.False(reader.Malformed);
        return found;
    }
}
