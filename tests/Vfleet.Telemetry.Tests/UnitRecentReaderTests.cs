using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Tests;
using Vfleet.Simulation;
using Vfleet.Telemetry.Recent;
using Xunit.Abstractions;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitRecentReaderTests(ITestOutputHelper output)
{
    [Fact]
    public async Task CountersAndOwnersAreReadWithoutAWrite()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        RecentReader reader = new(machine.Machine.Node) { LatencyP99 = vf => vf == "0000:01:10.0" ? 0.001 : null };
        string vf = (await machine.Machine.ReadAsync(machine.Machine.Vf(0))).Label;
        VfCounts before = (await reader.ReadAsync()).Value.Vfs.Single(each => each.Vf == vf);
        Assert.Null(before.Owner);

        string id = (await machine.Machine.Node.AllocateAsync(machine.Machine.Request("blue") with { Vf = vf, Tenant = "acme" })).Value.Id;
        await machine.SendAsync(0, 10);
        long sequence = machine.Machine.Node.Ledger.Read(view => view.Head().Sequence).Value;
        VfCounts after = (await reader.ReadAsync()).Value.Vfs.Single(each => each.Vf == vf);

        Assert.Equal(new RecentOwner(id, "blue", "acme"), after.Owner);
        Assert.Equal(10UL, after.Counters[VfCounter.TransmitPackets] - before.Counters[VfCounter.TransmitPackets]);
        Assert.Equal(sequence, machine.Machine.Node.Ledger.Read(view => view.Head().Sequence).Value);
        Assert.Equal((0.001, vf), (after.LatencyP99, after.Vf));

        _ = (await machine.Machine.Node.ReleaseAsync(id)).Value;
        Assert.All((await reader.ReadAsync()).Value.Vfs, each => Assert.Null(each.Owner));
    }

    [Fact]
    public async Task TheMachineIsReadWholeOnlyWhereItIsNotAsItWas()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        NodeMachine node = machine.Machine;
        RecentReader reader = new(node.Node);
        async Task<ulong?> SentAsync() => (await reader.ReadAsync()).Value.Vfs[0].Counters[VfCounter.TransmitPackets];
        ulong? before = await SentAsync();
        await machine.SendAsync(0, 3);
        Assert.Equal((before + 3, 1), (await SentAsync(), reader.WholeReadings));

        // A hand-out to a namespace, what is sent there, and the end of it.
        AllocationRequest request = node.RequestFor("blue") with { Vf = node.Vf(0) };
        string id = (await node.Node.AttachAsync(request, NodeMachine.To("blue"))).Value.Allocation.Id;
        ulong? there = await SentAsync();
        await machine.SendAsync(0, 5);
        Assert.Equal((there + 5, 2), (await SentAsync(), reader.WholeReadings));
        _ = node.Kernel.DeleteNamespace("green").Value;
        Assert.NotNull(await SentAsync());
        Assert.Equal(2, reader.WholeReadings);
        _ = (await node.Node.ReleaseAsync(id)).Value;
        Assert.NotNull(await SentAsync());
        Assert.Equal(3, reader.WholeReadings);

        // VFs that somebody else removes leave no trace in the ledger yet.
        Assert.True(node.Kernel.Files.WriteText("/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "0").Succeeded);
        Assert.Empty((await reader.ReadAsync()).Value.Vfs);
        Assert.Equal(4, reader.WholeReadings);
    }

    [Fact]
    public async Task ANamespaceThatDisappearsIsLookedForAndNotAGap()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        NodeMachine node = machine.Machine;
        RecentReader reader = new(node.Node);
        _ = (await node.Node.AttachAsync(node.RequestFor("blue") with { Vf = node.Vf(0) }, NodeMachine.To("blue"))).Value;
        Assert.True((await reader.ReadAsync()).Succeeded);
        _ = node.Kernel.DeleteNamespace("blue").Value;
        RecentReading after = (await reader.ReadAsync()).Value;
        Assert.Equal((3, 2), (after.Vfs.Count, reader.WholeReadings));
    }

    [Fact]
    public async Task AVfThatNobodyCountsIsUnknownAndNotZero()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync(driver: "vfio-pci");
        RecentReading reading = (await new RecentReader(machine.Machine.Node).ReadAsync()).Value;
        Assert.Equal(3, reading.Vfs.Count);
        Assert.All(reading.Vfs, vf => Assert.True(vf.Counters.IsEmpty));
    }

    [Fact]
    public void InterruptsAreSummedOverProcessorsAndNoNameIsTakenForACount()
    {
        Dictionary<int, ulong> counts = new() { [99] = 1 };
        InterruptCounts.Parse("""
                        CPU0       CPU1
              0:         12          0  IR-IO-APIC    2-edge      timer
             31:          5          7  PCI-MSIX-0000:01:10.0   0-edge      eth1-rx-0
             32:          1             12345
            NMI:          9          9   Non-maskable interrupts
            """, counts);
        Assert.Equal([(0, 12UL), (31, 12UL), (32, 12346UL)], counts.Select(pair => (pair.Key, pair.Value)));
        foreach (string broken in new[] { "", "\n\n", "CPU0", "x", " CPU0\n:\n5:\n6: x\n7: -3\n8: 99999999999999999999999" })
        {
            InterruptCounts.Parse(broken, counts);
            Assert.All(counts.Values, count => Assert.Equal(0UL, count));
        }
    }

    /// <summary>
    /// A sample of 256 VFs, its processor time printed. The bound is loose, for machines differ and are shared, and the simulated kernel works in the
    /// same process.
    /// </summary>
    [Fact]
    public async Task ASampleTakesASmallPartOfItsInterval()
    {
        const int Vfs = 256;
        DirectoryInfo state = Directory.CreateTempSubdirectory("vfleet-recent-");
        SimulatedKernel kernel = SimulationProfiles.Create("ice", new SimulationOptions { LinksUp = true }).Value;
        HostOptions options = new() { StateDirectory = state.FullName };
        SriovHost host = new(kernel, options);
        CreatePlan plan = (await host.Creator.PlanAsync((await host.Inventory.ListPfsAsync()).Value[0].Label, Vfs, null, force: false)).Value;
        _ = (await host.Creator.ApplyAsync(plan, force: false)).Value;
        using (LocalNode node = LocalNode.Open(kernel, options, new Actor("agent", "root", null)).Value)
        {
            RecentReader reader = new(node);
            RecentHistory history = new(options.Time);
            for (int i = 0; i < 20; i++)
                history.Add((await reader.ReadAsync()).Value);
            TimeSpan whole = await CostAsync(async () => history.Add((await reader.ReadAsync()).Value));
            TimeSpan bare = await CostAsync(async () =>
            {
                using RouteClient route = RouteClient.Open(kernel).Value;
                _ = (await route.ListLinksAsync(VfDetail.SettingsAndCounters)).Value;
                _ = kernel.Files.ReadText("/proc/interrupts").Value;
            });
            output.WriteLine($"a sample of {Vfs} VFs: {whole.TotalMilliseconds:0.00} ms of processor, {bare.TotalMilliseconds:0.00} ms of them the bare "
                + $"readings of the simulated kernel; the rest is {(whole - bare) / RecentHistory.Step * 100 * 100 / Vfs:0.000} % of a core for 100 VFs");
            Assert.True(whole < RecentHistory.Step / 10, $"{whole.TotalMilliseconds} ms");
        }
        state.Delete(recursive: true);
    }

    private static async Task<TimeSpan> CostAsync(Func<Task> work)
    {
        const int Times = 50;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Times; i++)
            await work();
        return (Environment.CpuUsage.TotalTime - before) / Times;
    }
}
