using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows;

/// <summary>All VFs of a PF with settings and counters, beside a C program that receives the same message.</summary>
/// <param name="vfs">How many.</param>
internal sealed class ReadVfs(int vfs) : IBenchmark
{
    // A turn takes some 100 ms: where a processor is shared, time comes in slices of milliseconds, and work that is shorter than a slice
    // looks faster than it is. There are many turns, because other load comes in bursts.
    private const int VfsPerTurn = 20_000, TurnsPerRound = 3;
    private readonly int _gets = Math.Max(1, VfsPerTurn / vfs);

    public string Name => $"read-{vfs}";

    public Promise Promise => Promise.AtMost(2);

    public async Task RunAsync(Workbench bench)
    {
        using RouteClient route = BenchException.Take(RouteClient.Open(bench.Kernel));
        using Netdevsim device = await Netdevsim.CreateAsync(bench.Kernel, route, vfs).ConfigureAwait(false);
        using Conversation bare = Conversation.Start(bench.Tool("netlink-get"), Sysfs.Text(device.Index));
        using Conversation walking = Conversation.Start(bench.Tool("netlink-get"), "-w", Sysfs.Text(device.Index));
        double[][] samples = await Interleaved.RunAsync(
            bench.Rounds * TurnsPerRound,
            () => OursAsync(route, device),
            () => PeerAsync(bare, walks: false),
            () => PeerAsync(walking, walks: true)).ConfigureAwait(false);
        Row row = new(Name, "C: bare netlink get", SampleUnit.Nanoseconds, Promise) { Ours = samples[0], Peers = samples[1] };
        bench.Add(row);
        bench.Add(row with { Name = $"{Name}-walk", Peer = "C: the same, walking the VFs", Promise = Promise.None, Peers = samples[2] });
    }

    private Task<double> OursAsync(RouteClient route, Netdevsim device) => Clock.MeanAsync(_gets, async () =>
    {
        LinkInfo link = BenchException.Take(await route.GetLinkAsync(device.Index, VfDetail.SettingsAndCounters).ConfigureAwait(false));
        if (link.Vfs.Count != vfs)
            throw new BenchException($"{link.Vfs.Count} of {vfs} VFs were read");
    });

    private async Task<double> PeerAsync(Conversation peer, bool walks)
    {
        string[] words = (await peer.AskAsync(Sysfs.Text(_gets)).ConfigureAwait(false)).Split(' ');
        if (walks && words[1] != Sysfs.Text(vfs))
            throw new BenchException($"netlink-get walked {words[1]} of {vfs} VFs");
        return double.Parse(words[0], CultureInfo.InvariantCulture);
    }
}
