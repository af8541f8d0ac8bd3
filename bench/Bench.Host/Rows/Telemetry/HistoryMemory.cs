using System.Diagnostics;
using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Node.Counters;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Bench.Rows.Telemetry;

/// <summary>Memory of the recent history for each VF, each of which changed its owner as often as is remembered, beside its bound.</summary>
internal sealed class HistoryMemory : IBenchmark
{
    private const int Vfs = 128, Readings = 300;

    public string Name => "telemetry-memory";

    public Promise Promise => Promise.AtMost(1);

    public Task RunAsync(Workbench bench)
    {
        VfCounts[][] counts = [.. Enumerable.Range(0, 2).Select(turn => Counts(new RecentOwner($"a{Sysfs.Text(turn)}", "bench", null)))];
        long step = (long)(RecentHistory.Step.TotalSeconds * Stopwatch.Frequency);
        RecentHistory history = new(TimeProvider.System);
        long before = GC.GetTotalMemory(forceFullCollection: true), began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Readings; i++)
            history.Add(new RecentReading(began + (i * step), DateTimeOffset.UnixEpoch + (i * RecentHistory.Step), counts[i % 2]));
        double each = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Vfs;
        if (history.Count != Vfs)
            throw new BenchException($"{Sysfs.Text(history.Count)} of {Sysfs.Text(Vfs)} VFs are kept");
        bench.Add(new Row(Name, "its bound", SampleUnit.Bytes, Promise)
        {
            Ours = [each],
            Peers = [RecentHistory.BytesPerVf],
            Note = string.Create(CultureInfo.InvariantCulture,
                $"at most {RecentHistory.MostVfs} VFs, {(double)RecentHistory.MostVfs * RecentHistory.BytesPerVf / (1 << 20):0} MB"),
        });
        return Task.CompletedTask;
    }

    private static VfCounts[] Counts(RecentOwner owner) =>
        [.. Enumerable.Range(0, Vfs).Select(vf => new VfCounts($"eth0/{Sysfs.Text(vf)}", CounterValues.Of(_ => 1), 1, owner))];
}
