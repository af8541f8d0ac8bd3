using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows.Telemetry;

/// <summary>
/// Processor time that telemetry takes for 100 VFs, beside the time that passes: an agent that samples each 5 s and is scraped each 15 s, less one that
/// does neither, both at the same time on the same 1,024 VFs.
/// </summary>
internal sealed class TelemetryCpu : IBenchmark
{
    private const int Pfs = 4, VfsPerPf = 256, Scrapes = 5;
    private const double Megabyte = 1 << 20;
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(20), BetweenScrapes = TimeSpan.FromSeconds(15);

    public string Name => "telemetry-cpu";

    public Promise Promise => Promise.AtMost(0.001);

    public async Task RunAsync(Workbench bench)
    {
        using RouteClient route = BenchException.Take(RouteClient.Open(bench.Kernel));
        using DeviceSet devices = await DeviceSet.CreateAsync(bench, route, Pfs, VfsPerPf).ConfigureAwait(false);
        await using MeteredAgent still = MeteredAgent.Start(bench, "--no-recent");
        await using MeteredAgent watching = MeteredAgent.Start(bench);
        _ = await still.AwaitAsync(Pfs * VfsPerPf).ConfigureAwait(false);
        _ = await watching.AwaitAsync(Pfs * VfsPerPf).ConfigureAwait(false);
        await Task.Delay(Settles).ConfigureAwait(false);
        TimeSpan ofStill = still.Processor, ofWatching = watching.Processor;
        double passed = await Clock.TimeAsync(async () =>
        {
            for (int i = 0; i < Scrapes; i++)
            {
                _ = await HttpGet.CountAsync(watching.Port, "/metrics").ConfigureAwait(false);
                await Task.Delay(BetweenScrapes).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        (ofStill, ofWatching) = (still.Processor - ofStill, watching.Processor - ofWatching);
        double each = Math.Max(0, (ofWatching - ofStill).TotalNanoseconds) / (Pfs * VfsPerPf / 100.0);
        bench.Add(new Row(Name, "time that passed", SampleUnit.Nanoseconds, Promise)
        {
            Ours = [each],
            Peers = [passed],
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{ofWatching.TotalSeconds:0.00} s less {ofStill.TotalSeconds:0.00} s of the agent without; {each / passed:0.00000} of a core; "
                + $"{watching.Resident / Megabyte:0} MB resident, {still.Resident / Megabyte:0} MB without"),
        });
    }
}
