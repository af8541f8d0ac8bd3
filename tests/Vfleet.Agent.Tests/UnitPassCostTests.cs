using Vfleet.Agent.Loop;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Simulation;
using Xunit.Abstractions;

namespace Vfleet.Agent.Tests;

public sealed class UnitPassCostTests(ITestOutputHelper output)
{
    private const int Vfs = 256;

    /// <summary>
    /// A pass over 256 VFs, its processor time printed. The bound is loose, for machines differ and are shared: 5 % of the interval; a
    /// quadratic
    /// reading of 256 VFs takes more.
    /// </summary>
    [Fact]
    public async Task APassOver256VfsTakesASmallPartOfTheInterval()
    {
        DirectoryInfo state = Directory.CreateTempSubdirectory("vfleet-agent-");
        SimulatedKernel kernel = SimulationProfiles.Create("ice", new SimulationOptions { LinksUp = true }).Value;
        HostOptions options = new() { StateDirectory = state.FullName };
        SriovHost host = new(kernel, options);
        CreatePlan plan = (await host.Creator.PlanAsync((await host.Inventory.ListPfsAsync()).Value[0].Label, Vfs, null,
            force: false)).Value;
        _ = (await host.Creator.ApplyAsync(plan, force: false)).Value;
        using (LocalNode node = LocalNode.Open(kernel, options, new Actor("agent", "root", null)).Value)
        {
            NodePass pass = new(node);
            for (int i = 0; i < 5; i++)
                Assert.Null((await pass.PassAsync(CancellationToken.None)).Fault);
            Assert.Equal(Vfs, node.Ledger.Read(view => view.Vfs().Count).Value);
            const int Passes = 20;
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long start = TimeProvider.System.GetTimestamp();
            for (int i = 0; i < Passes; i++)
                Assert.Equal(0, (await pass.PassAsync(CancellationToken.None)).Value.Changes);
            TimeSpan cpu = (Environment.CpuUsage.TotalTime - before) / Passes, wall = TimeProvider.System.GetElapsedTime(start) / Passes;
            output.WriteLine($"a pass over {Vfs} VFs: {cpu.TotalMilliseconds:0.0} ms of processor, "
                + $"{wall.TotalMilliseconds:0.0} ms from begin to end");
            Assert.True(wall < new LoopOptions().Interval, $"{wall.TotalMilliseconds} ms");
        }
        state.Delete(recursive: true);
    }
}
