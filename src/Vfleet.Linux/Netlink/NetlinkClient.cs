using System.Runtime.CompilerServices;

namespace Vfleet.Linux.Netlink;

/// <summary>Turns a message into an object; null where the message is of no interest.</summary>
public delegate T? MessageParser<out T>(in NetlinkMessage message)
    where T : class;

/// <summary>
/// Requests and replies on one netlink socket: numbers, acknowledgements with the kernel's own words, dumps that are asked again
/// when they were interrupted, and a deadline for requests that are not taken and replies that never come. A cancelled call leaves the client
/// usable: what the kernel still sends for it is skipped. After a request that was not taken in time the client refuses every other; disposing it
/// does not wait. Not safe for concurrent use.
/// </summary>
public sealed partial class NetlinkClient : IDisposable
{
    /// <summary>How often an interrupted dump is asked again before it counts as failed.</summary>
    public const int DumpAttempts = 16;

    /// <summary>Requests of a batch that are under way at once: their acknowledgements fit the default receive buffer.</summary>
    public const int BatchSize = 64;

    /// <summary>How long the kernel may stay silent before a call gives up, unless another time is given.</summary>
    public static readonly TimeSpan DefaultReplyDeadline = TimeSpan.FromSeconds(30);

    private readonly INetlinkSocket _socket;
    private readonly NetlinkBuffer _buffer = new();
    private readonly ReplyDeadline _deadline;
    private readonly UnendedWork? _left;
    private uint _sequence = 1;
    private uint _unfinishedDump;
    private bool _isStuck;

    /// <summary>Takes over a socket.</summary>
    /// <param name="socket">The socket; disposed with the client.</param>
    /// <param name="time">The clock of the reply deadline; the system's when null.</param>
    /// <param name="replyDeadline">How long the kernel may stay silent; <see cref="DefaultReplyDeadline"/> when null.</param>
    /// <param name="left">
    /// Notes at disposal a request that nobody waits for any more and the kernel has not taken yet; null where none is a change.
    /// </param>
    public NetlinkClient(INetlinkSocket socket, TimeProvider? time = null, TimeSpan? replyDeadline = null, UnendedWork? left = null)
    {
        _socket = socket;
        _left = left;
        _deadline = new ReplyDeadline(replyDeadline ?? DefaultReplyDeadline, time ?? TimeProvider.System);
    }

    /// <summary>Opens a socket and takes it over.</summary>
    public static Outcome<NetlinkClient> Open(
        IKernel kernel, NetlinkProtocol protocol, NetworkNamespace? within = null, TimeProvider? time = null, UnendedWork? left = null) =>
        kernel.OpenNetlink(protocol, within).Map(socket => new NetlinkClient(socket, time, left: left));

    /// <summary>
    /// Sends the request, which may be a batch of any size, <see cref="BatchSize"/> messages at a time, and awaits one
    /// acknowledgement for each message.
    /// </summary>
    /// <returns>The first refusal; the kernel has still carried out the others.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome<Unit>> ExecuteAsync(NetlinkRequest request, CancellationToken cancel = default)
    {
        uint sequence = Number(request, acknowledge: true);
        Fault? refusal = null;
        for (int at = 0; at < request.Length;)
        {
            int length = request.Slice(at, BatchSize, out int count);
            Fault? fault = await SendAsync(request, request.Datagram.Slice(at, length), cancel).ConfigureAwait(false);
            if (fault is not null)
                return fault;
            for (int left = count; left > 0;)
            {
                fault = await ReceiveAsync(request, cancel).ConfigureAwait(false);
                if (fault is not null)
                    return fault;
                if (!Acknowledgements(request, sequence, count, ref refusal).Try(out int answered, out fault))
                    return fault;
                left -= answered;
            }
            at += length;
            sequence += (uint)count;
        }
        return refusal is null ? Unit.Done : refusal;
    }

