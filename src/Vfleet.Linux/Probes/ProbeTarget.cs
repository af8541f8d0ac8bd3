using System.Globalization;
using System.Net;

namespace Vfleet.Linux.Probes;

/// <summary>Whom a probe asks.</summary>
/// <param name="Address">IPv4 or IPv6 address.</param>
/// <param name="Protocol">How.</param>
/// <param name="Port">TCP port, 1 to 65535; 0 for ICMP.</param>
public sealed record ProbeTarget(IPAddress Address, ProbeProtocol Protocol, int Port)
{
    /// <summary>As people write it: <c>192.0.2.1</c>, <c>192.0.2.1:443</c>, <c>[2001:db8::1]:443</c>.</summary>
    public override string ToString() => Protocol == ProbeProtocol.Tcp
        ? new IPEndPoint(Address, Port).ToString()
        : Address.ToString();

    /// <summary>The protocol's word in metrics and documents.</summary>
    public string Word => Protocol.ToString().ToLower(CultureInfo.InvariantCulture);
}

/// <summary>How a target is asked.</summary>
public enum ProbeProtocol
{
    /// <summary>An echo request (RFC 792, RFC 4443 section 4.1).</summary>
    Icmp,

    /// <summary>A connection, which is reset once the target has answered (RFC 9293 section 3.5).</summary>
    Tcp,
}

/// <summary>A target's answer.</summary>
/// <param name="RoundTrip">From sending to the answer's arrival: as the kernel stamped it where it did.</param>
/// <param name="Overhead">What measuring added: from the answer's arrival in the kernel to its being read; zero where only that is known.</param>
public readonly record struct ProbeReply(TimeSpan RoundTrip, TimeSpan Overhead);

/// <summary>A socket that asks one target, over one interface whatever routes say.</summary>
public interface IProbeSocket : IDisposable
{
    /// <summary>Asks once.</summary>
    /// <param name="patience">How long to wait for the answer.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>TimedOut without an answer; Errno ECONNREFUSED where nobody listens there, EHOSTUNREACH or ENETUNREACH without a way.</returns>
    ValueTask<Outcome<ProbeReply>> AskAsync(TimeSpan patience, CancellationToken cancel);
}
