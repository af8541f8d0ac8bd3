using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Bench.Rows;

/// <summary>Resets of many NVMe VFs on vfio-pci, beside writing each one's reset file, and beside the bare opens.</summary>
internal sealed class ResetVfs : IBenchmark
{
    private static readonly (int Count, Promise Promise)[] Rows = [(32, Promise.AtMost(0.25)), (127, Promise.AtMost(0.35))];

    public string Name => "reset";

    public Promise Promise => Rows[0].Promise;

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        BenchException.Take(kernel.LoadModule("vfio-pci"));
        BenchException.Take(kernel.LoadModule("vfio_iommu_type1"));
        PciResets resets = new(kernel, TimeProvider.System);
        foreach ((int count, Promise promise) in Rows)
        {
            using TestPf pf = TestPf.Find(kernel, "nvme", count);
            await Child.RunAsync(bench.Tool("create.sh"), pf.Address.ToString(), Sysfs.Text(count)).ConfigureAwait(false);
            pf.CheckBound(count, "vfio-pci");
            PciAddress[] vfs = [.. pf.Vfs()];
            string[] names = [.. vfs.Select(vf => vf.ToString())];
            double[][] samples = await Interleaved.RunColdAsync(
                bench.FewRounds,
                () => Clock.TimeAsync(() => OursAsync(resets, vfs)),
                () => Child.TimeAsync(bench.Tool("reset.sh"), names),
                () => Child.TimeAsync(bench.Tool("vfio-reset"), names)).ConfigureAwait(false);
            Row row = new($"{Name}-{count}", $"{count} sysfs resets", SampleUnit.Nanoseconds, promise) { Ours = samples[0], Peers = samples[1] };
            bench.Add(row);
            bench.Add(row with { Name = $"{row.Name}-floor", Peer = "C: VFIO opens on a thread each", Promise = Promise.None, Peers = samples[2] });
        }
    }

    private static async Task OursAsync(PciResets resets, PciAddress[] vfs)
    {
        IReadOnlyList<ResetResult> results = await resets.ResetManyAsync(vfs).ConfigureAwait(false);
        foreach (ResetResult result in results)
        {
            BenchException.Take(result.Outcome);
            if (result.Way != ResetWay.Vfio)
                throw new BenchException($"{result.Address} was reset by {result.Way}: {result.Detour?.Error}");
        }
    }
}
