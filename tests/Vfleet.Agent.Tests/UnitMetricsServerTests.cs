using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Vfleet.Agent.Api;
using Vfleet.Agent.Metrics;

namespace Vfleet.Agent.Tests;

public sealed class UnitMetricsServerTests
{
    private static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task ThePrometheusServerGetsTheFormatItAsksFor()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(metrics: Anywhere);
        using HttpClient client = await ClientAsync(machine);

        using HttpResponseMessage plain = await client.GetAsync("metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", plain.Content.Headers.ContentType!.ToString());
        string text = await plain.Content.ReadAsStringAsync();
        Assert.Contains("\nvfleet_agent_info{host=\"node7\",version=\"1.2.3\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nvfleet_pool_size{host=\"node7\",pool=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("# EOF", text, StringComparison.Ordinal);

        client.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text;version=1.0.0;q=0.8"));
        using HttpResponseMessage open = await client.GetAsync("metrics");
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", open.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("\n# EOF\n", await open.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "", HttpStatusCode.NotFound)]
    [InlineData("GET", "v1/status", HttpStatusCode.NotFound)]
    [InlineData("POST", "metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "metrics", HttpStatusCode.MethodNotAllowed)]
    public async Task NothingElseIsServed(string method, string path, HttpStatusCode status)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(metrics: Anywhere);
        using HttpClient client = await ClientAsync(machine);
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task TwoHundredAtOnceAreAnsweredFromOneReading()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(metrics: Anywhere);
        using HttpClient client = await ClientAsync(machine);

        string[] texts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.GetStringAsync("metrics")));

        // How long a reading took is different each time.
        Assert.InRange(texts.Distinct().Count(), 1, 5);
    }

    [Fact]
    public async Task ACallerThatStopsReadingIsEndedAndOthersAreServed()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(
            vfs: 7, metrics: Anywhere, limits: new ApiLimits { StallTime = TimeSpan.FromSeconds(1.1) });
        using HttpClient client = await ClientAsync(machine);
        using Socket caller = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 2048 };
        await caller.ConnectAsync(client.BaseAddress!.Host, client.BaseAddress.Port);
        // Many requests one after another, none of whose answers is read.
        byte[] requests = [.. Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), 2000).SelectMany(each => each)];
        Task sending = SendUntilEndedAsync(caller, requests);

        Assert.Contains("vfleet_agent_info", await client.GetStringAsync("metrics"), StringComparison.Ordinal);
        await sending.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("vfleet_agent_info", await client.GetStringAsync("metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAddressThatAnotherProgramHasIsRefusedAtTheStart()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(Anywhere);
        other.Listen();
        await using AgentMachine machine = await AgentMachine.CreateAsync(starts: false, metrics: (IPEndPoint)other.LocalEndPoint!);

        Fault? fault = (await machine.Start().WaitAsync(TimeSpan.FromSeconds(30))).Fault;

        Assert.Equal(FaultKind.Refused, fault?.Kind);
        Assert.Contains("--metrics", fault!.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:9808", "127.0.0.1:9808")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:9808", "[::1]:9808")]
    [InlineData("9808", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.0.0.1:", null)]
    [InlineData("127.0.0.1:65536", null)]
    [InlineData("127.1:80", null)]
    [InlineData("localhost:9808", null)]
    [InlineData(":9808", null)]
    [InlineData("::1:9808", null)]
    [InlineData("[::1]", null)]
    [InlineData("", null)]
    public void AnAddressHasAPort(string text, string? address)
    {
        Outcome<IPEndPoint> parsed = MetricsAddress.Parse(text);
        Assert.Equal(address, parsed.Or(null)?.ToString());
        Assert.Equal(address is null ? FaultKind.Usage : null, parsed.Fault?.Kind);
    }

    private static async Task SendUntilEndedAsync(Socket caller, byte[] requests)
    {
        try
        {
            while (true)
            {
                await caller.SendAsync(requests, SocketFlags.None);
                await Task.Delay(50);
            }
        }
        catch (SocketException)
        {
            // The agent has ended the connection.
        }
    }

    private static async Task<HttpClient> ClientAsync(AgentMachine machine)
    {
        string line = await machine.Log.WithAsync("metrics are served");
        string address = line.Split("address=")[1].Split(' ', '\n')[0];
        return new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}/")) };
    }
}
