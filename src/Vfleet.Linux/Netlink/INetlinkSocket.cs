namespace Vfleet.Linux.Netlink;

/// <summary>Netlink families. Source: include/uapi/linux/netlink.h.</summary>
public enum NetlinkProtocol
{
    /// <summary>Links, addresses, routes: rtnetlink(7).</summary>
    Route = 0,

    /// <summary>Events of kernel objects, as udev gets them.</summary>
    KobjectUevent = 15,

    /// <summary>Generic netlink: devlink, ethtool.</summary>
    Generic = 16,
}

/// <summary>A netlink socket that moves whole datagrams. Not safe for concurrent use.</summary>
public interface INetlinkSocket : IDisposable
{
    /// <summary>Sends one datagram, which may hold several requests.</summary>
    ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel);

    /// <summary>
    /// Does something at once, or as soon as the kernel has taken what was sent although nobody waited for it any more. The default is for a socket
    /// that never gives a sending up.
    /// </summary>
    void WhenSent(Action then) => then();

    /// <summary>Receives the next datagram whole, however large, into <paramref name="buffer"/>, whose old content is dropped.</summary>
    /// <returns>Errno ENOBUFS when the kernel had to drop messages for this socket.</returns>
    ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel);
}

/// <summary>A byte buffer that grows and is used again.</summary>
public sealed class NetlinkBuffer
{
    // The kernel's copy of a long reply begins at the start of a large block of pages, and so does a large array. With both at the same
    // place of their blocks, each byte that is copied drops the other side's page from the processor's direct-mapped tables: a reply of 296 kB
    // then took 13 times as long on an emulated processor. Nine and a half pages apart they do not meet.
    private const int Start = (9 * 4096) + 2048;

    // Made when it is first needed and not cleared: most requests use a page of it.
    private byte[] _array = [];

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes in use.</summary>
    public ReadOnlyMemory<byte> Memory => Length == 0 ? default : _array.AsMemory(Start, Length);

    /// <summary>The bytes in use.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>Drops the content and gives room for <paramref name="length"/> bytes, all of them in use afterwards.</summary>
    public Span<byte> Reset(int length)
    {
        if (_array.Length - Start < length)
            _array = GC.AllocateUninitializedArray<byte>(Start + Math.Max(length, 2 * (_array.Length - Start)));
        Length = length;
        return _array.AsSpan(Start, length);
    }

    /// <summary>Shortens the content.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);
}
