using Vfleet.Bench.Measurement;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation;

namespace Vfleet.Bench.Rows.Node;

/// <summary>
/// A node with 256 VFs of a simulated ice, a quarter of them in the hands of a process that died: the time from opening the ledger until all of it is
/// put right. Printed beside one second, which is what is promised.
/// </summary>
internal sealed class NodeRecovery : IBenchmark
{
    private const int Vfs = 256, Held = 64;

    public string Name => "node-recovery";

    public Promise Promise => Promise.AtMost(1);

    public async Task RunAsync(Workbench bench)
    {
        List<double> samples = [];
        for (int round = 0; round < bench.FewRounds; round++)
            samples.Add(await RoundAsync(round).ConfigureAwait(false));
        bench.Add(new Row(Name, "one second", SampleUnit.Nanoseconds, Promise) { Ours = samples, Peers = [.. samples.Select(_ => 1e9)] });
    }

    private static async Task<double> RoundAsync(int round)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-node-").FullName;
        try
        {
            SimulatedKernel kernel = BenchException.Take(SimulationProfiles.Create("ice", new SimulationOptions { LinksUp = true }));
            HostOptions options = new() { StateDirectory = folder };
            SriovHost host = new(kernel, options);
            string pf = BenchException.Take(await host.Inventory.ListPfsAsync().ConfigureAwait(false))[0].Label;
            CreatePlan plan = BenchException.Take(await host.Creator.PlanAsync(pf, Vfs, "vfio-pci", force: false).ConfigureAwait(false));
            _ = BenchException.Take(await host.Creator.ApplyAsync(plan, force: false).ConfigureAwait(false));
            await HoldAsync(kernel, options, pf).ConfigureAwait(false);
            return await Clock.TimeAsync(async () =>
            {
                using LocalNode node = Open(kernel, options, 2000 + round);
                int reclaimed = BenchException.Take(await node.ReclaimAsync().ConfigureAwait(false)).Result.Free.Count;
                if (reclaimed != Held)
                    throw new BenchException($"{reclaimed} of {Held} VFs came back");
                _ = BenchException.Take(await node.Census.TakeAsync().ConfigureAwait(false));
            }).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task HoldAsync(SimulatedKernel kernel, HostOptions options, string pf)
    {
        using LocalNode node = Open(kernel, options, 1000);
        AllocationRequest request = new()
        {
            Pool = pf,
            Count = Held,
            Owner = BenchException.Take(OwnerIdentity.OfProcess(kernel, 1000, "tenant")),
        };
        _ = BenchException.Take(await node.AllocateAsync(request).ConfigureAwait(false));
        kernel.Machine.EndProcess(1000);
    }

    private static LocalNode Open(SimulatedKernel kernel, HostOptions options, int pid)
    {
        kernel.Machine.AddProcess(pid);
        return BenchException.Take(LocalNode.Open(kernel, options, new Actor("bench", null, BenchException.Take(OwnerIdentity.OfProcess(kernel, pid, "bench")))));
    }
}
