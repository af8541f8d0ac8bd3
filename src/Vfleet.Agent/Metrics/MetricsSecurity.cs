using System.Net;
using Vfleet.Agent.Log;

namespace Vfleet.Agent.Metrics;

/// <summary>How metrics are kept from others: TLS, a token, both or neither.</summary>
public sealed record MetricsSecurity
{
    /// <summary>File of the certificate and those it is signed by, PEM; null for no TLS.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>File of its private key, PEM; the certificate's file when null.</summary>
    public string? KeyFile { get; init; }

    /// <summary>File of the token that callers have to send; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The token may be sent unencrypted over a network, as where something else encrypts it.</summary>
    public bool AllowsInsecureToken { get; init; }

    private bool IsEmpty => CertificateFile is null && KeyFile is null && TokenFile is null && !AllowsInsecureToken;

    /// <summary>Refuses what has no meaning, or would give a token away.</summary>
    /// <param name="address">Where metrics are served; null for nowhere.</param>
    public Outcome<Unit> Check(IPEndPoint? address)
    {
        if (IsEmpty)
            return Unit.Done;
        if (address is null)
            return Fault.Usage("no metrics are served that a certificate or a token could be for", "give --metrics too");
        if (CertificateFile is null && KeyFile is not null)
            return Fault.Usage("--metrics-key needs --metrics-certificate");
        if (TokenFile is null || CertificateFile is not null || AllowsInsecureToken || IPAddress.IsLoopback(address.Address))
            return Unit.Done;
        return Fault.Refused($"the token would go to {address} unencrypted, and whoever listens could use it", null,
            "give --metrics-certificate too, or --metrics-insecure-token where the network is encrypted", address.ToString());
    }
}

/// <summary>What a caller of metrics has to bring, and what the server shows him.</summary>
/// <param name="Certificate">The certificate; null for no TLS.</param>
/// <param name="Token">The token; null for none.</param>
internal sealed record MetricsGuard(MetricsCertificate? Certificate, MetricsToken? Token)
{
    /// <summary>Reads the files.</summary>
    public static Outcome<MetricsGuard> Open(MetricsSecurity security, IPEndPoint? address, TimeProvider time, AgentLog log)
    {
        if (security.Check(address).Fault is { } meaningless)
            return meaningless;
        MetricsCertificate? certificate = null;
        MetricsToken? token = null;
        if ((security.CertificateFile is { } file
                && !MetricsCertificate.Open(file, security.KeyFile ?? file, time, log).Try(out certificate, out Fault? fault))
            || (security.TokenFile is { } secret && !MetricsToken.Open(secret, time, log).Try(out token, out fault)))
            return fault;
        return new MetricsGuard(certificate, token);
    }
}
