using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows;

/// <summary>How many VFs are seen where the kernel's list has wrapped, beside what <c>ip -s link show</c> prints.</summary>
internal sealed class Completeness : IBenchmark
{
    private static readonly int[] Counts = [222, 256, 512, 1000, 2000];

    public string Name => "complete";

    public Promise Promise => Promise.None;

    public async Task RunAsync(Workbench bench)
    {
        using RouteClient route = BenchException.Take(RouteClient.Open(bench.Kernel));
        using Netdevsim device = await Netdevsim.CreateAsync(bench.Kernel, route, Counts[0]).ConfigureAwait(false);
        foreach (int count in Counts)
        {
            device.SetVfs(count);
            LinkInfo link = BenchException.Take(await route.GetLinkAsync(device.Index, VfDetail.SettingsAndCounters).ConfigureAwait(false));
            bool isWhole = link.Vfs.Select((vf, index) => vf.Index == index && vf.Counters is not null).Count(isRight => isRight) == count;
            string shown = await Child.RunAsync("ip", "-s", "link", "show", "dev", device.Name).ConfigureAwait(false);
            bench.Add(new Row($"{Name}-{count}", "VFs that ip -s link show prints", SampleUnit.VirtualFunctions, Promise)
            {
                Ours = [link.Vfs.Count],
                Peers = [shown.Split('\n').Count(line => line.TrimStart().StartsWith("vf ", StringComparison.Ordinal))],
                Verdict = isWhole && link.Vfs.Count == count,
            });
        }
    }
}
