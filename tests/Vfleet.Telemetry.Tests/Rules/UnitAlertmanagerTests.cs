using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Vfleet.Telemetry.Tests.Rules;

/// <summary>deploy/alertmanager: who is told of what, by Alertmanager itself.</summary>
public sealed class UnitAlertmanagerTests
{
    private static readonly string Config = DeployedFiles.Path("deploy", "alertmanager", "alertmanager.yaml");

    [ProgramFact("amtool")]
    public async Task TheConfigurationIsTaken()
    {
        (int code, string said) = await DeployedFiles.RunAsync("amtool", "check-config", Config);
        Assert.True(code == 0, said);
    }

    [ProgramFact("amtool")]
    public async Task AlertsGoToTheirTeamByUrgency()
    {
        foreach ((string receiver, string[] labels) in ((string, string[])[])[
            ("platform-pages", ["severity=page", "team=platform"]),
            ("platform-tickets", ["severity=ticket", "team=platform"]),
            ("blue-pages", ["severity=page", "team=blue", "tenant=blue"]),
            ("blue-tickets", ["severity=ticket", "team=blue"]),
            ("platform-pages", ["severity=page", "team=green"]),
            ("platform-tickets", ["severity=ticket", "team=green"]),
            ("nobody", ["severity=none", "team=blue", "alertname=VfleetMaintenance"]),
        ])
        {
            (int code, string said) = await DeployedFiles.RunAsync("amtool",
                ["config", "routes", "test", $"--config.file={Config}", $"--verify.receivers={receiver}", .. labels]);
            Assert.True(code == 0, $"{string.Join(' ', labels)}: {said}");
        }
    }

    [Fact]
    public void AlertsAreToldByHostAndTenant() =>
        Assert.Contains("group_by: [host, tenant]\n", File.ReadAllText(Config), StringComparison.Ordinal);

    [ProgramFact("prometheus-alertmanager")]
    public async Task MaintenanceAndPagesHoldBackWhatTheyShould()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-alertmanager-").FullName;
        int port = LocalProgram.FreePort();
        await using LocalProgram program = LocalProgram.Start("prometheus-alertmanager", folder, $"--config.file={Config}",
            $"--storage.path={folder}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=warn");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        await program.ReadyAsync(client, "-/ready");
        (string Labels, bool IsHeldBack)[] alerts =
        [
            ("alertname=VfleetMaintenance severity=none host=a pf=ens1", false),
            ("alertname=VfleetDropRate severity=ticket host=a pf=ens1 vf=0", true),
            ("alertname=VfleetIsolationBreach severity=page host=a pf=ens1 vf=1", false),
            ("alertname=VfleetPoolExhausted severity=ticket host=a pool=net", false),
            ("alertname=VfleetMaintenance severity=none host=c", false),
            ("alertname=VfleetDropRate severity=ticket host=c pf=ens1 vf=0", true),
            ("alertname=VfleetPoolExhausted severity=ticket host=c pool=net", true),
            ("alertname=VfleetIsolationBreach severity=page host=c kind=drift", false),
            ("alertname=VfleetDropRate severity=ticket host=a pf=ens2 vf=0", false),
            ("alertname=VfleetDropRate severity=ticket host=b pf=ens1 vf=0", false),
            ("alertname=VfleetNoAgents severity=ticket", false),
            ("alertname=VfleetSloPacketDrops severity=page host=b pf=ens1 vf=0 burn=fast", false),
            ("alertname=VfleetSloPacketDrops severity=ticket host=b pf=ens1 vf=0 burn=slow", true),
            ("alertname=VfleetSloPacketDrops severity=ticket host=b pf=ens1 vf=1 burn=slow", false),
            ("alertname=VfleetSloCpu severity=ticket host=b owner=x burn=fast", false),
            ("alertname=VfleetSloCpu severity=ticket host=b owner=x burn=slow", true),
            ("alertname=VfleetSloCpu severity=ticket host=b owner=y burn=slow", false),
            ("alertname=VfleetSloLatency severity=page host=b pf=ens1 vf=2 burn=fast", false),
            ("alertname=VfleetLatencyP99 severity=page host=b pf=ens1 vf=2", true),
            ("alertname=VfleetPoolExhausted severity=ticket host=b pool=net", false),
            ("alertname=VfleetPoolNearlyExhausted severity=ticket host=b pool=net", true),
            ("alertname=OtherDiskFull severity=page host=a pf=ens1", false),
        ];
        JsonArray posted = [.. alerts.Select(alert => (JsonNode)new JsonObject { ["labels"] = LabelsOf(alert.Labels) })];
        using HttpResponseMessage answer = await client.PostAsJsonAsync("api/v2/alerts", posted);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());

        // What is held back is known once the group was to be told of: after its wait.
        Dictionary<string, bool> found = [];
        await program.UntilAsync(async () =>
        {
            JsonArray kept = (await client.GetFromJsonAsync<JsonArray>("api/v2/alerts"))!;
            found = kept.ToDictionary(alert => Text(alert!["labels"]!.AsObject()), alert =>
                alert!["status"]!["inhibitedBy"]!.AsArray().Count > 0);
            return alerts.All(alert => found.TryGetValue(Text(LabelsOf(alert.Labels)), out bool held) && held == alert.IsHeldBack);
        }, () => string.Join('\n',
            alerts.Where(alert => !found.TryGetValue(Text(LabelsOf(alert.Labels)), out bool held) || held != alert.IsHeldBack)));
    }

    private static JsonObject LabelsOf(string text) =>
        new(text.Split(' ').Select(pair => KeyValuePair.Create(pair.Split('=')[0], (JsonNode?)pair.Split('=')[1])));

    private static string Text(JsonObject labels) =>
        string.Join(' ', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}
