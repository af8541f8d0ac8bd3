using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vfleet.Agent.Log;

namespace Vfleet.Agent.Metrics;

/// <summary>
/// The certificate that callers are shown, read again when its files change. New files that do not go together, as halfway through a replacement,
/// leave the old one in use. Only here is the system's OpenSSL loaded. Safe for concurrent use.
/// </summary>
internal sealed class MetricsCertificate
{
    private readonly Lock _lock = new();
    private readonly string _file, _keyFile;
    private readonly TimeProvider _time;
    private readonly AgentLog _log;
    private SslStreamCertificateContext _context;
    private string _text, _keyText;
    private long _at;

    private MetricsCertificate(string file, string keyFile, Loaded loaded, TimeProvider time, AgentLog log)
    {
        (_file, _keyFile, _time, _log, _at) = (file, keyFile, time, log, time.GetTimestamp());
        (_context, _text, _keyText) = loaded;
    }

    /// <summary>Reads it.</summary>
    /// <param name="file">The certificate, then those it is signed by, PEM.</param>
    /// <param name="keyFile">Its private key, PEM.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Where it is told that there is another one.</param>
    /// <returns>Why they cannot be read, or do not go together; Refused for a key that every user may read.</returns>
    public static Outcome<MetricsCertificate> Open(string file, string keyFile, TimeProvider time, AgentLog log) =>
        Texts(file, keyFile).Try(out (string Text, string KeyText) texts, out Fault? fault) && Load(file, texts).Try(out Loaded? loaded, out fault)
            ? new MetricsCertificate(file, keyFile, loaded, time, log)
            : fault;

    /// <summary>What a connection that begins now is shown.</summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = Current(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    /// <summary>The certificate as it is now.</summary>
    internal SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_at) < SecretFile.Fresh)
                return _context;
            _at = _time.GetTimestamp();
            if (!Texts(_file, _keyFile).Try(out (string Text, string KeyText) texts, out Fault? fault))
                _log.Error("the certificate for metrics cannot be read anew; the old one stays", fault);
            else if (texts != (_text, _keyText))
                Replace(texts);
            return _context;
        }
    }

    private void Replace((string Text, string KeyText) texts)
    {
        if (Load(_file, texts).Try(out Loaded? loaded, out Fault? fault))
        {
            (_context, _text, _keyText) = loaded;
            _log.Info("metrics have another certificate", ("until", _context.TargetCertificate.NotAfter.ToUniversalTime()));
            return;
        }
        // Told once for these files; the next ones are tried again.
        (_text, _keyText) = texts;
        _log.Error("the new certificate for metrics cannot be used; the old one stays", fault);
    }

    private static Outcome<(string Text, string KeyText)> Texts(string file, string keyFile)
    {
        if (!SecretFile.Read(file, isSecret: file == keyFile).Try(out string? text, out Fault? fault)
            || !SecretFile.Read(keyFile, isSecret: true).Try(out string? keyText, out fault))
            return fault;
        return (text, keyText);
    }

    private static Outcome<Loaded> Load(string file, (string Text, string KeyText) texts)
    {
        try
        {
            X509Certificate2 own = X509Certificate2.CreateFromPem(texts.Text, texts.KeyText);
            X509Certificate2Collection all = [];
            all.ImportFromPem(texts.Text);
            all.RemoveAt(0);
            return new Loaded(SslStreamCertificateContext.Create(own, all, offline: true), texts.Text, texts.KeyText);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // The library's only ways to say that a text is no certificate or no key, or that they do not go together.
            return Fault.Usage($"{file} is no certificate with a key", "write both as PEM, the key without a password", file) with { Cause = e.Message };
        }
    }

    private sealed record Loaded(SslStreamCertificateContext Context, string Text, string KeyText);
}
