using System.Text.Json;
using Vfleet.Host.Scrub;
using Vfleet.Node.Ledger;
using Vfleet.Node.Verify;
using Vfleet.Simulation.Nodes;
using Xunit.Abstractions;
using M = Vfleet.Containers.Tests.DockerMachine;

namespace Vfleet.Containers.Tests;

/// <summary>dockerd's calls with the agent dying within them, and in orders that no dockerd should have.</summary>
public sealed class UnitDockerCrashTests(ITestOutputHelper output)
{
    private const string Mac = "02:42:00:00:00:01", Subnet = "192.0.2.0/24";

    /// <summary>A container's life, and what dockerd does by itself after a call.</summary>
    private static readonly (string Call, Func<M, string> Body, Func<M, JsonElement, Task>? After)[] Life =
    [
        ("CreateNetwork", NewNetwork, null),
        ("IpamDriver.RequestAddress", _ => Address(Mac), null),
        ("CreateEndpoint", _ => NewEndpoint(M.Endpoint, Mac, "192.0.2.1"), (machine, _) =>
        {
            machine.Dockerd.Endpoints[$"{M.Net}/{M.Endpoint}"] = "web";
            return Task.CompletedTask;
        }),
        ("Join", _ => M.Into(), (machine, join) => machine.MoveInAsync(join, Mac)),
        ("Leave", _ => M.Of(), async (machine, _) => await machine.MoveOutAsync(await machine.CallAsync("Join", M.Into()))),
        ("DeleteEndpoint", _ => M.Of(), null),
        ("IpamDriver.ReleaseAddress", _ => Address(Mac, "192.0.2.1"), null),
        ("DeleteNetwork", _ => M.Of(), null),
    ];

    public static TheoryData<int, bool> Calls()
    {
        TheoryData<int, bool> calls = [];
        for (int call = 0; call < Life.Length; call++)
        {
            calls.Add(call, true);
            calls.Add(call, false);
        }
        return calls;
    }

    [Fact]
    public async Task EachCallMayBeRepeatedAndPassesFindNothingToDo()
    {
        await using M machine = await PrepareAsync(0);
        foreach ((string call, Func<M, string> body, Func<M, JsonElement, Task>? after) in Life)
        {
            JsonElement reply = await machine.CallAsync(call, body(machine));
            Assert.Equal(reply.GetRawText(), (await machine.CallAsync(call, body(machine))).GetRawText());
            await (after?.Invoke(machine, reply) ?? Task.CompletedTask);
            // Also after dockerd has moved the interface.
            Assert.Equal(reply.GetRawText(), (await machine.CallAsync(call, body(machine))).GetRawText());
            Assert.Empty((await machine.PassAsync()).Drifts);
            Assert.Empty((await new NodeVerifier(machine.Agent).VerifyAsync()).Value.Violations);
        }
        await AssertCleanAsync(machine, "alive");
        Assert.Single(machine.Agent.Ledger.Read(view => view.Allocations()).Value);
    }

    /// <summary>dockerd repeats the call that got no answer, or died as well and knows nothing of it any more.</summary>
    [Theory]
    [MemberData(nameof(Calls))]
    public async Task WhereverTheAgentDiesWithinACallNothingIsLostOrDouble(int call, bool isRepeated)
    {
        int died = 0;
        for (bool isOver = false; !isOver; died += isOver ? 0 : 1)
        {
            await using M machine = await PrepareAsync(call);
            machine.Process.Watch(new CrashPoint(OnlyChanges: true, died));
            try
            {
                _ = await machine.CallAsync(Life[call].Call, Life[call].Body(machine));
                isOver = true;
            }
            catch (ProcessDiedException)
            {
                // The step this round is about.
            }
            machine.Restart();
            Assert.Empty((await machine.PassAsync()).Faults);
            if (isRepeated)
                await LiveAsync(machine, call, Life.Length);
            else
                await ForgetAsync(machine);
            await AssertCleanAsync(machine, $"{Life[call].Call}, step {died}");
        }
        output.WriteLine($"{Life[call].Call}: died at {died} steps");
        Assert.Equal(Life[call].Call is "Leave", died == 0);
    }

