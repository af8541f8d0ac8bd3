using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>A request as the kernel saw it.</summary>
internal sealed record Sent(ushort Type, NetlinkFlags Flags, uint Sequence, byte[] Payload);

/// <summary>A socket whose other end is a script: it answers each datagram, and is silent where there is nothing left to say.</summary>
internal sealed class ScriptedSocket(Action<ScriptedSocket, IReadOnlyList<Sent>>? answer = null) : INetlinkSocket
{
    private readonly Queue<Outcome<byte[]>> _waiting = new();
    private TaskCompletionSource _arrived = New();

    /// <summary>Everything that was sent, a list for each datagram.</summary>
    public List<IReadOnlyList<Sent>> Requests { get; } = [];

    public bool IsDisposed { get; private set; }

    public void Reply(params byte[][] messages) => Push(Datagram.Join(messages));

    public void Push(Outcome<byte[]> datagram)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(datagram);
            _arrived.TrySetResult();
        }
    }

    public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
    {
        List<Sent> messages = Split(datagram.Span);
        Requests.Add(messages);
        answer?.Invoke(this, messages);
        return new(Unit.Done);
    }

    public async ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
    {
        while (true)
        {
            Task arrived;
            lock (_waiting)
            {
                if (_waiting.TryDequeue(out Outcome<byte[]> next))
                {
                    if (next.Fault is not null)
                        return next.Fault;
                    next.Value.CopyTo(buffer.Reset(next.Value.Length));
                    return Unit.Done;
                }
                if (_arrived.Task.IsCompleted)
                    _arrived = New();
                arrived = _arrived.Task;
            }
            await arrived.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    public void Dispose() => IsDisposed = true;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static List<Sent> Split(ReadOnlySpan<byte> datagram)
    {
        List<Sent> found = [];
        NetlinkReader reader = new(datagram);
        while (reader.Read())
        {
            NetlinkMessage message = reader.Current;
            found.Add(new Sent(message.Type, message.Flags, message.Sequence, message.Payload.ToArray()));
        }
        Assert.False(reader.Malformed, "the request itself is malformed");
        return found;
    }
}
