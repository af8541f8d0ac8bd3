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

    /// <summary>Receives the next datagram whole, however large, into <paramref name="buffer"/>, whose old content is dropped.</summary>
    /// <returns>Errno ENOBUFS when the kernel had to drop messages for this socket.</returns>
    ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel);
}

/// <summary>A byte buffer that grows and is used again.</summary>
public sealed class NetlinkBuffer
{
    private byte[] _array = new byte[16 * 1024];

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes in use.</summary>
    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>The bytes in use.</summary>
    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Drops the content and gives room for <paramref name="length"/> bytes, all of them in use afterwards.</summary>
    public Span<byte> Reset(int length)
    {
        if (_array.Length < length)
            _array = new byte[Math.Max(length, _array.Length * 2)];
        Length = length;
        return _array.AsSpan(0, length);
    }

    /// <summary>Shortens the content.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);
}
