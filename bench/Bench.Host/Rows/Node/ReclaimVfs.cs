using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;

namespace Vfleet.Bench.Rows.Node;

/// <summary>32 NVMe VFs on vfio-pci taken back and scrubbed through the ledger, beside 32 resets through sysfs.</summary>
internal sealed class ReclaimVfs : IBenchmark
{
    private const int Vfs = 32;

    public string Name => "node-reclaim";

    public Promise Promise => Promise.AtMost(0.3);

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        BenchException.Take(kernel.LoadModule("vfio-pci"));
        BenchException.Take(kernel.LoadModule("vfio_iommu_type1"));
        using TestPf pf = TestPf.Find(kernel, "nvme", Vfs);
        await Child.RunAsync(bench.Tool("create.sh"), pf.Address.ToString(), Sysfs.Text(Vfs)).ConfigureAwait(false);
        pf.CheckBound(Vfs, "vfio-pci");
        string[] names = [.. pf.Vfs().Select(vf => vf.ToString())];
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-node-").FullName;
        try
        {
            using LocalNode node = BenchException.Take(
                LocalNode.Open(kernel, bench.Host with { StateDirectory = folder }, new Actor("bench", null, null)));
            double[][] samples = await Interleaved.RunColdAsync(
                bench.FewRounds,
                () => OursAsync(node, pf.Address),
                () => Child.TimeAsync(bench.Tool("reset.sh"), names),
                () => Child.TimeAsync(bench.Tool("vfio-reset"), names)).ConfigureAwait(false);
            Row row = new(Name, $"{Vfs} sysfs resets", SampleUnit.Nanoseconds, Promise) { Ours = samples[0], Peers = samples[1] };
            bench.Add(row);
            bench.Add(row with { Name = $"{Name}-floor", Peer = "C: VFIO opens on a thread each", Promise = Promise.None, Peers = samples[2] });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> OursAsync(LocalNode node, PciAddress pf)
    {
        AllocationRequest request = new() { Pool = pf.ToString(), Count = Vfs, Owner = new Owner { Name = "bench" } };
        LedgerAllocation held = BenchException.Take(await node.AllocateAsync(request).ConfigureAwait(false));
        return await Clock.TimeAsync(async () =>
        {
            ReleaseResult result = BenchException.Take(await node.ReleaseAsync(held.Id).ConfigureAwait(false));
            if (result.Free.Count != Vfs)
                throw new BenchException($"{result.Free.Count} of {Vfs} VFs are clean: {string.Join("; ", result.Quarantined)}");
        }).ConfigureAwait(false);
    }
}
