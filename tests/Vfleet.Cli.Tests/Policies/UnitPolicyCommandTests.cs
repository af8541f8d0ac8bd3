using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vfleet.Cli.Tests.Policies;

/// <summary><c>vfleet plan</c> and <c>vfleet apply</c> on a simulated machine, which begins without VFs.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitPolicyCommandTests
{
    private const string Plan = "changes:boolean destroys:boolean seconds:number documents:array pfs:array refusals:array notes:strings";

    [Fact]
    public async Task APolicyIsAppliedFromEndToEnd()
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", "enp129s0f0", 4, "mtu: 9000\n  eSwitchMode: switchdev"));

        CommandRun applied = await CommandRun.OnAsync("mlx5", "apply", "-f", file);

        Assert.Equal(0, applied.ExitCode);
        Assert.Equal(
            """
            SriovNetworkNodePolicy/net: added
            enp129s0f0: MTU 1500 → 9000; eswitch mode legacy → switchdev; 0 → 4 VFs, 0-3 on mlx5_core; MTU 9000 on VFs 0-3

            """,
            applied.Output);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply", "--dry-run")]
    public async Task APlanSaysWhatWouldChangeAndHowLongItTakes(params string[] command)
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", "enp129s0f0", 4));

        CommandRun plan = await CommandRun.OnAsync("mlx5", [.. command, "-f", file]);
        JsonElement json = await CommandRun.JsonAsync("mlx5", [.. command, "-f", file]);

        Assert.Equal((0, ""), (plan.ExitCode, plan.Errors));
        Assert.Contains("enp129s0f0: about 2 s\n  0 → 4 VFs, 0-3 on mlx5_core\n", plan.Output, StringComparison.Ordinal);
        Assert.Equal(Plan.Split(' ').Select(word => word.Split(':')[0]), json.EnumerateObject().Select(property => property.Name));
        JsonElement step = json.GetProperty("pfs")[0].GetProperty("steps")[0];
        Assert.Equal(("count", 2.0), (step.GetProperty("kind").GetString(), step.GetProperty("seconds").GetDouble()));
        Assert.False(json.GetProperty("destroys").GetBoolean());
    }

    [Fact]
    public async Task WhatIsAppliedIsToldInJsonAndYaml()
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", "enp129s0f0", 2, "deviceType: vfio-pci"));

        JsonElement json = await CommandRun.JsonAsync("mlx5", "apply", "-f", file);
        CommandRun yaml = await CommandRun.OnAsync("mlx5", "apply", "-f", file, "-o", "yaml");

        Assert.Equal(["enp129s0f0"], json.GetProperty("changed").EnumerateArray().Select(pf => pf.GetString()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json.GetRawText()), YamlTree.Parse(yaml.Output)), yaml.Output);
    }

    [Fact]
    public async Task NothingToChangeIsSaid()
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", "enp1s0f0", 0));
        CommandRun plan = await CommandRun.OnAsync("igb", "plan", "-f", file);
        Assert.Equal((0, "SriovNetworkNodePolicy/net: added\n"), (plan.ExitCode, plan.Output));
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("diff")]
    [InlineData("delete")]
    public async Task WhereThereIsNoDocumentThatIsWrongUsage(string command)
    {
        using DocumentFolder folder = new();
        await Fails("no documents in");
        foreach (string text in (string[])["", "---\n", "# spec: {numVfs: 4}\n", "apiVersion: v1\nkind: List\nitems: []\n"])
        {
            string file = folder.Write("none.yaml", text);
            await Fails("no document in");
            await Fails("no document in", file);
        }
        _ = folder.Write("some.yaml", DocumentFolder.Policy("net", "enp1s0f0", 0));
        Assert.Equal(0, (await CommandRun.OnAsync("igb", command, "-f", folder.Path)).ExitCode);

        async Task Fails(string error, string? name = null)
        {
            CommandRun run = await CommandRun.OnAsync("igb", command, "-f", name ?? folder.Path, "-o", "json");
            Assert.Equal((2, ""), (run.ExitCode, run.Output));
            string said = run.Errors.TrimEnd('\n').Split('\n')[^1];
            string? text = JsonDocument.Parse(said).RootElement.GetProperty("error").GetString();
            Assert.StartsWith($"{error} {name ?? folder.Path}", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task EveryProblemOfEveryFileIsToldAtOnceWithItsPlace()
    {
        using DocumentFolder folder = new();
        string one = folder.Write("one.yaml", "apiVersion: sriovnetwork.openshift.io/v1\nkind: SriovNetworkNodePolicy\nmetadata: {name: a}\n"
            + "spec: {resourceName: a, numVfz: 3, numVfs: x, nicSelector: {vendor: \"8086\"}}\n");
        string two = folder.Write("two.yml", "kind: PoolPolicie\n");
        string three = folder.Write("three.json", "{\"resourceList\": [{\"resourceName\": \"b\"}]}");

        CommandRun run = await CommandRun.OnAsync("igb", "apply", "-f", folder.Path);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"{one}:4:25: unknown field spec.numVfz (did you mean numVfs?)", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"{one}:4:44: spec.numVfs", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"{two}:1:7: unknown kind \"PoolPolicie\" (did you mean PoolPolicy?)", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"{three}:1:19: resourceList[0].selectors is missing", run.Errors, StringComparison.Ordinal);
        CommandRun json = await CommandRun.OnAsync("igb", "apply", "-f", folder.Path, "-o", "json");
        JsonShape.Holds(JsonShape.Error, JsonDocument.Parse(json.Errors).RootElement);
    }

    [Fact]
    public async Task ARefusalHasItsCodeAndAPlanOfItHasNone()
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", DocumentFolder.Policy("net", "enp1s0f0", 2, "eSwitchMode: switchdev"));
        CommandRun plan = await CommandRun.OnAsync("igb", "plan", "-f", file);
        Assert.Equal(0, plan.ExitCode);
        Assert.Contains("refused: enp1s0f0 cannot be in mode switchdev", plan.Output, StringComparison.Ordinal);
        Assert.Equal(5, (await CommandRun.OnAsync("igb", "apply", "-f", file)).ExitCode);
        string much = folder.Write("much.yaml", DocumentFolder.Policy("net", "enp1s0f0", 9));
        Assert.Equal(2, (await CommandRun.OnAsync("igb", "apply", "-f", much)).ExitCode);
    }

    [Theory]
    [InlineData(2, "plan")]
    [InlineData(3, "plan", "-f", "/nowhere/at/all.yaml")]
    [InlineData(2, "delete")]
    [InlineData(2, "delete", "PoolPolicy", "a", "-f", "b")]
    [InlineData(2, "get", "PoolPolicie")]
    [InlineData(3, "get", "PoolPolicy", "absent")]
    [InlineData(3, "delete", "PoolPolicy", "absent")]
    public async Task AWrongCallHasItsCode(int code, params string[] words) =>
        Assert.Equal(code, (await CommandRun.OnAsync("igb", words)).ExitCode);
}