    /// <summary>Calls of three containers for two VFs in any order, each sent twice, with deaths at any step.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task InAnyOrderEachCallTwiceWithDeathsBetweenAnyStepsNothingIsLostOrDouble(int seed)
    {
        SeededNumbers random = new((ulong)seed);
        await using M machine = await M.CreateAsync(vfs: 2);
        string[] endpoints = ["e1", "e2", "e3"];
        int answered = 0;
        for (int step = 0; step < 120; step++)
        {
            string endpoint = endpoints[random.Below(endpoints.Length)], mac = $"02:42:00:00:00:0{endpoint[1]}",
                address = $"192.0.2.{endpoint[1]}";
            (string call, string body) = random.Below(10) switch
            {
                0 => ("CreateNetwork", NewNetwork(machine)),
                1 when step > 100 => ("DeleteNetwork", M.Of()),
                2 => ("IpamDriver.RequestAddress", Address(mac, address)),
                3 => ("IpamDriver.ReleaseAddress", Address(mac, address)),
                4 => ("Join", M.Into(endpoint)),
                5 => ("Leave", M.Of(endpoint)),
                6 or 7 => ("DeleteEndpoint", M.Of(endpoint)),
                _ => ("CreateEndpoint", NewEndpoint(endpoint, mac, address)),
            };
            if (random.OneIn(3))
            {
                machine.Process.Watch(new CrashPoint(OnlyChanges: true, random.Below(20)));
                try
                {
                    _ = await machine.RawAsync(call, body);
                }
                catch (ProcessDiedException)
                {
                    // dockerd repeats it.
                }
                machine.Restart();
            }
            string first = await machine.RawAsync(call, body);
            Assert.Equal(first, await machine.RawAsync(call, body));
            answered += first.Contains("\"Err\"", StringComparison.Ordinal) ? 0 : 1;
            IReadOnlyList<LedgerAllocation> open = machine.Agent.Ledger.Read(view => view.OpenAllocations()).Value;
            Assert.Equal(open.Count, open.Select(each => each.RequestKey).Distinct().Count());
            Assert.Equal(open.Count, open.SelectMany(each => each.Vfs).DistinctBy(vf => vf.Vf).Count());
            Assert.Equal(open.Count, machine.Rows().Count(row => row.State == VfState.Attached));
            Assert.Empty((await new NodeVerifier(machine.Agent).VerifyAsync()).Value.Violations);
        }
        Assert.True(answered > 40, $"{answered} calls were carried out");
        await ForgetAsync(machine);
        await AssertCleanAsync(machine, $"seed {seed}");
    }

    private static async Task<M> PrepareAsync(int calls)
    {
        M machine = await M.CreateAsync(vfs: 1);
        machine.Kernel.CreateNamespace(M.Space).Value.Dispose();
        await LiveAsync(machine, 0, calls);
        return machine;
    }

    private static async Task LiveAsync(M machine, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            JsonElement reply = await machine.CallAsync(Life[i].Call, Life[i].Body(machine));
            await (Life[i].After?.Invoke(machine, reply) ?? Task.CompletedTask);
        }
    }

    /// <summary>dockerd starts again and knows nothing.</summary>
    private static async Task ForgetAsync(M machine)
    {
        machine.Dockerd.Endpoints.Clear();
        _ = await machine.PassAsync();
        machine.Time.Advance(Containers.Docker.DockerDoor.Doubt);
        _ = await machine.PassAsync();
        machine.Clock.By = TimeSpan.FromMinutes(5);
        await machine.CallAsync("CreateNetwork", NewNetwork(machine));
        // The next to ask finds every address free.
        Assert.Contains("192.0.2.1/24", await machine.RawAsync("IpamDriver.RequestAddress", Address("02:42:00:00:00:77")),
            StringComparison.Ordinal);
        await machine.CallAsync("IpamDriver.ReleaseAddress", Address(Mac, "192.0.2.1"));
        await machine.CallAsync("DeleteNetwork", M.Of());
    }

    private static async Task AssertCleanAsync(M machine, string where)
    {
        Assert.Empty(machine.Agent.Ledger.Read(view => view.OpenAllocations()).Value);
        // Neither networks nor addresses.
        Assert.Empty(machine.Agent.Ledger.Read(view => view.MetaOf("docker.")).Value);
        foreach (LedgerVf row in machine.Rows())
        {
            Assert.True(row.State == VfState.Free, $"{where}: {row.Vf} is {row.State}, {row.Evidence}");
            Assert.Empty(CleanState.Differences(await machine.ReadAsync(row.Vf), row.Clean!));
        }
        Assert.Empty((await new NodeVerifier(machine.Agent).VerifyAsync()).Value.Violations);
    }

    private static string NewNetwork(M machine) =>
        M.Network($"\"pf\":\"{machine.Pf}\",\"vlan\":\"100\"").Replace("LocalDefault", "vfleet", StringComparison.Ordinal);

    private static string NewEndpoint(string endpoint, string mac, string address) =>
        M.NewEndpoint(endpoint, mac).Replace("192.0.2.2/24", $"{address}/24", StringComparison.Ordinal);

    private static string Address(string mac, string address = "") =>
        $$"""{"PoolID":"{{Subnet}}","Address":"{{address}}","Options":{"com.docker.network.endpoint.macaddress":"{{mac}}"} }""";
}
