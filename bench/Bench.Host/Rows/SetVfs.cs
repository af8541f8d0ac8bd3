using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows;

/// <summary>MAC and VLAN of 256 VFs, beside <c>ip -batch</c> and beside one <c>ip</c> a VF. Samples are per set.</summary>
internal sealed class SetVfs : IBenchmark
{
    private const int Vfs = 256, SampledProcesses = 32;

    public string Name => "set";

    public Promise Promise => Promise.AtLeast(5);

    public async Task RunAsync(Workbench bench)
    {
        using RouteClient route = BenchException.Take(RouteClient.Open(bench.Kernel));
        using Netdevsim device = await Netdevsim.CreateAsync(bench.Kernel, route, Vfs).ConfigureAwait(false);
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-").FullName;
        string batch = Path.Combine(folder, "batch"), script = Path.Combine(folder, "script");
        // Each turn writes other values than the one before, so that nobody sets what is set.
        int turn = 0;
        try
        {
            double[][] samples = await Interleaved.RunAsync(
                bench.Rounds,
                () => OursAsync(bench.Kernel, device, turn++),
                () => PeerAsync(device, turn++, batch, "", Vfs, ["ip", "-batch", batch]),
                () => PeerAsync(device, turn++, script, "ip ", SampledProcesses, ["sh", "-e", script])).ConfigureAwait(false);
            Row row = new("set-batch", "ip -batch", SampleUnit.Nanoseconds, Promise) { Ours = samples[0], Peers = samples[1] };
            bench.Add(row);
            bench.Add(row with { Name = "set-process", Peer = $"one ip a VF, {SampledProcesses} from a shell script", Promise = Promise.AtLeast(50), Peers = samples[2] });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>From no socket to the last acknowledgement.</summary>
    private static async Task<double> OursAsync(IKernel kernel, Netdevsim device, int turn)
    {
        VfChange[] changes = [.. Enumerable.Range(0, Vfs).Select(vf => new VfChange
        {
            Index = vf,
            Mac = MacAddress.TryParse(Mac(vf, turn), out MacAddress mac) ? mac : default,
            Vlan = new VfVlan(Vlan(vf, turn)),
        })];
        double taken = await Clock.TimeAsync(async () =>
        {
            using RouteClient route = BenchException.Take(RouteClient.Open(kernel));
            BenchException.Take(await route.ChangeVfsAsync(device.Index, device.Name, changes).ConfigureAwait(false));
        }).ConfigureAwait(false);
        using RouteClient reader = BenchException.Take(RouteClient.Open(kernel));
        await CheckAsync(reader, device, turn, Vfs).ConfigureAwait(false);
        return taken / Vfs;
    }

    private static async Task<double> PeerAsync(Netdevsim device, int turn, string file, string prefix, int count, string[] command)
    {
        IEnumerable<string> lines = Enumerable.Range(0, count).Select(vf =>
            string.Create(CultureInfo.InvariantCulture, $"{prefix}link set dev {device.Name} vf {vf} mac {Mac(vf, turn)} vlan {Vlan(vf, turn)}"));
        await File.WriteAllLinesAsync(file, lines).ConfigureAwait(false);
        return await Child.TimeAsync(command[0], command[1..]).ConfigureAwait(false) / count;
    }

    private static async Task CheckAsync(RouteClient route, Netdevsim device, int turn, int count)
    {
        LinkInfo link = BenchException.Take(await route.GetLinkAsync(device.Index, VfDetail.Settings).ConfigureAwait(false));
        int right = link.Vfs.Count(vf => vf.Mac?.ToString() == Mac(vf.Index, turn) && vf.Vlan == Vlan(vf.Index, turn));
        if (right != count)
            throw new BenchException($"{right} of {count} VFs have what was set");
    }

    private static string Mac(int vf, int turn) => string.Create(CultureInfo.InvariantCulture, $"02:00:00:{turn & 0xff:x2}:{vf >> 8:x2}:{vf & 0xff:x2}");

    private static int Vlan(int vf, int turn) => 1 + ((vf + turn) % 4094);
}
