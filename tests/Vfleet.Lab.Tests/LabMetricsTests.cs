using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vfleet.Lab.Tests;

/// <summary>
/// An agent's metrics of real VFs, read by Debian's Prometheus with the deployed rules, whose alerts reach Debian's Alertmanager with the deployed routes.
/// Only how long something has to last is left out of the rules.
/// </summary>
public sealed partial class LabMetricsTests : IAsyncLifetime
{
    private const string Program = "/run/vfleet/program/vfleet", Folder = "/tmp/lab-metrics", Pool = "lab-metrics";
    private const string One = "lab-metrics-a", Other = "lab-metrics-b";

    /// <summary>Frames of a protocol that nobody speaks: whoever receives one drops it.</summary>
    private const string Send = """
        use Socket; my $if = shift; local $/; sub text { open(my $f, "<", "/sys/class/net/$if/$_[0]") or die; my $t = <$f>; chomp $t; $t }
        socket(my $s, 17, 3, 0xb588) or die $!;
        my $to = pack("S n i S C C a8", 17, 0x88b5, text("ifindex"), 0, 0, 6, "");
        my $from = pack("H*", join("", split(/:/, text("address"))));
        for (1 .. 500) { send($s, "\xff" x 6 . $from . "\x88\xb5" . "x" x 60, 0, $to) }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public async Task InitializeAsync()
    {
        await CleanAsync();
        await Lab.MustAsync("ip", "link", "set", "eth0", "up");
        await WriteAsync("policy.json", $$$"""
            {"apiVersion": "sriovnetwork.openshift.io/v1", "kind": "SriovNetworkNodePolicy", "metadata": {"name": "{{{Pool}}}"},
             "spec": {"resourceName": "{{{Pool}}}", "numVfs": 2, "nicSelector": {"pfNames": ["eth0"]} } }
            """);
        await Lab.MustAsync(Program, "apply", "-f", $"{Folder}/policy.json");
        foreach (string space in (string[])[One, Other])
            await Lab.MustAsync("ip", "netns", "add", space);
        foreach (string rules in (string[])["vfleet-recording", "vfleet-alerts", "vfleet-slo"])
            await WriteAsync($"{rules}.yaml", Lasting().Replace(File.ReadAllText(Deployed($"prometheus/{rules}.rules.yaml")), "for: 0s"));
        await WriteAsync("alertmanager.yaml", File.ReadAllText(Deployed("alertmanager/alertmanager.yaml")));
        await WriteAsync("prometheus.yaml", $$"""
            global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s }
            rule_files: [{{Folder}}/vfleet-*.yaml]
            scrape_configs:
            - job_name: vfleet
              static_configs: [{targets: ['127.0.0.1:9808'] }]
            alerting:
              alertmanagers:
              - static_configs: [{targets: ['127.0.0.1:9093'] }]
            """);
    }

    public async Task DisposeAsync() => await CleanAsync();

    [Fact]
    public async Task Drops_drift_and_an_exhausted_pool_arrive_as_the_right_alerts()
    {
        await StartAsync("agent", $"{Program} agent --metrics 127.0.0.1:9808");
        await StartAsync("alertmanager", $"prometheus-alertmanager --config.file={Folder}/alertmanager.yaml --storage.path={Folder}/alerts "
            + "--web.listen-address=127.0.0.1:9093 --cluster.listen-address=");
        await StartAsync("prometheus", $"prometheus --config.file={Folder}/prometheus.yaml --storage.tsdb.path={Folder}/series --web.listen-address=127.0.0.1:9090");
        foreach ((string space, int vf) in ((string, int)[])[(One, 0), (Other, 1)])
        {
            await Lab.JsonAsync("attach", $"eth0/{vf}", "--netns", space, "--name", "net1", "--vlan", "100", "--tenant", "blue");
            await Lab.MustAsync("ip", "-n", space, "link", "set", "net1", "up");
        }
        await AlertAsync("VfleetPoolExhausted", ("pool", Pool), ("severity", "ticket"), ("team", "platform"));

        // The counters have to be told before they move.
        await UntilAsync(async () => (await AskAsync("vfleet_vf_receive_packets_total{tenant='blue'}")).GetArrayLength() == 2, "Prometheus knows the VFs");
        await UntilAsync(async () =>
        {
            await Lab.MustAsync("ip", "netns", "exec", One, "perl", "-e", Send, "net1");
            return await HasAlertAsync("VfleetDropRate", ("pf", "eth0"), ("vf", "1"), ("tenant", "blue"), ("owner", Other), ("team", "blue"), ("severity", "ticket"));
        }, "the receiver's drops arrive");

        await Lab.MustAsync("ip", "link", "set", "eth0", "vf", "0", "vlan", "77");
        await AlertAsync("VfleetIsolationBreach", ("kind", "drift"), ("severity", "page"));
        Assert.Equal(100, (await Lab.JsonAsync("vf", "show", "eth0/0")).GetProperty("vlan").GetInt32());

        // What igbvf counts by itself, read in the owner's namespace; and nothing that could not be read.
        Assert.NotEmpty((await AskAsync("vfleet_vf_transmit_bytes_total{vf='0'} > 30000")).EnumerateArray());
        Assert.NotEmpty((await AskAsync("vfleet_vf_vector_info{vf='0',cpus!=''}")).EnumerateArray());
        Assert.NotEmpty((await AskAsync("vfleet_pf_queue_packets_total{pf='eth0'}")).EnumerateArray());
        Assert.Empty((await AskAsync("vfleet_telemetry_skipped")).EnumerateArray());
    }

    private static Task AlertAsync(string name, params (string Label, string Value)[] labels) =>
        UntilAsync(() => HasAlertAsync(name, labels), $"{name} {string.Join(' ', labels)}");

    private static async Task<bool> HasAlertAsync(string name, params (string Label, string Value)[] labels)
    {
        Ended asked = await Lab.GuestAsync("busybox", "wget", "-qO-", "http://127.0.0.1:9093/api/v2/alerts");
        return asked.ExitCode == 0 && JsonDocument.Parse(asked.Output).RootElement.EnumerateArray().Select(alert => alert.GetProperty("labels"))
            .Any(alert => labels.Append(("alertname", name)).All(label => alert.TryGetProperty(label.Item1, out JsonElement value) && value.GetString() == label.Item2));
    }

    private static async Task<JsonElement> AskAsync(string query)
    {
        string answer = await Lab.MustAsync("busybox", "wget", "-qO-", $"http://127.0.0.1:9090/api/v1/query?query={Uri.EscapeDataString(query)}");
        return JsonDocument.Parse(answer).RootElement.GetProperty("data").GetProperty("result");
    }

    private static async Task StartAsync(string name, string command) =>
        await Lab.MustAsync("sh", "-c", $"setsid {command} >{Folder}/{name}.log 2>&1 </dev/null & echo $! >{Folder}/{name}.pid");

    private static async Task WriteAsync(string name, string text)
    {
        Ended written = await Lab.GuestWithInputAsync(Encoding.UTF8.GetBytes(text), "sh", "-c", $"mkdir -p {Folder} && cat >{Folder}/{name}");
        Assert.True(written.ExitCode == 0, written.Errors);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!await holds())
        {
            if (waited.Elapsed > Patience)
                Assert.Fail($"not within {Patience.TotalSeconds:0} s: {what}\n{await Lab.MustAsync("sh", "-c", $"tail -n 8 {Folder}/*.log; busybox wget -qO- http://127.0.0.1:9093/api/v2/alerts")}");
            await Task.Delay(500);
        }
    }

    private static string Deployed(string file)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Vfleet.slnx")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "deploy", file);
    }

    private static async Task CleanAsync()
    {
        await Lab.GuestAsync("sh", "-c", $"for each in {Folder}/*.pid; do kill $(cat $each); done; sleep 1; rm -rf {Folder}");
        foreach (string space in (string[])[One, Other])
            await Lab.GuestAsync("ip", "netns", "delete", space);
        await Lab.VfleetAsync("reconcile");
        await Lab.VfleetAsync("delete", "SriovNetworkNodePolicy", Pool);
        await Lab.VfleetAsync("vf", "delete", "eth0", "--yes");
    }

    [GeneratedRegex("for: [0-9]+[smhd]")]
    private static partial Regex Lasting();
}
