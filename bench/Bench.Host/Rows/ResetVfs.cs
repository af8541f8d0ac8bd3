using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Bench.Rows;

/// <summary>Resets of many NVMe VFs on vfio-pci, beside writing each one's reset file.</summary>
internal sealed class ResetVfs : IBenchmark
{
    private const int Vfs = 127;
    private static readonly (int Count, Promise Promise)[] Rows = [(32, Promise.AtMost(0.25)), (Vfs, Promise.AtMost(0.35))];

    public string Name => "reset";

    public Promise Promise => Rows[0].Promise;

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        BenchException.Take(kernel.LoadModule("vfio-pci"));
        BenchException.Take(kernel.LoadModule("vfio_iommu_type1"));
        using TestPf pf = TestPf.Find(kernel, "nvme", Vfs);
        await Child.RunAsync(bench.Tool("create.sh"), pf.Address.ToString(), Sysfs.Text(Vfs)).ConfigureAwait(false);
        pf.CheckBound(Vfs, "vfio-pci");
        PciResets resets = new(kernel, TimeProvider.System);
        foreach ((int count, Promise promise) in Rows)
        {
            PciAddress[] chosen = [.. pf.Vfs().Take(count)];
            string[] names = [.. chosen.Select(vf => vf.ToString())];
            double[][] samples = await Interleaved.RunColdAsync(
                bench.FewRounds,
                () => Clock.TimeAsync(() => OursAsync(resets, chosen)),
                () => Child.TimeAsync(bench.Tool("reset.sh"), names)).ConfigureAwait(false);
            bench.Add(new Row($"{Name}-{count}", $"{count} sysfs resets", SampleUnit.Nanoseconds, promise) { Ours = samples[0], Peers = samples[1] });
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
