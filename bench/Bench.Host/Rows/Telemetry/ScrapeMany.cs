using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows.Telemetry;

/// <summary>
/// A full scrape of 1,024 VFs over HTTP, beside four bare netlink gets and a bare server that sends as many bytes; and how many bytes that are for each
/// VF. Whoever scrapes within a second gets the reading before, so turns are further apart.
/// </summary>
internal sealed class ScrapeMany : IBenchmark
{
    private const int Pfs = 4, VfsPerPf = 256, MostBytesPerVf = 4096;

    /// <summary>Longer than a reading is shared.</summary>
    internal static readonly TimeSpan BetweenTurns = TimeSpan.FromMilliseconds(1200);

    public string Name => "telemetry-scrape";

    public Promise Promise => Promise.AtMost(2);

    public async Task RunAsync(Workbench bench)
    {
        using RouteClient route = BenchException.Take(RouteClient.Open(bench.Kernel));
        using DeviceSet devices = await DeviceSet.CreateAsync(bench, route, Pfs, VfsPerPf).ConfigureAwait(false);
        await using MeteredAgent agent = MeteredAgent.Start(bench);
        long bytes = await agent.AwaitAsync(Pfs * VfsPerPf).ConfigureAwait(false);
        using BareScrape bare = await BareScrape.StartAsync(
            bench, [.. devices.Each.Select(device => Conversation.Start(bench.Tool("netlink-get"), Sysfs.Text(device.Index)))]).ConfigureAwait(false);
        double[][] samples = await Interleaved.RunAsync(bench.Rounds, () => OursAsync(agent), () => bare.WholeAsync(bytes)).ConfigureAwait(false);
        bench.Add(new Row($"{Name}-1024", $"C: {Pfs} netlink gets, then as many bytes sent", SampleUnit.Nanoseconds, Promise)
        {
            Ours = samples[0],
            Peers = samples[1],
            Note = $"{Sysfs.Text((int)bytes)} bytes",
        });
        bench.Add(new Row($"{Name}-bytes", "4 kB for each VF", SampleUnit.Bytes, Promise.AtMost(1))
        {
            Ours = [(double)bytes / (Pfs * VfsPerPf)],
            Peers = [MostBytesPerVf],
        });
    }

    /// <summary>One scrape, of a reading that is made for it.</summary>
    internal static async Task<double> OursAsync(MeteredAgent agent)
    {
        await Task.Delay(BetweenTurns).ConfigureAwait(false);
        return await Clock.TimeAsync(() => HttpGet.CountAsync(agent.Port, "/metrics")).ConfigureAwait(false);
    }
}
