using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows.Telemetry;

/// <summary>
/// A full scrape of 14 igb VFs, six of them in three namespaces, beside a bare netlink get of each VF's interface by a program within its namespace;
/// and beside the same with a bare server that sends as many bytes.
/// </summary>
internal sealed class ScrapeIgb : IBenchmark
{
    private const int VfsPerPf = 7, Spaces = 3, VfsPerSpace = 2;
    private const string Space = "vfleet-bench";

    public string Name => "telemetry-igb";

    public Promise Promise => Promise.AtMost(2);

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        SriovHost host = new(kernel, bench.Host);
        using TestPf first = TestPf.Find(kernel, "igb", VfsPerPf);
        await first.CreateAsync(host, VfsPerPf).ConfigureAwait(false);
        using TestPf second = TestPf.Find(kernel, "igb", VfsPerPf);
        await second.CreateAsync(host, VfsPerPf).ConfigureAwait(false);
        try
        {
            await MeasureAsync(bench, await SpreadAsync(kernel, host).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            for (int space = 0; space < Spaces; space++)
                _ = kernel.DeleteNamespace(NameOf(space));
        }
    }

    private async Task MeasureAsync(Workbench bench, IReadOnlyList<(string? Space, int Index)> places)
    {
        await using MeteredAgent agent = MeteredAgent.Start(bench);
        long bytes = await agent.AwaitAsync(places.Count).ConfigureAwait(false);
        using BareScrape bare = await BareScrape.StartAsync(bench, [.. places.Select(place => Get(bench, place))]).ConfigureAwait(false);
        double[][] samples = await Interleaved.RunAsync(
            bench.Rounds, () => ScrapeMany.OursAsync(agent), bare.ReadAsync, () => bare.WholeAsync(bytes)).ConfigureAwait(false);
        Row row = new(Name, $"C: {places.Count} netlink gets in each VF's namespace", SampleUnit.Nanoseconds, Promise)
        {
            Ours = samples[0],
            Peers = samples[1],
            Note = $"{Sysfs.Text((int)bytes)} bytes",
        };
        bench.Add(row);
        bench.Add(row with { Name = $"{Name}-sent", Peer = "C: the same, then as many bytes sent", Promise = Promise.None, Peers = samples[2] });
    }

    private static Conversation Get(Workbench bench, (string? Space, int Index) place) => place.Space is { } space
        ? Conversation.Start("ip", "netns", "exec", space, bench.Tool("netlink-get"), Sysfs.Text(place.Index))
        : Conversation.Start(bench.Tool("netlink-get"), Sysfs.Text(place.Index));

    /// <summary>Moves some VFs into namespaces; where each one's interface is then.</summary>
    private static async Task<IReadOnlyList<(string? Space, int Index)>> SpreadAsync(IKernel kernel, SriovHost host)
    {
        VirtualFunction[] vfs =
        [
            .. BenchException.Take(await host.Inventory.ReadWithoutRoutesAsync(VfDetail.None).ConfigureAwait(false))
                .Vfs.Where(vf => vf is { Link: not null, Pf.Driver: "igb" }),
        ];
        using RouteClient here = BenchException.Take(RouteClient.Open(kernel));
        List<(string? Space, int Index)> places = [];
        for (int space = 0; space < Spaces; space++)
        {
            using NetworkNamespace within = BenchException.Take(kernel.CreateNamespace(NameOf(space)));
            using RouteClient there = BenchException.Take(RouteClient.Open(kernel, within));
            foreach (VirtualFunction vf in vfs.Skip(space * VfsPerSpace).Take(VfsPerSpace))
            {
                LinkInfo link = vf.Link!;
                BenchException.Take(await here.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Namespace = within }).ConfigureAwait(false));
                places.Add((NameOf(space), BenchException.Take(await there.GetLinkAsync(link.Name).ConfigureAwait(false)).Index));
            }
        }
        return [.. places, .. vfs.Skip(Spaces * VfsPerSpace).Select(vf => ((string?)null, vf.Link!.Index))];
    }

    private static string NameOf(int space) => $"{Space}-{Sysfs.Text(space)}";
}
