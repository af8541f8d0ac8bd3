using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vfleet.Bench.Measurement;

/// <summary>The barest client of HTTP, the same for both sides: a connection, a request, and what comes until the other side closes.</summary>
internal static class HttpGet
{
    private static readonly byte[] Buffer = new byte[1 << 20];

    /// <summary>Gets and throws away.</summary>
    /// <returns>Bytes behind the header.</returns>
    public static Task<long> CountAsync(int port, string path) => GetAsync(port, path, null);

    /// <summary>Gets a text.</summary>
    public static async Task<string> TextAsync(int port, string path)
    {
        using MemoryStream all = new();
        _ = await GetAsync(port, path, all).ConfigureAwait(false);
        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static async Task<long> GetAsync(int port, string path, MemoryStream? keep)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).ConfigureAwait(false);
        string request = $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}\r\nConnection: close\r\n\r\n";
        _ = await socket.SendAsync(Encoding.ASCII.GetBytes(request)).ConfigureAwait(false);
        // Nothing else runs at the same time, so one buffer is enough.
        int had = 0, body = -1;
        while (body < 0)
        {
            int got = await socket.ReceiveAsync(Buffer.AsMemory(had)).ConfigureAwait(false);
            if (got == 0)
                throw new BenchException($"no answer to GET {path}");
            had += got;
            body = Buffer.AsSpan(0, had).IndexOf("\r\n\r\n"u8);
        }
        string status = Encoding.ASCII.GetString(Buffer, 0, Math.Min(body, 15));
        if (!status.Contains(" 200", StringComparison.Ordinal))
            throw new BenchException($"GET {path} was answered with {status}");
        body += 4;
        long count = had - body;
        keep?.Write(Buffer.AsSpan(body, had - body));
        for (int got; (got = await socket.ReceiveAsync(Buffer.AsMemory()).ConfigureAwait(false)) > 0; count += got)
            keep?.Write(Buffer.AsSpan(0, got));
        return count;
    }
}
