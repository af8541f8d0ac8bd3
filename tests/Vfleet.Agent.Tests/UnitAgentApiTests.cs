using System.Net;
using System.Text;
using System.Text.Json;
using Vfleet.Agent.Api;
using Vfleet.Linux.Route;
using Vfleet.Linux.Sockets;
using Vfleet.Node;

namespace Vfleet.Agent.Tests;

public sealed class UnitAgentApiTests
{
    [Fact]
    public async Task StatusTellsTheLastPassAndThePools()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        StatusReport status = (await machine.Client.StatusAsync()).Value;
        Assert.Equal(("1.2.3", Environment.ProcessId, "sim:igb"), (status.Version, status.ProcessId, status.Kernel));
        Assert.Equal(("start", null, 0L), (status.LastPass!.Cause, status.LastPass.Fault, status.FailedPasses));
        PoolReport pool = Assert.Single(status.Pools);
        Assert.Equal((machine.Pf, 3, 3), (pool.Name, pool.Total, pool.Free));
        Assert.Equal(3, status.HistorySequence);
        Assert.Empty(status.Maintenance);
    }

    [Fact]
    public async Task VfsAreHeldShownAndGivenBack()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        AllocationOrder least = JsonSerializer.Deserialize("""{"owner":"a"}""", AgentJson.Default.AllocationOrder)!;
        Assert.Equal(1, AllocationOrders.Request(machine.Kernel, least).Value.Count);
        AllocationReport held = (await machine.Client.AllocateAsync(
            new AllocationOrder { Owner = "blue", Namespace = "/run/netns/blue", Pool = machine.Pf, Count = 2, Tenant = "acme" })).Value;
        Assert.Equal(("namespace", "/run/netns/blue", "agent", 2), (held.Owner.Kind, held.Owner.Namespace, held.FrontDoor, held.Vfs.Count));
        Assert.Equal(held.Id, Assert.Single((await machine.Client.AllocationsAsync()).Value).Id);
        IReadOnlyList<VfReport> vfs = (await machine.Client.VfsAsync()).Value;
        Assert.Equal(["reserved", "reserved", "free"], vfs.Select(vf => vf.State));
        Assert.Equal(("blue", "acme"), (vfs[0].Owner, vfs[0].Tenant));
        Assert.Equal(1, (await machine.Client.PoolsAsync()).Value[0].Free);

        ReleaseReport released = (await machine.Client.ReleaseAsync(held.Vfs[0].Vf)).Value;
        Assert.Equal((2, 0), (released.Free.Count, released.Quarantined.Count));
        Assert.Empty((await machine.Client.AllocationsAsync()).Value);
        Assert.Equal(3, (await machine.Client.PoolsAsync()).Value[0].Free);
        Assert.Contains((await machine.Client.HistoryAsync(3)).Value, row => row is { Reason: "release", FrontDoor: "agent" });
    }

    [Fact]
    public async Task AVfNamedByPfAndIndexIsFoundBehindItsSlash()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        Fault refused = (await machine.Client.ReleaseAsync($"{machine.Pf}/1")).Fault!;
        Assert.Equal(FaultKind.NotFound, refused.Kind);
        Assert.Contains("has no owner", refused.Error, StringComparison.Ordinal);
        AllocationReport adopted = (await machine.Client.AdoptAsync($"{machine.Pf}/1", new AdoptOrder("legacy", Tenant: "acme"))).Value;
        Assert.Equal(("legacy", "acme"), (adopted.Owner.Name, adopted.Tenant));
    }

    [Fact]
    public async Task ARefusalKeepsAllItsWords()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        AllocationOrder order = new() { Owner = "blue", Pool = machine.Pf, Count = 2 };
        using LocalNode other = machine.OpenNode();
        Fault told = (await machine.Client.AllocateAsync(order)).Fault!;
        Fault own = (await other.AllocateAsync(AllocationOrders.Request(machine.Kernel, order).Value)).Fault!;
        Assert.Equal(own, told);
        Assert.Equal(FaultKind.Refused, told.Kind);
    }

    [Theory]
    [InlineData("POST", "v1/allocations", "{", 400, "usage")]
    [InlineData("POST", "v1/allocations", "null", 400, "usage")]
    [InlineData("POST", "v1/allocations", """{"pool":"x"}""", 400, "usage")]
    [InlineData("POST", "v1/allocations", """{"owner":"a","pool":"x","colour":1}""", 400, "usage")]
    [InlineData("POST", "v1/allocations", """{"owner":"a","pool":"nowhere"}""", 404, "notFound")]
    [InlineData("POST", "v1/allocations", """{"owner":"a","pool":"x","policy":"best"}""", 400, "usage")]
    [InlineData("GET", "v1/history?after=-1", null, 400, "usage")]
    [InlineData("GET", "v1/nothing", null, 404, "notFound")]
    [InlineData("PUT", "v1/pools", "{}", 404, "notFound")]
    [InlineData("DELETE", "v1/allocations/a99", null, 404, "notFound")]
    public async Task WhatCannotBeMeantIsAProblemWithItsKind(string method, string path, string? body, int status, string kind)
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        using HttpClient raw = machine.RawClient();
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = body is null ? null
            : new StringContent(body, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await raw.SendAsync(request);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Problem problem = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), AgentJson.Default.Problem)!;
        Assert.Equal(kind, problem.Kind);
        Assert.NotEmpty(problem.Error);
    }

    [Fact]
    public async Task ABodyThatIsTooLongIsRefusedAndTheAgentServesOn()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        using HttpClient raw = machine.RawClient();
        using StringContent body =
            new($$"""{"owner":"{{new string('a', new ApiLimits().LongestBody)}}"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await raw.PostAsync(new Uri("v1/allocations", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.True((await machine.Client.StatusAsync()).Succeeded);
    }

    [Fact]
    public async Task RootChangesTheGroupReadsAndOthersAreRefusedAndLogged()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        machine.Caller = new PeerIdentity(4711, 65534, 65534);
        using (Vfleet.Agent.Client.AgentClient stranger = new(machine.Socket))
            Assert.Equal(FaultKind.NotPermitted, (await stranger.StatusAsync()).Fault?.Kind);
        string line = await machine.Log.WithAsync("call refused");
        Assert.Equal("warning call refused call=\"GET /v1/status\" user=65534 group=65534 process=4711 may=None", line);
        machine.Caller = null;
        Assert.True((await machine.Client.StatusAsync()).Succeeded);
    }

    [Fact]
    public async Task AskingForAPassWaitsForIt()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        PassReport pass = (await machine.Client.ReconcileAsync()).Value;
        Assert.Equal(("asked for", null), (pass.Cause, pass.Fault));
        Assert.True((await machine.Client.StatusAsync()).Value.LastPass!.At >= pass.At);
    }

    [Fact]
    public async Task MaintenanceIsBegunShownAndEnded()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        MaintenanceReport begun = (await machine.Client.StartMaintenanceAsync(new MaintenanceOrder(machine.Pf, "new cable"))).Value;
        Assert.Equal(("0000:01:00.0", "root", "new cable"), (begun.Scope, begun.By, begun.Reason));
        Assert.Equal(FaultKind.Refused, (await machine.Client.StartMaintenanceAsync(new MaintenanceOrder(machine.Pf))).Fault?.Kind);
        Assert.True((await machine.Client.StartMaintenanceAsync(new MaintenanceOrder())).Succeeded);
        Assert.Equal(["0000:01:00.0", "*"], (await machine.Client.StatusAsync()).Value.Maintenance.Select(window => window.Scope));
        Assert.True((await machine.Client.EndMaintenanceAsync(null)).Succeeded);
        Assert.True((await machine.Client.EndMaintenanceAsync(machine.Pf)).Succeeded);
        Assert.Equal(FaultKind.NotFound, (await machine.Client.EndMaintenanceAsync(null)).Fault?.Kind);
        Assert.Equal(4, (await machine.Client.HistoryAsync(1)).Value.Count(row =>
            row.Reason.StartsWith("maintenance ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WhatIsUnderMaintenanceIsToldAndRepairedWhenItEnds()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 1);
        Assert.True((await machine.Client.StartMaintenanceAsync(new MaintenanceOrder(machine.Pf))).Succeeded);
        using LocalNode other = machine.OpenNode();
        await machine.TamperAsync(new VfChange { Index = 0, Vlan = new VfVlan(77) });
        PassReport left = (await machine.Client.ReconcileAsync()).Value;
        Assert.Contains("is left under maintenance", Assert.Single(left.Notes), StringComparison.Ordinal);
        Assert.Equal((ushort)77, (await other.Host.FindVfAsync($"{machine.Pf}/0")).Value.Vf.Settings!.Vlan);
        await machine.Log.WithAsync("warning pass leaves notes=");
        Assert.True((await machine.Client.EndMaintenanceAsync(machine.Pf)).Succeeded);
        Assert.Empty((await machine.Client.ReconcileAsync()).Value.Notes);
        Assert.Equal((ushort)0, (await other.Host.FindVfAsync($"{machine.Pf}/0")).Value.Vf.Settings!.Vlan);
    }

    [Fact]
    public async Task AnEventOfTheKernelIsDealtWithWithinASecond()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync(vfs: 3);
        string count = "/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs";
        Assert.True(machine.Kernel.Files.WriteText(count, "0").Succeeded);
        long start = TimeProvider.System.GetTimestamp();
        string line = await machine.Log.WithAsync("event\" took=");
        Assert.Contains("changes=3", line, StringComparison.Ordinal);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(4), "it waited for the interval");
        Assert.NotNull((await machine.Client.StatusAsync()).Value.EventLagMilliseconds);
    }

    /// <summary>Run with VFLEET_UPDATE=1 to write the document anew.</summary>
    [Fact]
    public void TheCheckedInDocumentDescribesTheApi()
    {
        string path = Path.Combine(RepositoryRoot(), "docs", "agent-api.json");
        string now = OpenApiDocument.Create(ApiRoutes.All(null!, null!, null!));
        if (Environment.GetEnvironmentVariable("VFLEET_UPDATE") == "1")
            File.WriteAllText(path, now);
        Assert.Equal(File.ReadAllText(path), now);
    }

    internal static string RepositoryRoot()
    {
        DirectoryInfo at = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Vfleet.slnx")))
            at = at.Parent!;
        return at.FullName;
    }
}
