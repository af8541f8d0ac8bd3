using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Vfleet.Agent.Log;

namespace Vfleet.Agent.Metrics;

/// <summary>
/// The token that callers send as <c>Authorization: Bearer TOKEN</c> (RFC 6750), read again when its file changes. While the file cannot be read
/// nobody is let in: whoever takes a token away means that. Safe for concurrent use.
/// </summary>
internal sealed class MetricsToken
{
    private const string Scheme = "Bearer ";
    private const int Shortest = 16, Longest = 1024;
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly AgentLog _log;
    private byte[]? _token;
    private long _at;

    private MetricsToken(string path, byte[] token, TimeProvider time, AgentLog log) =>
        (_path, _token, _time, _log, _at) = (path, token, time, log, time.GetTimestamp());

    /// <summary>Reads the token.</summary>
    /// <returns>Why the file cannot be read, is open to all, or holds no token.</returns>
    public static Outcome<MetricsToken> Open(string path, TimeProvider time, AgentLog log) =>
        Read(path).Map(token => new MetricsToken(path, token, time, log));

    /// <summary>True for the token. How long the answer takes tells its length at most.</summary>
    /// <param name="authorization">The header <c>Authorization</c>.</param>
    public bool Takes(string? authorization) =>
        authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true && Current() is { } token
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()), token);

    private byte[]? Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_at) < SecretFile.Fresh)
                return _token;
            _at = _time.GetTimestamp();
            if (!Read(_path).Try(out byte[]? token, out Fault? fault))
            {
                if (_token is not null)
                    _log.Error("nobody reads metrics until their token can be read", fault);
                return _token = null;
            }
            if (_token is null || !token.AsSpan().SequenceEqual(_token))
                _log.Info("metrics have another token", ("file", _path));
            return _token = token;
        }
    }

    private static Outcome<byte[]> Read(string path)
    {
        if (!SecretFile.Read(path, isSecret: true).Try(out string? text, out Fault? fault))
            return fault;
        string token = text.Trim();
        return token.Length is >= Shortest and <= Longest && !token.AsSpan().ContainsAnyExcept(Letters)
            ? Encoding.UTF8.GetBytes(token)
            : Fault.Usage($"{path} holds no token", $"write {Shortest} to {Longest} letters, digits or any of -._~+/= into it, such as by "
                + "`openssl rand -base64 32`", path);
    }
}
