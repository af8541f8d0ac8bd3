using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vfleet.Agent.Log;
using Vfleet.Agent.Metrics;

namespace Vfleet.Agent.Tests;

/// <summary>TLS and the token of metrics.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class UnitMetricsSecurityTests : IDisposable
{
    private const string Secret = "0123456789abcdefghij-._~+/=";
    private static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-metrics-");

    [Fact]
    public async Task OnlyWhoSendsTheTokenReadsMetrics()
    {
        string file = Write("token", Secret + "\n");
        await using AgentMachine machine = await AgentMachine.CreateAsync(metrics: Anywhere, security: new MetricsSecurity { TokenFile = file });
        using HttpClient client = await ClientAsync(machine);
        foreach ((string? sent, string challenge) in new (string?, string)[]
        {
            (null, "Bearer realm=\"vfleet metrics\""),
            ("Bearer wrong", "Bearer realm=\"vfleet metrics\", error=\"invalid_token\""),
            ($"Bearer {Secret}x", "Bearer realm=\"vfleet metrics\", error=\"invalid_token\""),
            ($"Basic {Secret}", "Bearer realm=\"vfleet metrics\", error=\"invalid_token\""),
            ("Bearer", "Bearer realm=\"vfleet metrics\", error=\"invalid_token\""),
        })
        {
            foreach (string path in new[] { "metrics", "elsewhere" })
            {
                using HttpRequestMessage request = new(HttpMethod.Get, path);
                if (sent is not null)
                    Assert.True(request.Headers.TryAddWithoutValidation("Authorization", sent));
                using HttpResponseMessage answer = await client.SendAsync(request);
                Assert.Equal((HttpStatusCode.Unauthorized, challenge), (answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()));
                Assert.DoesNotContain("vfleet_", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
        await machine.Log.WithAsync("metrics refused: the token is wrong");
        Assert.DoesNotContain(machine.Log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        Assert.Contains("vfleet_agent_info", await client.GetStringAsync("metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenIsReadAgainAndNobodyIsLetInWithoutOne()
    {
        VirtualTime time = new();
        await using LogLines log = new();
        string file = Write("token", Secret);
        MetricsToken token = MetricsToken.Open(file, time, new AgentLog(log, isJournal: false)).Value;
        Assert.True(token.Takes($"bearer {Secret}"));
        Write("token", "another-token-of-mine");
        time.Advance(SecretFile.Fresh);
        Assert.False(token.Takes($"Bearer {Secret}"));
        Assert.True(token.Takes("Bearer another-token-of-mine"));

        // Taken away, open to all, or emptied, each is told once.
        File.Delete(file);
        time.Advance(SecretFile.Fresh);
        Assert.False(token.Takes("Bearer another-token-of-mine"));
        time.Advance(SecretFile.Fresh);
        Assert.False(token.Takes("Bearer "));
        Assert.Single(log.Lines, line => line.Contains("nobody reads metrics", StringComparison.Ordinal));
        Write("token", Secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        time.Advance(SecretFile.Fresh);
        Assert.False(token.Takes($"Bearer {Secret}"));
        Write("token", Secret);
        time.Advance(SecretFile.Fresh);
        Assert.True(token.Takes($"Bearer {Secret}"));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("")]
    [InlineData("with a space in between")]
    [InlineData("ünïcödé-letters-in-it")]
    [InlineData("two-lines-of-a-token\nsecond-line-of-a-token")]
    public void WhatIsNoTokenIsRefused(string text) => Assert.Equal(
        FaultKind.Usage, MetricsToken.Open(Write("token", text), TimeProvider.System, new AgentLog(TextWriter.Null, isJournal: false)).Fault?.Kind);

    [Fact]
    public void FilesThatEveryoneMayReadAreNoSecrets()
    {
        AgentLog log = new(TextWriter.Null, isJournal: false);
        string open = Write("open", Secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal(FaultKind.Refused, MetricsToken.Open(open, TimeProvider.System, log).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, MetricsToken.Open(open + ".none", TimeProvider.System, log).Fault?.Kind);
        Assert.NotNull(MetricsToken.Open(_folder.FullName, TimeProvider.System, log).Fault);
        Assert.NotNull(MetricsToken.Open("", TimeProvider.System, log).Fault);
        (string certificate, string key) = Certificate("node7");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal(FaultKind.Refused, MetricsCertificate.Open(certificate, key, TimeProvider.System, log).Fault?.Kind);
    }

    [Fact]
    public async Task MetricsAreServedByTlsAndAnotherCertificateIsTakenUp()
    {
        (string certificate, string key) = Certificate("first");
        await using AgentMachine machine = await AgentMachine.CreateAsync(metrics: Anywhere,
            security: new MetricsSecurity { CertificateFile = certificate, KeyFile = key, TokenFile = Write("token", Secret) });
        Assert.Equal("CN=first", await SubjectAsync(machine));
        using HttpClient plain = await ClientAsync(machine);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetStringAsync("metrics"));

        Certificate("second");
        await Soon.TrueAsync(() => SubjectAsync(machine).GetAwaiter().GetResult() == "CN=second");
        await machine.Log.WithAsync("metrics have another certificate");
    }

    [Fact]
    public async Task ACertificateThatCannotBeUsedLeavesTheOldOne()
    {
        VirtualTime time = new();
        await using LogLines log = new();
        (string file, string key) = Certificate("first");
        MetricsCertificate certificate = MetricsCertificate.Open(file, key, time, new AgentLog(log, isJournal: false)).Value;
        // Halfway through a replacement the key is of the new one.
        string old = File.ReadAllText(file);
        Certificate("second");
        string second = File.ReadAllText(file);
        File.WriteAllText(file, old);
        for (int i = 0; i < 3; i++)
        {
            time.Advance(SecretFile.Fresh);
            Assert.Equal("CN=first", certificate.Current().TargetCertificate.Subject);
        }
        Assert.Single(log.Lines, line => line.Contains("the old one stays", StringComparison.Ordinal));
        File.WriteAllText(file, second);
        Assert.Equal("CN=first", certificate.Current().TargetCertificate.Subject);
        time.Advance(SecretFile.Fresh);
        Assert.Equal("CN=second", certificate.Current().TargetCertificate.Subject);
        File.Delete(file);
        time.Advance(SecretFile.Fresh);
        Assert.Equal("CN=second", certificate.Current().TargetCertificate.Subject);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task AnAgentDoesNotStartWithWhatIsNoCertificate(string text)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(starts: false, metrics: Anywhere,
            security: new MetricsSecurity { CertificateFile = Write("certificate", text) });
        Assert.Equal(FaultKind.Usage, (await machine.Start().WaitAsync(TimeSpan.FromSeconds(30))).Fault?.Kind);
        Assert.False(File.Exists(machine.Socket));
    }

    [Theory]
    [InlineData("127.0.0.1:1", null, null, "t", false, null)]
    [InlineData("[::1]:1", null, null, "t", false, null)]
    [InlineData("0.0.0.0:1", null, null, "t", false, FaultKind.Refused)]
    [InlineData("192.0.2.1:1", null, null, "t", true, null)]
    [InlineData("192.0.2.1:1", "c", null, "t", false, null)]
    [InlineData("192.0.2.1:1", null, "k", null, false, FaultKind.Usage)]
    [InlineData("192.0.2.1:1", null, null, null, false, null)]
    [InlineData(null, "c", null, null, false, FaultKind.Usage)]
    [InlineData(null, null, null, "t", false, FaultKind.Usage)]
    [InlineData(null, null, null, null, false, null)]
    public void ATokenIsNotSentOverANetworkUnencrypted(
        string? address, string? certificate, string? key, string? token, bool allows, FaultKind? refused)
    {
        MetricsSecurity security = new() { CertificateFile = certificate, KeyFile = key, TokenFile = token, AllowsInsecureToken = allows };
        Assert.Equal(refused, security.Check(address is null ? null : MetricsAddress.Parse(address).Value).Fault?.Kind);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<string> SubjectAsync(AgentMachine machine)
    {
        string? subject = null;
        using HttpClient client = new(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => (subject = shown!.Subject) is not null,
        })
        { BaseAddress = new Uri($"https://{await AddressAsync(machine)}/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        Assert.Contains("vfleet_agent_info", await client.GetStringAsync("metrics"), StringComparison.Ordinal);
        return subject!;
    }

    private static async Task<HttpClient> ClientAsync(AgentMachine machine) => new() { BaseAddress = new Uri($"http://{await AddressAsync(machine)}/") };

    private static async Task<string> AddressAsync(AgentMachine machine) =>
        (await machine.Log.WithAsync("metrics are served")).Split("address=")[1].Split(' ', '\n')[0];

    private string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    private (string Certificate, string Key) Certificate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (Write("tls.crt", own.ExportCertificatePem()), Write("tls.key", key.ExportPkcs8PrivateKeyPem()));
    }
}
