using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Vfleet.Node.Allocation;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Rules;

namespace Vfleet.Telemetry.Tests.Dashboards;

/// <summary>
/// A simulated node that Prometheus scrapes: what the product tells of it, and beside it samples of metrics that it does not tell, because
/// they are the agent's, or have nothing to tell on this machine. All counters go up from scrape to scrape.
/// </summary>
internal sealed partial class SampleNode : IDisposable
{
    private static readonly string[] Vf = ["host", "pf", "vf", "bdf"], Owned = [.. Vf, "pool", "tenant", "owner", "allocation"];

    /// <summary>Told where there is something to tell: a gap, a device that reports errors, a policy that names targets.</summary>
    private static readonly (string Name, MetricKind Kind, string[] Labels)[] Quiet =
    [
        ("vfleet_telemetry_skipped", MetricKind.Gauge, ["host", "what"]),
        ("vfleet_pf_reporter_errors", MetricKind.Counter, ["host", "pf", "bdf", "reporter"]),
        ("vfleet_vf_probe_round_trip_seconds", MetricKind.Histogram, [.. Owned, "target", "protocol"]),
        ("vfleet_vf_probe_failures", MetricKind.Counter, [.. Owned, "target", "protocol", "reason"]),
        ("vfleet_vf_faults", MetricKind.Counter, [.. Vf, "direction", "cause"]),
        ("vfleet_vf_queue_packets", MetricKind.Counter, [.. Vf, "direction", "queue"]),
        ("vfleet_owner_cpu_seconds", MetricKind.Counter, ["host", "pool", "tenant", "owner", "allocation", "mode"]),
        ("vfleet_cpu_steal_seconds", MetricKind.Counter, ["host", "cpu"]),
        ("vfleet_maintenance", MetricKind.Gauge, ["host", "pf"]),
        ("vfleet_pf_pcie_errors", MetricKind.Counter, ["host", "pf", "bdf", "severity"]),
    ];

    private readonly MeteredMachine _machine;
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private int _scrapes;

    private SampleNode(MeteredMachine machine, int port)
    {
        (_machine, Port) = (machine, port);
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port { get; }

    public static async Task<SampleNode> StartAsync(int port)
    {
        MeteredMachine machine = await MeteredMachine.CreateAsync("igb", 6);
        AllocationRequest request = machine.Machine.Request("blue") with { Tenant = "blue", Vf = machine.Machine.Vf(0) };
        _ = (await machine.Machine.Node.AttachAsync(request, Node.Tests.NodeMachine.To("blue"))).Value;
        return new SampleNode(machine, port);
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait(TimeSpan.FromSeconds(10));
        _machine.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                byte[] text = Encoding.UTF8.GetBytes(await TextAsync());
                context.Response.ContentType = ExpositionFormat.PrometheusText.ContentType();
                await context.Response.OutputStream.WriteAsync(text);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over, or Prometheus is.
            }
        }
    }

    private async Task<string> TextAsync()
    {
        _scrapes++;
        await _machine.SendAsync(0, 5);
        // Hand-outs go on: one that succeeds, and one that is refused.
        string more = (await _machine.Machine.Node.AttachAsync(
            _machine.Machine.Request("green") with { Vf = _machine.Machine.Vf(1) },
                Node.Tests.NodeMachine.To("green"))).Value.Allocation.Id;
        _ = (await _machine.Machine.Node.ReleaseAsync(more)).Value;
        StringBuilder text = new(await _machine.TextAsync());
        HashSet<string> told = [.. text.ToString().Split('\n').Select(line => line.Split('{', ' ')[0])];
        Match vf = VfLine().Match(text.ToString());
        IEnumerable<(string, MetricKind, string[])> others =
            [.. MetricCatalog.OfAgent.Select(each => (each.Name, each.Kind, (string[])["host"])), .. Quiet];
        foreach ((string name, MetricKind kind, string[] labels) in others.Where(each => !MetricCatalog.SeriesOf(each.Item1, each.Item2).Any(told.Contains)))
        {
            string pairs = string.Join(',', labels.Select(label => $"{label}=\"{Value(label, vf)}\""));
            foreach ((string suffix, int value) in Samples(kind, _scrapes))
                text.Append($"{name}{suffix.Replace("LABELS", pairs, StringComparison.Ordinal)} {value}\n");
        }
        return text.ToString();
    }

    private static (string, int)[] Samples(MetricKind kind, int scrapes) => kind switch
    {
        MetricKind.Histogram =>
        [
            ("_bucket{LABELS,le=\"0.001\"}", scrapes * 90), ("_bucket{LABELS,le=\"0.0025\"}", scrapes * 99),
                ("_bucket{LABELS,le=\"+Inf\"}", scrapes * 100),
            ("_sum{LABELS}", scrapes), ("_count{LABELS}", scrapes * 100),
        ],
        MetricKind.Counter => [("_total{LABELS}", scrapes)],
        MetricKind.Info => [("_info{LABELS}", 1)],
        _ => [("{LABELS}", 1)],
    };

    private static string Value(string label, Match vf) => label switch
    {
        "host" => MeteredMachine.Host,
        "severity" => "nonfatal",
        "kind" => "spoof",
        "mode" => "system",
        _ => vf.Groups[label] is { Success: true } group ? group.Value : "x",
    };

    [GeneratedRegex("""^vfleet_vf_info\{host="[^"]*",pf="(?<pf>[^"]*)",vf="(?<vf>0)",bdf="(?<bdf>[^"]*)".*?pool="(?<pool>[^"]*)",tenant="(?<tenant>[^"]*)",owner="(?<owner>[^"]*)".*$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex VfLine();
}
