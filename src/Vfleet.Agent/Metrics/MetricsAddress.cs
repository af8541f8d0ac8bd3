using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vfleet.Agent.Metrics;

/// <summary>Where metrics are served.</summary>
public static class MetricsAddress
{
    private const string Option = "--metrics";

    /// <summary>Reads an address of the form <c>127.0.0.1:9808</c> or <c>[::1]:9808</c>; port 0 is any that is free.</summary>
    /// <returns>Usage for what is none. Names are not looked up: what is served where must not depend on a name server.</returns>
    public static Outcome<IPEndPoint> Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        // What .NET takes for an address also is a plain number, and IPv6 without brackets.
        return colon > 0 && (text[0] == '[' ? text[colon - 1] == ']' : !text.AsSpan(0, colon).Contains(':'))
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && IPAddress.TryParse(text.AsSpan(0, colon), out IPAddress? address)
                && (text[0] == '[' || text.AsSpan(0, colon).Count('.') == 3)
            ? new IPEndPoint(address, port)
            : Fault.Usage($"{Option} \"{text}\" is no address with a port",
                "write 127.0.0.1:9808, [::1]:9808, or 0.0.0.0:9808 for every interface", text);
    }

    /// <summary>Binds it; nobody is answered before the server listens.</summary>
    /// <returns>Refused where another program has it, Usage for an address that the machine does not have.</returns>
    internal static Outcome<Socket> Bind(IPEndPoint address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return new Fault(e.SocketErrorCode switch
            {
                SocketError.AccessDenied => FaultKind.NotPermitted,
                SocketError.AddressAlreadyInUse => FaultKind.Refused,
                _ => FaultKind.Usage,
            }, $"metrics cannot be served on {address}")
            {
                Cause = e.Message,
                Target = address.ToString(),
                Remedy = $"give another address with {Option}",
            };
        }
    }
}
