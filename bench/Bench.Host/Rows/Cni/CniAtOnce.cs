using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Host;
using Vfleet.Linux;

namespace Vfleet.Bench.Rows.Cni;

/// <summary>Seven ADDs at once, each of its own VF and namespace, beside the same in sequence.</summary>
internal sealed class CniAtOnce : IBenchmark
{
    private const int Vfs = 7;

    public string Name => "cni-7";

    public Promise Promise => Promise.AtMost(0.65);

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        using TestPf pf = TestPf.Find(kernel, "igb", Vfs);
        SriovHost host = new(kernel, bench.Host);
        await pf.CreateAsync(host, Vfs).ConfigureAwait(false);
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-cni-").FullName;
        string[] devices = [.. pf.Vfs().Select(vf => vf.ToString())];
        CniRuntime runtime = new(bench.Plugin, folder);
        NetworkNamespace[] spaces = [.. devices.Select((_, i) => BenchException.Take(kernel.CreateNamespace(Space(i))))];
        try
        {
            double[][] samples = await Interleaved.RunAsync(
                bench.FewRounds,
                () => AddAsync(() => Task.WhenAll(devices.Select((device, i) => runtime.TimeAsync("ADD", device, Space(i), Space(i)))), devices, runtime),
                () => AddAsync(async () =>
                {
                    for (int i = 0; i < Vfs; i++)
                        _ = await runtime.TimeAsync("ADD", devices[i], Space(i), Space(i)).ConfigureAwait(false);
                }, devices, runtime)).ConfigureAwait(false);
            bench.Add(new Row(Name, "seven in sequence", SampleUnit.Nanoseconds, Promise) { Ours = samples[0], Peers = samples[1] });
        }
        finally
        {
            for (int i = 0; i < spaces.Length; i++)
            {
                spaces[i].Dispose();
                _ = kernel.DeleteNamespace(Space(i));
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Space(int i) => $"vfleet-bench-{i}";

    private static async Task<double> AddAsync(Func<Task> add, string[] devices, CniRuntime runtime)
    {
        double took = await Clock.TimeAsync(add).ConfigureAwait(false);
        for (int i = 0; i < devices.Length; i++)
            _ = await runtime.TimeAsync("DEL", devices[i], Space(i), Space(i)).ConfigureAwait(false);
        return took;
    }
}
