using System.Net.Sockets;
using System.Text;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>QEMU's control socket, as far as the lab needs it.</summary>
internal static class Qmp
{
    /// <summary>Equivalent to <c>quit</c> at QEMU's monitor; false where nobody answers.</summary>
    internal static async Task<bool> QuitAsync(string socketPath, TimeSpan deadline, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(deadline);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
            byte[] answer = new byte[4096];
            await socket.ReceiveAsync(answer, limit.Token);
            await socket.SendAsync(Encoding.UTF8.GetBytes("{\"execute\":\"qmp_capabilities\"}\n"), limit.Token);
            await socket.ReceiveAsync(answer, limit.Token);
            await socket.SendAsync(Encoding.UTF8.GetBytes("{\"execute\":\"quit\"}\n"), limit.Token);
            await socket.ReceiveAsync(answer, limit.Token);
            return true;
        }
        catch (SocketException)
        {
            // Nobody listens: QEMU is gone or hangs. The caller has other means.
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
