using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Agent.Tests;

/// <summary>Docker's network driver as the agent serves it.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class UnitAgentDockerTests
{
    private const string ContentType = "application/vnd.docker.plugins.v1.2+json";

    [Fact]
    public async Task TheDriverIsServedToItsOwnerAloneAndKeepsItsNetworks()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(starts: false);
        await using (await ServingAsync(machine))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(machine.DockerSocket));
            using HttpClient client = machine.RawClient(machine.DockerSocket);
            Assert.Equal((HttpStatusCode.OK, """{"Implements":["NetworkDriver","IpamDriver"]}"""),
                await CallAsync(client, "/Plugin.Activate", ""));
            Assert.Equal((HttpStatusCode.OK, "{}"), await CallAsync(client, "/NetworkDriver.CreateNetwork", $$$"""
                {"NetworkID":"n1","Options":{"com.docker.network.generic":{"pool":"{{{machine.Pf}}}","vlan":"7"}},
                 "IPv4Data":[],"IPv6Data":[]}
                """));
            (HttpStatusCode status, string body) =
                await CallAsync(client, "/NetworkDriver.CreateEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}""");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.StartsWith("""{"Interface":{"MacAddress":""", body, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(client, "/NetworkDriver.GwAllocCheck", "{}")).Status);
            (status, body) = await CallAsync(client, "/NetworkDriver.Join", "{\"NetworkID\":");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.NotEmpty(JsonDocument.Parse(body).RootElement.GetProperty("Err").GetString()!);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge,
                (await CallAsync(client, "/NetworkDriver.Join", new string(' ', 2 << 20))).Status);
        }
        using LocalNode node = machine.OpenNode();
        LedgerAllocation allocation = Assert.Single(node.Ledger.Read(view => view.OpenAllocations()).Value);
        Assert.Equal(("docker", "docker/e1"), (allocation.FrontDoor, allocation.Owner.Name));
    }

    /// <summary>dockerd 20.10 has no host to name, later ones name one that does not exist.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("plugin.moby.localhost")]
    public async Task TheHostThatDockerdNamesDoesNotMatter(string host)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(starts: false);
        await using IAsyncDisposable serving = await ServingAsync(machine);
        using Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await connection.ConnectAsync(new UnixDomainSocketEndPoint(machine.DockerSocket));
        await using NetworkStream stream = new(connection);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /Plugin.Activate HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\n"
            + $"Content-Length: 0\r\nAccept: {ContentType}\r\n\r\n"));
        using StreamReader reader = new(stream);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task ASocketThatAnotherProgramServesIsLeftToIt()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(starts: false);
        Directory.CreateDirectory(Path.GetDirectoryName(machine.DockerSocket)!);
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(machine.DockerSocket));
        other.Listen();
        Fault fault = (await machine.Start(docker: machine.DockerSocket)).Fault!;
        Assert.Equal(($"another program listens on {machine.DockerSocket}", "end it, or give another path with --docker"),
            (fault.Error, fault.Remedy));
    }

    private static async Task<IAsyncDisposable> ServingAsync(AgentMachine machine)
    {
        Task<Outcome<Unit>> running = machine.Start(docker: machine.DockerSocket);
        await machine.Log.WithAsync("info pass");
        return new Serving(machine, running);
    }

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(HttpClient client, string path, string body)
    {
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(body));
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        // A body that is too long is refused before it is sent.
        request.Headers.ExpectContinue = body.Length > 1 << 20;
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal(ContentType, answer.Content.Headers.ContentType?.ToString());
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private sealed class Serving(AgentMachine machine, Task<Outcome<Unit>> running) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await machine.EndAsync();
            Assert.Null((await running).Fault);
            Assert.False(File.Exists(machine.DockerSocket));
        }
    }
}