    /// <summary>Sends one request and parses its one reply.</summary>
    /// <returns>Errno ENODATA when the reply holds nothing that <paramref name="parse"/> takes.</returns>
    public async ValueTask<Outcome<T>> GetAsync<T>(NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel = default)
        where T : class
    {
        uint sequence = Number(request, acknowledge: false);
        Fault? fault = await SendAsync(request, request.Datagram, cancel).ConfigureAwait(false);
        while (fault is null)
        {
            fault = await ReceiveAsync(request, cancel).ConfigureAwait(false);
            if (fault is not null)
                break;
            Reading reading = ReadReply(request, sequence, parse, out T? item);
            if (item is not null)
                return Outcome<T>.Of(item);
            fault = reading.Fault;
            if (reading.Ended)
                fault ??= Fault.FromErrno(Errno.ENODATA, request.Operation, request.Target);
        }
        return fault;
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

    /// <summary>
    /// Does something at once, or as soon as the kernel has taken every request, those included that nobody waits for any more.
    /// </summary>
    public void WhenSent(Action then) => _socket.WhenSent(then);

    /// <summary>The same as a task: completed already where the kernel has taken every request.</summary>
    public Task SentAsync()
    {
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        WhenSent(sent.SetResult);
        return sent.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _left?.Add(SentAsync());
        _socket.Dispose();
        _deadline.Dispose();
    }

    private async ValueTask<Outcome<List<T>?>> DumpOnceAsync<T>(
        NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel)
        where T : class
    {
        uint sequence = Number(request, acknowledge: false);
        Fault? fault = await SendAsync(request, request.Datagram, cancel, dump: sequence).ConfigureAwait(false);
        if (fault is not null)
            return fault;
        List<T> found = [];
        bool interrupted = false;
        while (true)
        {
            fault = await ReceiveAsync(request, cancel).ConfigureAwait(false);
            if (fault is not null)
                return fault;
            Reading reading = ReadReplies(request, sequence, parse, found);
            interrupted |= reading.Interrupted;
            if (reading.Ended)
                _unfinishedDump = 0;
            if (reading.Fault is not null)
                return reading.Fault;
            if (reading.Ended)
                return interrupted ? Outcome<List<T>?>.Of(null) : found;
            if (reading.Progress)
                _deadline.Restart();
        }
    }

    private uint Number(NetlinkRequest request, bool acknowledge)
    {
        // Sequence 0 marks notifications, so numbers never wrap over it.
        if (_sequence > uint.MaxValue - (uint)request.Count)
            _sequence = 1;
        uint first = _sequence;
        request.Number(first, acknowledge);
        _sequence += (uint)request.Count;
        return first;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Fault?> SendAsync(NetlinkRequest request, ReadOnlyMemory<byte> datagram, CancellationToken cancel, uint dump = 0)
    {
        if (_isStuck)
            return Stuck(request);
        _deadline.Restart();
        Fault? fault = await FinishDumpAsync(request, cancel).ConfigureAwait(false);
        if (fault is not null)
            return fault;
        cancel.ThrowIfCancellationRequested();
        if (!_deadline.TryEnter(cancel, out CancellationToken until))
            return Late(request);
        // Noted first: the kernel begins a list although its sending was given up.
        _unfinishedDump = dump;
        try
        {
            fault = (await _socket.SendAsync(datagram, until).ConfigureAwait(false)).Fault;
            if (fault is not null)
                _unfinishedDump = 0;
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            cancel.ThrowIfCancellationRequested();
            _isStuck = true;
            return Late(request);
        }
        finally
        {
            _deadline.Leave();
        }
        _deadline.Restart();
        return fault;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Fault?> ReceiveAsync(NetlinkRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (!_deadline.TryEnter(cancel, out CancellationToken until))
            return Late(request);
        try
        {
            return (await _socket.ReceiveAsync(_buffer, until).ConfigureAwait(false)).Fault;
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            cancel.ThrowIfCancellationRequested();
            return Late(request);
        }
        finally
        {
            _deadline.Leave();
        }
    }

    /// <summary>
    /// Reads what a dump that was given up still sends: the kernel runs one dump per socket and answers EBUSY to the next
    /// (net/netlink/af_netlink.c, __netlink_dump_start).
    /// </summary>
    private async ValueTask<Fault?> FinishDumpAsync(NetlinkRequest request, CancellationToken cancel)
    {
        while (_unfinishedDump != 0)
        {
            Fault? fault = await ReceiveAsync(request, cancel).ConfigureAwait(false);
            // An end that was lost is waited for once, not in every later call.
            if (fault is not null || EndsDump(_unfinishedDump))
                _unfinishedDump = 0;
            if (fault is not null)
                return fault;
        }
        return null;
    }

    /// <summary>
    /// Nobody knows whether a request that was stuck will still be carried out, so none is sent after it: the answer to a later one would say nothing.
    /// </summary>
    private static Fault Stuck(NetlinkRequest request) =>
        Fault.TimedOut($"{request.Operation}: not sent, because the kernel did not take an earlier request of this connection in time",
            "a driver holds the kernel's lock of links, and what was asked before may still be carried out",
            "look at the kernel log (dmesg) and begin anew", request.Target) with { Operation = request.Operation };

    private Fault Late(NetlinkRequest request)
    {
        Fault late = Fault.TimedOut($"{request.Operation}: the kernel did not answer within {_deadline.Limit.TotalSeconds:0.###} s",
            "the kernel or a driver is busy or stuck", "look at the kernel log (dmesg) and try again", request.Target);
        return late with { Operation = request.Operation };
    }
}
