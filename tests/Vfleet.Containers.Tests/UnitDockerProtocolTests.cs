using System.Text;
using System.Text.Json;
using Vfleet.Containers.Docker;
using M = Vfleet.Containers.Tests.DockerMachine;

namespace Vfleet.Containers.Tests;

/// <summary>Paths, JSON and answers, as dockerd sends and reads them.</summary>
public sealed class UnitDockerProtocolTests
{
    [Fact]
    public async Task ItSaysWhatItIsAndWhatItDoesNotServe()
    {
        await using M machine = await M.CreateAsync();
        Assert.Equal((200, """{"Implements":["NetworkDriver","IpamDriver"]}"""), await RawAsync(machine, "/Plugin.Activate", ""));
        Assert.Equal((200, """{"Scope":"local","ConnectivityScope":"local"}"""),
            await RawAsync(machine, "/NetworkDriver.GetCapabilities", ""));
        foreach (string call in (string[])["ProgramExternalConnectivity", "RevokeExternalConnectivity", "DiscoverNew", "DiscoverDelete"])
            Assert.Equal((200, "{}"), await RawAsync(machine, $"/NetworkDriver.{call}", "{\"DiscoveryType\":1}"));
        // dockerd takes 404 for a call that a driver need not have.
        string[] paths = ["/NetworkDriver.GwAllocCheck", "/NetworkDriver.AllocateNetwork", "/IpamDriver.RequestPools", "/", ""];
        foreach (string path in paths)
            Assert.Equal((404, $"{path} is not implemented"), await ErrorAsync(machine, path, "{}"));
    }

    [Fact]
    public async Task BrokenJsonIsRefusedAtEveryByteAndChangesNothing()
    {
        await using M machine = await M.CreateAsync();
        (string Call, string Body)[] calls =
        [
            ("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\",\"vlan\":\"100\"")),
            ("CreateEndpoint", M.NewEndpoint()),
            ("Join", M.Into()),
            ("DeleteEndpoint", M.Of()),
        ];
        foreach ((string call, string body) in calls)
        {
            for (int length = 0; length < body.TrimEnd().Length; length++)
                Assert.StartsWith("the request is not what it should be", await machine.RefusedAsync(call, body[..length]),
                    StringComparison.Ordinal);
            string[] others =
            [
                "null", "[]", "1", "\"text\"", "{\"NetworkID\":7}", "{\"NetworkID\":\"n\",\"EndpointID\":[]}",
                """{"NetworkID":"n","Options":{"com.docker.network.generic":{"pool":"p","vlan":"\ud800"}}}""",
                """{"NetworkID":"n","Options":{"com.docker.network.generic":{"\ud800":"1"}}}""",
            ];
            foreach (string wrong in others)
                Assert.NotEmpty(await machine.RefusedAsync(call, wrong));
        }
        Assert.Empty(machine.Agent.Ledger.Read(view => view.Allocations()).Value);
    }

    [Fact]
    public async Task FieldsThatAreNewToItAreNoReasonToRefuse()
    {
        await using M machine = await M.CreateAsync();
        string network = M.Network($"\"pool\":\"{machine.Pf}\"")
            .Replace("{\"NetworkID\"", "{\"Newer\":{\"a\":[1]},\"NetworkID\"", StringComparison.Ordinal);
        await machine.CallAsync("CreateNetwork", network);
        JsonElement reply =
            await machine.CallAsync("CreateEndpoint", $$"""{"NetworkID":"{{M.Net}}","EndpointID":"e1","Interface":null,"Newer":1}""");
        Assert.Equal(17, reply.GetProperty("Interface").GetProperty("MacAddress").GetString()!.Length);
        // Addresses are never chosen here.
        Assert.False(reply.GetProperty("Interface").TryGetProperty("Address", out _));
    }

    [Fact]
    public async Task ACallThatTakesTooLongIsAnsweredAndGoesOnBehindItsAnswer()
    {
        await using M machine = await M.CreateAsync();
        Vfleet.Linux.Tests.ManualTime time = new();
        DockerDriver driver = new(machine.Node, machine.Engine, machine.Told.Add);
        DockerPlugin plugin = new(driver, new DockerIpam(machine.Node.Ledger), time, machine.Told.Add);
        await machine.CallAsync("CreateNetwork", M.Network($"\"pool\":\"{machine.Pf}\""));
        await machine.CallAsync("CreateEndpoint", M.NewEndpoint());
        using (machine.Dockerd.Hold())
        {
            // The join asks dockerd for a name, and dockerd does not answer.
            Task<PluginReply> join = plugin.CallAsync("/NetworkDriver.Join", Encoding.UTF8.GetBytes(M.Into()), CancellationToken.None);
            await machine.Dockerd.Asked;
            time.Advance(DockerPlugin.Deadline);
            PluginReply reply = await join;
            Assert.Equal(200, reply.Status);
            Assert.Contains("/NetworkDriver.Join took longer than 25 s", Encoding.UTF8.GetString(reply.Body.Span),
                StringComparison.Ordinal);
        }
        await machine.CallAsync("Join", M.Into());
    }

    private static async Task<(int Status, string Body)> RawAsync(M machine, string path, string body)
    {
        PluginReply reply = await machine.Plugin.CallAsync(path, Encoding.UTF8.GetBytes(body), CancellationToken.None);
        return (reply.Status, Encoding.UTF8.GetString(reply.Body.Span));
    }

    private static async Task<(int Status, string Error)> ErrorAsync(M machine, string path, string body)
    {
        (int status, string text) = await RawAsync(machine, path, body);
        return (status, JsonDocument.Parse(text).RootElement.GetProperty("Err").GetString()!);
    }
}
