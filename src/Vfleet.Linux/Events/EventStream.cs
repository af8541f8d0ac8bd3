using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Events;

/// <summary>Reads the events of one datagram; what is no event is left out.</summary>
public delegate void EventParser<T>(ReadOnlySpan<byte> datagram, List<T> found)
    where T : class;

/// <summary>
/// Events from the kernel, from the moment the stream was opened: open it, read the state, then follow the events, and nothing is
/// missed in between. For one reader at a time; a reader that stops may lose what came in the same datagram.
/// </summary>
/// <typeparam name="T">The event's type.</typeparam>
/// <param name="socket">A socket that has joined the group; disposed with the stream.</param>
/// <param name="parse">Reads a datagram.</param>
public sealed class EventStream<T>(INetlinkSocket socket, EventParser<T> parse) : IAsyncEnumerable<KernelEvent<T>>, IDisposable
    where T : class
{
    /// <summary>Follows the events until cancelled or faulted.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async IAsyncEnumerator<KernelEvent<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        NetlinkBuffer buffer = new();
        List<T> found = [];
        while (true)
        {
            Outcome<Unit> received = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (received.Fault is { Errno: Errno.ENOBUFS })
            {
                yield return new KernelEvent<T> { IsOverrun = true };
                continue;
            }
            if (received.Fault is not null)
            {
                yield return new KernelEvent<T> { Fault = received.Fault };
                yield break;
            }
            found.Clear();
            parse(buffer.Span, found);
            for (int i = 0; i < found.Count; i++)
                yield return new KernelEvent<T> { Value = found[i] };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
