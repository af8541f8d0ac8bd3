using System.Diagnostics;
using System.Reflection;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Netlink;

public sealed class UnitNetlinkDeadlineTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Reply_that_never_comes_times_out_and_the_client_stays_usable()
    {
        bool answers = false;
        uint last = 0;
        using NetlinkClient client = new(new ScriptedSocket((socket, sent) =>
        {
            if (answers)
                socket.Reply(Datagram.Text(last, "stale"), Datagram.Text(sent[0].Sequence, "fresh"));
            last = sent[0].Sequence;
        }), _time);
        Task<Outcome<string>> asked = client.GetAsync(UnitNetlinkClientTests.Request(), Datagram.Words).AsTask();
        _time.Advance(NetlinkClient.DefaultReplyDeadline - TimeSpan.FromTicks(1));
        Assert.False(asked.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        Fault fault = Expect.Fault(await asked);
        Assert.Equal(FaultKind.TimedOut, fault.Kind);
        Assert.Contains("30 s", fault.Error, StringComparison.Ordinal);

        answers = true;
        Assert.Equal("fresh", Expect.Value(await client.GetAsync(UnitNetlinkClientTests.Request(), Datagram.Words)));
    }

    [Fact]
    public async Task Long_list_lives_as_long_as_its_parts_come_in_time()
    {
        ScriptedSocket socket = new();
        using NetlinkClient client = new(socket, _time);
        int parsed = 0;
        Task<Outcome<List<string>>> asked = client.DumpAsync(UnitNetlinkClientTests.Request(), (in NetlinkMessage message) =>
        {
            Interlocked.Increment(ref parsed);
            return Datagram.Words(message);
        }).AsTask();
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            socket.Reply(Datagram.Text(1, "part", NetlinkFlags.Multi));
            while (Volatile.Read(ref parsed) <= i && !asked.IsCompleted)
                await Task.Delay(1);
        }
        socket.Reply(Datagram.Done(1));
        Assert.Equal(5, Expect.Value(await asked).Count);
    }

    [Fact]
    public async Task Chatter_of_others_does_not_extend_the_deadline()
    {
        ScriptedSocket socket = new();
        using NetlinkClient client = new(socket, _time);
        Task<Outcome<Unit>> asked = client.ExecuteAsync(UnitNetlinkClientTests.Request()).AsTask();
        for (int i = 0; i < 4 && !asked.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            socket.Reply(Datagram.Text(777, "other"));
            await Task.Delay(20);
        }
        Assert.Equal(FaultKind.TimedOut, Expect.Fault(await asked.WaitAsync(TimeSpan.FromSeconds(10))).Kind);
    }

    [Fact]
    public async Task Cancelled_call_leaves_the_client_usable()
    {
        ScriptedSocket socket = new((socket, sent) =>
        {
            if (sent[0].Sequence > 1)
                socket.Reply(Datagram.Error(1, Errno.EPERM), Datagram.Ack(sent[0].Sequence));
        });
        using NetlinkClient client = new(socket);
        using CancellationTokenSource cancel = new();
        Task<Outcome<Unit>> asked = client.ExecuteAsync(UnitNetlinkClientTests.Request(), cancel.Token).AsTask();
        await cancel.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(cancel.Token, e.CancellationToken);
        Expect.Done(await client.ExecuteAsync(UnitNetlinkClientTests.Request()));
    }

    [Fact]
    public async Task List_given_up_half_way_is_read_to_its_end_before_the_next_request()
    {
        using CancellationTokenSource cancel = new();
        List<string> order = [];
        ScriptedSocket socket = new((socket, sent) =>
        {
            order.Add($"sent {sent[0].Sequence}");
            if (sent[0].Sequence == 1)
                socket.Reply(Datagram.Text(1, "part", NetlinkFlags.Multi));
            else
                socket.Reply(Datagram.Done(sent[0].Sequence));
        });
        using NetlinkClient client = new(socket);
        Task<Outcome<List<string>>> asked = client.DumpAsync(UnitNetlinkClientTests.Request(), Datagram.Words, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        Task<Outcome<List<string>>> next = client.DumpAsync(UnitNetlinkClientTests.Request(), Datagram.Words).AsTask();
        Assert.Equal(["sent 1"], order);
        socket.Reply(Datagram.Text(1, "rest", NetlinkFlags.Multi), Datagram.Done(1));
        Assert.Empty(Expect.Value(await next));
        Assert.Equal(["sent 1", "sent 2"], order);
    }

    [Fact]
    public async Task Call_on_a_socket_that_answers_at_once_allocates_nothing()
    {
        using NetlinkClient client = new(new EchoSocket());
        NetlinkRequest request = UnitNetlinkClientTests.Request();
        using CancellationTokenSource cancel = new();
        long before = 0;
        for (int i = 0; i < 500; i++)
        {
            if (i == 400)
                before = GC.GetAllocatedBytesForCurrentThread();
            // Completes at once, so the thread stays the same and its count means something.
            Outcome<Unit> done = await client.ExecuteAsync(request, cancel.Token);
            Assert.True(done.Succeeded);
        }
        // Without optimization the compiler makes every async method's state an object.
        bool optimized = typeof(NetlinkClient).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, optimized ? 1_000 : 60_000);
    }

    /// <summary>Acknowledges every message at once, without allocating.</summary>
    private sealed class EchoSocket : INetlinkSocket
    {
        private readonly byte[] _ack = Datagram.Ack(0);

        public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            datagram.Span.Slice(8, 4).CopyTo(_ack.AsSpan(8));
            return new(Unit.Done);
        }

        public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
        {
            _ack.CopyTo(buffer.Reset(_ack.Length));
            return new(Unit.Done);
        }

        public void Dispose()
        {
        }
    }
}
