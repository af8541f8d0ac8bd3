using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Bench.Rows.Node;
using Vfleet.Host;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows.Cni;

/// <summary>ADD and DEL of a CNI plugin with VLAN, MAC and host-local, from the start of the process to its end.</summary>
internal sealed class CniCalls : IBenchmark
{
    private const string Space = "vfleet-bench";

    public string Name => "cni-add";

    public Promise Promise => Promise.AtMost(1.5);

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        using TestPf pf = TestPf.Find(kernel, "igb", 1);
        SriovHost host = new(kernel, bench.Host);
        await pf.CreateAsync(host, 1).ConfigureAwait(false);
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-cni-").FullName;
        string device = pf.Vfs()[0].ToString();
        CniRuntime runtime = new(bench.Plugin, folder);
        using NetworkNamespace space = BenchException.Take(kernel.CreateNamespace(Space));
        List<double> deletes = [];
        try
        {
            double[][] samples = await Interleaved.RunAsync(
                bench.Rounds,
                async () =>
                {
                    double took = await runtime.TimeAsync("ADD", device, Space, "bench").ConfigureAwait(false);
                    deletes.Add(await runtime.TimeAsync("DEL", device, Space, "bench").ConfigureAwait(false));
                    return took;
                },
                () => BareAttach.TimeAsync(kernel, host, device, space, new VfChange { Index = 0, Vlan = new VfVlan(100, 3), Trust = true }),
                async () =>
                {
                    double took = await runtime.TimeIpamAsync("ADD", device, Space, "alone").ConfigureAwait(false);
                    _ = await runtime.TimeIpamAsync("DEL", device, Space, "alone").ConfigureAwait(false);
                    return took;
                },
                () => Child.TimeAsync(bench.Tool("Bench.Empty"))).ConfigureAwait(false);
            long peak = await runtime.PeakAsync(bench.Tool("peak-memory"), "ADD", device, Space, "bench").ConfigureAwait(false);
            peak = Math.Max(peak, await runtime.PeakAsync(bench.Tool("peak-memory"), "DEL", device, Space, "bench").ConfigureAwait(false));
            double[] floor = [.. samples[1].Zip(samples[2], (kernels, ipam) => kernels + ipam)];
            double[] own = [.. samples[0].Zip(floor, (all, others) => all - others)];
            // The first is the turn that does not count.
            double[] kept = [.. deletes.Skip(1)];
            Row row = new("cni-add", "kernel requests and host-local", SampleUnit.Nanoseconds, Promise.None);
            bench.Add(row with { Ours = samples[0], Peers = floor, Note = $"p99 {Percentile(samples[0])}" });
            bench.Add(row with { Name = "cni-del", Ours = kept, Peers = floor, Note = $"p99 {Percentile(kept)}" });
            string size = string.Create(CultureInfo.InvariantCulture, $"{peak / 1048576.0:0.0} MB of memory at most, {new FileInfo(bench.Plugin).Length / 1048576.0:0.0} MB executable");
            bench.Add(row with { Name = "cni-own", Peer = "an empty native program", Promise = Promise, Ours = own, Peers = samples[3], Note = size });
        }
        finally
        {
            _ = kernel.DeleteNamespace(Space);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Percentile(double[] samples) =>
        string.Create(CultureInfo.InvariantCulture, $"{samples.Order().ElementAt((int)Math.Ceiling(samples.Length * 0.99) - 1) / 1e6:0} ms");
}
