using System.Net;
using Vfleet.Linux;
using Vfleet.Linux.Probes;
using Vfleet.Node.Ledger;
using Vfleet.Node.Tests;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Probes;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitProberTests : IAsyncLifetime, IDisposable
{
    private static readonly ProbeTarget Gateway = new(IPAddress.Parse("192.0.2.1"), ProbeProtocol.Icmp, 0);
    private static readonly ProbeTarget Service = new(IPAddress.Parse("2001:db8::10"), ProbeProtocol.Tcp, 443);
    private MeteredMachine _machine = null!;
    private Prober _prober = null!;

    public async Task InitializeAsync()
    {
        _machine = await MeteredMachine.CreateAsync();
        _prober = new Prober(_machine.Machine.Node);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task WithoutATargetNobodyIsAsked()
    {
        await AttachAsync("blue", 0);
        await MeasureAsync();
        Assert.Empty(_prober.Read());
    }

    [Fact]
    public async Task EachOwnersVfAsksItsPoolsTargets()
    {
        Policy("[{address: 192.0.2.1}, {address: \"2001:db8::10\", protocol: tcp, port: 443}]");
        _machine.Machine.Kernel.Machine.ProbeTargets[Gateway] = new ProbeReply(TimeSpan.FromMicroseconds(400), TimeSpan.FromMicroseconds(30));
        _machine.Machine.Kernel.Machine.ProbeTargets[Service] = Fault.FromErrno(Errno.ECONNREFUSED, "probe", "x");
        LedgerAllocation a = await AttachAsync("blue", 0);
        await MeasureAsync();
        // Not due again.
        await MeasureAsync();

        string[] samples = await SamplesAsync("vfleet_vf_probe_round_trip_seconds_bucket");
        string icmp = $"allocation=\"{a.Id}\",target=\"192.0.2.1\",protocol=\"icmp\",le=";
        Assert.Contains(samples, line => line.EndsWith($"{icmp}\"0.00025\"}} 0", StringComparison.Ordinal));
        Assert.Contains(samples, line => line.EndsWith($"{icmp}\"0.0005\"}} 1", StringComparison.Ordinal));
        Assert.Contains(samples, line => line.EndsWith($"{icmp}\"+Inf\"}} 1", StringComparison.Ordinal));
        Assert.EndsWith(" 0.0004", Assert.Single(await SamplesAsync("vfleet_vf_probe_round_trip_seconds_sum"), line => line.Contains("icmp", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.EndsWith("target=\"[2001:db8::10]:443\",protocol=\"tcp\",reason=\"refused\"} 1", Assert.Single(await SamplesAsync("vfleet_vf_probe_failures_total")), StringComparison.Ordinal);
        Assert.Contains(await SamplesAsync("vfleet_vf_probe_overhead_seconds_total"), line => line.EndsWith(" 3E-05", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnOwnersMeasurementsEndWithIt()
    {
        Policy("[{address: 192.0.2.1}]");
        _machine.Machine.Kernel.Machine.ProbeTargets[Gateway] = new ProbeReply(TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        LedgerAllocation a = await AttachAsync("blue", 0);
        await MeasureAsync();
        Assert.Equal(a.Id, Assert.Single(_prober.Read()).Key.Allocation);
        _ = (await _machine.Machine.Node.ReleaseAsync(a.Id)).Value;
        LedgerAllocation b = await AttachAsync("green", 0);
        await MeasureAsync();
        Assert.Equal(b.Id, Assert.Single(_prober.Read()).Key.Allocation);
    }

    [Fact]
    public async Task ANamespaceThatIsGoneFailsItsQuestionAlone()
    {
        Policy("[{address: 192.0.2.1}]");
        _machine.Machine.Kernel.Machine.ProbeTargets[Gateway] = new ProbeReply(TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        await AttachAsync("blue", 0);
        await AttachAsync("green", 1);
        _ = (await _prober.LookAsync(CancellationToken.None)).Value;
        _ = _machine.Machine.Kernel.DeleteNamespace("blue").Value;
        await _prober.AskAsync(CancellationToken.None);

        ProbeCounts[] counts = [.. _prober.Read().OrderBy(each => each.Key.Vf, StringComparer.Ordinal).Select(each => each.Counts)];
        Assert.Equal(["no_interface"], counts[0].Failures.Keys);
        Assert.Equal(1UL, counts[1].Count);
        Assert.Equal(0.001, _prober.NewestP99(_prober.Read().Single(each => each.Counts.Count == 1).Key.Vf)!.Value, 1e-6);
        Assert.Null(_prober.NewestP99("nobody"));
    }

    [Fact]
    public void PercentilesAreOfTheNewestAnswers()
    {
        ProbeSeries series = new();
        DateTimeOffset at = DateTimeOffset.UnixEpoch.AddDays(1);
        Assert.Null(series.NewestP99(DateTimeOffset.UnixEpoch));
        for (int i = 1; i <= 1000; i++)
            series.Add(new ProbeReply(TimeSpan.FromMilliseconds(i <= 872 ? 900 : i - 872), TimeSpan.Zero), at);
        Assert.Equal(0.127, series.NewestP99(at)!.Value, 1e-6);
        Assert.Equal(1000UL, series.Read().Count);
        // What was before an outage is not told as if it were now.
        series.Add(Fault.TimedOut("no answer"), at.AddMinutes(1));
        Assert.Equal(1, series.Silent);
        Assert.Null(series.NewestP99(at.AddSeconds(1)));
    }

    private async Task MeasureAsync()
    {
        _ = (await _prober.LookAsync(CancellationToken.None)).Value;
        await _prober.AskAsync(CancellationToken.None);
    }

    private async Task<LedgerAllocation> AttachAsync(string space, int vf)
    {
        LedgerAllocation made = (await _machine.Machine.Node.AttachAsync(
            _machine.Machine.RequestFor(space) with { Vf = _machine.Machine.Vf(vf) }, NodeMachine.To(space))).Value.Allocation;
        await _machine.SendAsync(vf, 0);
        return made;
    }

    private void Policy(string probes) => _ = _machine.Machine.Node.Ledger.Change(LedgerStep.Documents, change => change.PutDocument("PoolPolicy", "probed",
        "apiVersion: vfleet.dev/v1alpha1\nkind: PoolPolicy\nmetadata: {name: probed}\n"
        + $"spec:\n  resourceName: {_machine.Machine.Pf}\n  probes: {probes}\n")).Value;

    private async Task<string[]> SamplesAsync(string name)
    {
        TelemetryReading reading = (await new TelemetryReader(_machine.Machine.Node, MeteredMachine.Host).ReadAsync()).Value;
        return MeteredMachine.SamplesOf(System.Text.Encoding.UTF8.GetString(
            ExpositionWriter.Write(NodeMetrics.Of(reading with { Probes = _prober.Read() }), ExpositionFormat.PrometheusText)), name);
    }
}
