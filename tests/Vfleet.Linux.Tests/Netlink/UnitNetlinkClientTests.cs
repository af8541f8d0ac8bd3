using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Netlink;

public sealed class UnitNetlinkClientTests
{
    [Fact]
    public async Task Refusal_carries_the_kernels_words_whether_the_request_is_echoed_or_not()
    {
        foreach (bool echoed in new[] { false, true })
        {
            using NetlinkClient client = new(new ScriptedSocket((socket, sent) => socket.Reply(Datagram.Error(
                sent[0].Sequence, Errno.EINVAL, "VLAN 4095 is out of range", echoed ? Datagram.Message(1, 1, new byte[37]) : null))));
            Fault fault = Expect.Fault(await client.ExecuteAsync(Request()));
            Assert.Equal(Errno.EINVAL, fault.Errno);
            Assert.Equal("VLAN 4095 is out of range", fault.Cause);
            Assert.Equal("do something", fault.Operation);
        }
    }

    [Fact]
    public async Task Change_always_asks_for_its_acknowledgement()
    {
        ScriptedSocket socket = new((socket, sent) => socket.Reply(Datagram.Ack(sent[0].Sequence)));
        using NetlinkClient client = new(socket);
        Expect.Done(await client.ExecuteAsync(Request()));
        Assert.True(socket.Requests[0][0].Flags.HasFlag(NetlinkFlags.Ack));
    }

    [Fact]
    public async Task Replies_to_others_are_skipped()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
        {
            uint mine = sent[0].Sequence;
            socket.Reply(Datagram.Text(0, "notification"), Datagram.Error(mine + 1000, Errno.EPERM), Datagram.Text(mine - 1, "late"));
            socket.Reply(Datagram.Text(mine, "mine"));
        }));
        Assert.Equal("mine", Expect.Value(await client.GetAsync(Request(), Datagram.Words)));
    }

    [Fact]
    public async Task Batch_is_done_when_every_message_is_acknowledged()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
        {
            // Two in one datagram, one by itself, out of order.
            socket.Reply(Datagram.Ack(sent[2].Sequence), Datagram.Ack(sent[0].Sequence));
            socket.Reply(Datagram.Ack(sent[1].Sequence));
        }));
        Expect.Done(await client.ExecuteAsync(Request(messages: 3)));
    }

    [Fact]
    public async Task Large_batch_goes_in_slices_and_the_first_refusal_is_told()
    {
        int seen = 0;
        ScriptedSocket socket = new((socket, sent) =>
        {
            foreach (Sent message in sent)
                socket.Reply(Datagram.Error(message.Sequence, seen++ is 70 or 80 ? Errno.EBUSY : Errno.None, $"message {seen - 1}"));
        });
        using NetlinkClient client = new(socket);
        Assert.Equal("message 70", Expect.Fault(await client.ExecuteAsync(Request(messages: 150))).Cause);
        Assert.Equal([64, 64, 22], socket.Requests.Select(datagram => datagram.Count));
        Assert.Equal(150, socket.Requests.SelectMany(datagram => datagram).Select(message => message.Sequence).Distinct().Count());
    }

    [Fact]
    public async Task List_comes_in_any_number_of_parts()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
        {
            uint mine = sent[0].Sequence;
            socket.Reply(Datagram.Text(mine, "a", NetlinkFlags.Multi), Datagram.Text(mine, "b", NetlinkFlags.Multi));
            socket.Reply(Datagram.Text(mine, "c", NetlinkFlags.Multi));
            socket.Reply(Datagram.Done(mine));
        }));
        Assert.Equal(["a", "b", "c"], Expect.Value(await client.DumpAsync(Request(), Datagram.Words)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interrupted_list_is_asked_again_and_only_the_whole_one_is_told(bool markedAtTheEnd)
    {
        int asked = 0;
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
        {
            uint mine = sent[0].Sequence;
            NetlinkFlags mark = asked++ < 2 ? NetlinkFlags.DumpInterrupted : NetlinkFlags.None;
            socket.Reply(Datagram.Text(mine, $"{asked}", NetlinkFlags.Multi | (markedAtTheEnd ? 0 : mark)));
            socket.Reply(Datagram.Done(mine, flags: NetlinkFlags.Multi | (markedAtTheEnd ? mark : 0)));
        }));
        Assert.Equal(["3"], Expect.Value(await client.DumpAsync(Request(), Datagram.Words)));
    }

    [Fact]
    public async Task List_that_is_always_interrupted_times_out()
    {
        ScriptedSocket socket = new((socket, sent) => socket.Reply(Datagram.Done(sent[0].Sequence, flags: NetlinkFlags.DumpInterrupted)));
        using NetlinkClient client = new(socket);
        Assert.Equal(FaultKind.TimedOut, Expect.Fault(await client.DumpAsync(Request(), Datagram.Words)).Kind);
        Assert.Equal(NetlinkClient.DumpAttempts, socket.Requests.Count);
    }

    [Fact]
    public async Task List_that_ends_with_an_error_is_a_fault()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) => socket.Reply(
            Datagram.Text(sent[0].Sequence, "a", NetlinkFlags.Multi), Datagram.Done(sent[0].Sequence, Errno.EMSGSIZE))));
        Assert.Equal(Errno.EMSGSIZE, Expect.Fault(await client.DumpAsync(Request(), Datagram.Words)).Errno);
    }

    [Fact]
    public async Task Single_reply_of_no_interest_is_no_data_and_does_not_wait()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
            socket.Reply(Datagram.Message(99, sent[0].Sequence, [1, 2, 3, 4]))));
        Assert.Equal(Errno.ENODATA, Expect.Fault(await client.GetAsync(Request(), Datagram.Words)).Errno);
    }

    [Fact]
    public async Task Cut_reply_is_a_fault()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
            socket.Push(Datagram.Text(sent[0].Sequence + 9, "abcd")[..^2])));
        Assert.Equal(Errno.EBADMSG, Expect.Fault(await client.GetAsync(Request(), Datagram.Words)).Errno);
        Assert.Equal(Errno.EBADMSG, Expect.Fault(await client.ExecuteAsync(Request())).Errno);
    }

    [Fact]
    public async Task Dropped_messages_are_a_transient_fault()
    {
        using NetlinkClient client = new(new ScriptedSocket((socket, _) =>
            socket.Push(Fault.FromErrno(Errno.ENOBUFS, "receive", "netlink"))));
        Assert.True(Expect.Fault(await client.ExecuteAsync(Request())).IsTransient);
    }

    internal static NetlinkRequest Request(int messages = 1)
    {
        NetlinkRequest request = new() { Operation = "do something", Target = "eth0" };
        for (int i = 0; i < messages; i++)
            request.Begin(Datagram.SomeType, NetlinkFlags.None).Struct(i);
        return request;
    }
}
