using System.Globalization;
using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Isolation;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Up;

/// <summary>Checks the scene: who reaches whom, and what the device does with what it should not let through.</summary>
internal sealed class UpChecks(SriovHost host)
{
    private const int Echoes = 10;
    private static readonly TimeSpan CarrierDeadline = TimeSpan.FromSeconds(20);
    private readonly List<UpCheck> _checks = [];
    private readonly List<UpMeasurement> _measurements = [];
    private readonly ProbeOptions _options = new() { Time = host.Options.Time };

    public async Task<Outcome<UpReport>> RunAsync(UpState state, string mode, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VirtualFunction>> read = await host.Inventory.ListVfsAsync(null, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VirtualFunction>? vfs, out Fault? fault))
            return fault;
        List<NetworkNamespace> open = [];
        try
        {
            Dictionary<string, ProbeEnd> ends = [];
            foreach (Workload workload in UpScene.Workloads)
            {
                VirtualFunction? vf = vfs.FirstOrDefault(one => one.Label == state.Attached.GetValueOrDefault(workload.Namespace));
                CheckSettings(workload, vf);
                if (!host.Kernel.OpenNamespace($"/run/netns/{workload.Namespace}").Try(out NetworkNamespace? within, out fault))
                    return fault;
                open.Add(within);
                ends[workload.Namespace] = new ProbeEnd(within, UpScene.InterfaceName, workload.Address.Address) { Says = vf?.Settings };
            }
            if (await ProbeAsync(ends, cancel).ConfigureAwait(false) is { } failed)
                return failed;
        }
        finally
        {
            open.ForEach(within => within.Dispose());
        }
        return await ReportAsync(mode, vfs, cancel).ConfigureAwait(false);
    }

    private void CheckSettings(Workload workload, VirtualFunction? vf)
    {
        string name = $"settings-{workload.Namespace}";
        if (vf is not { Settings: { } settings, Link: { } link })
        {
            _checks.Add(new UpCheck(name, false, "its VF is not there"));
            return;
        }
        bool isRight = settings.Vlan == workload.Vlan && settings.Mac == workload.Mac && link.Mac == workload.Mac && settings.SpoofCheck == true;
        _checks.Add(new UpCheck(name, isRight, string.Create(CultureInfo.InvariantCulture,
            $"{vf.Label} reads back VLAN {settings.Vlan}, MAC {settings.Mac}, spoof check {(settings.SpoofCheck == true ? "on" : "off")}; its interface has {link.Mac}")));
    }

    private async Task<Fault?> ProbeAsync(Dictionary<string, ProbeEnd> ends, CancellationToken cancel)
    {
        ProbeEnd blue = ends[UpScene.Blue.Namespace];
        ProbeEnd green = ends[UpScene.Green.Namespace];
        ProbeEnd red = ends[UpScene.Red.Namespace];
        foreach (ProbeEnd end in ends.Values)
        {
            Outcome<Unit> carrier = await ProbeCarrier.AwaitAsync(host.Kernel, end, CarrierDeadline, host.Options.Time, cancel).ConfigureAwait(false);
            if (carrier.Fault is { } none)
            {
                _checks.Add(new UpCheck("carrier", false, none.Error + (none.Cause is null ? "" : $": {none.Cause}")));
                return null;
            }
        }
        return await ReachAsync("reach-vlan-100", blue, green, true, cancel).ConfigureAwait(false)
            ?? await ReachAsync("reach-vlan-100-back", green, blue, true, cancel).ConfigureAwait(false)
            ?? await ReachAsync("isolated-blue-from-vlan-200", red, blue, false, cancel).ConfigureAwait(false)
            ?? await ReachAsync("isolated-green-from-vlan-200", red, green, false, cancel).ConfigureAwait(false)
            ?? await ReachAsync("isolated-vlan-200-from-blue", blue, red, false, cancel).ConfigureAwait(false)
            ?? await TakeoverAsync(blue, cancel).ConfigureAwait(false)
            ?? await MeasureAsync(ForgedSourceProbe.RunAsync(host.Kernel, blue, green, _options, cancel)).ConfigureAwait(false)
            ?? await MeasureAsync(ForeignVlanProbe.RunAsync(host.Kernel, blue, red, UpScene.Red.Vlan, _options, cancel)).ConfigureAwait(false);
    }

    private async Task<Fault?> ReachAsync(string name, ProbeEnd from, ProbeEnd to, bool isExpected, CancellationToken cancel)
    {
        Outcome<Reachability> measured = await ReachabilityProbe.RunAsync(host.Kernel, from, to, isExpected ? Echoes : 2, _options, cancel).ConfigureAwait(false);
        if (!measured.Try(out Reachability? reach, out Fault? fault))
            return fault;
        bool ok = isExpected ? reach.Received > 0 : !reach.IsReached;
        _checks.Add(new UpCheck(name, ok, $"{from.Ip} to {to.Ip}: {reach}"));
        return null;
    }

    private async Task<Fault?> TakeoverAsync(ProbeEnd blue, CancellationToken cancel)
    {
        Outcome<ProbeResult> measured = await MacTakeoverProbe.RunAsync(host.Kernel, blue, UpScene.Green.Mac, cancel).ConfigureAwait(false);
        if (!measured.Try(out ProbeResult? result, out Fault? fault))
            return fault;
        _checks.Add(new UpCheck("mac-takeover-refused", result.Holds, $"{UpScene.Blue.Namespace} tries to take {UpScene.Green.Mac}: {result.Seen}"));
        return null;
    }

    private async Task<Fault?> MeasureAsync(Task<Outcome<ProbeResult>> probe)
    {
        if (!(await probe.ConfigureAwait(false)).Try(out ProbeResult? result, out Fault? fault))
            return fault;
        _measurements.Add(new UpMeasurement(result.Name, result.Expected, result.Seen));
        return null;
    }

    private async Task<Outcome<UpReport>> ReportAsync(string mode, IReadOnlyList<VirtualFunction> vfs, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PhysicalFunction>> read = await host.Inventory.ListPfsAsync(VfDetail.None, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<PhysicalFunction>? pfs, out Fault? fault))
            return fault;
        IReadOnlyList<PhysicalFunction> complete = await FirmwareReader.CompleteAsync(host.Kernel, pfs, cancel).ConfigureAwait(false);
        return new UpReport(mode, _checks, _measurements, PfRow.Of(host.Kernel, complete), vfs);
    }
}
