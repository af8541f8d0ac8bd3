using System.Text.Json;

namespace Vfleet.Cli.Tests.Policies;

/// <summary>Documents that are kept between commands: <c>vfleet get</c>, <c>diff</c>, <c>delete</c>.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitDocumentCommandTests
{
    private static readonly string Policy = DocumentFolder.Policy("net", "no-such-pf", 4);

    [Fact]
    public async Task WhatIsAppliedIsShownComparedAndForgotten()
    {
        using DocumentFolder folder = new();
        string file = folder.Write("net.yaml", Policy);
        CommandRun applied = await folder.RunAsync("apply", "-f", file);
        Assert.True(applied.ExitCode == 0, applied.Errors);
        Assert.Contains("policy net matches no PF", applied.Errors, StringComparison.Ordinal);
        Assert.Equal("no changes\n", (await folder.RunAsync("apply", "-f", file)).Output);
        Assert.Equal("no differences\n", (await folder.RunAsync("diff", "-f", file)).Output);

        JsonElement kept = Json(await folder.RunAsync("get", "-o", "json"))[0];
        JsonShape.Holds("kind:string name:string resource:string? appliedAt:string document:object? text:string", kept);
        Assert.Equal(4, kept.GetProperty("document").GetProperty("spec").GetProperty("numVfs").GetInt32());

        CommandRun diff = await folder.RunAsync("diff", "-f", folder.Write("net.yaml", DocumentFolder.Policy("net", "no-such-pf", 6)));
        Assert.Equal((0, "SriovNetworkNodePolicy/net: changed\n  spec.numVfs: 4 -> 6\n"), (diff.ExitCode, diff.Output));

        Assert.Equal(0, (await folder.RunAsync("delete", "-f", file, "--dry-run")).ExitCode);
        Assert.Single(Json(await folder.RunAsync("get", "-o", "json")).EnumerateArray());
        Assert.Equal("SriovNetworkNodePolicy/net: removed\n", (await folder.RunAsync("delete", "-f", file)).Output);
        Assert.Empty(Json(await folder.RunAsync("get", "-o", "json")).EnumerateArray());
        CommandRun again = await folder.RunAsync("delete", "-f", file);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("is not applied", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatGetPrintsAsYamlCanBeAppliedFromStandardInput()
    {
        using DocumentFolder folder = new();
        string rules = "kind: PoolPolicy\napiVersion: vfleet.dev/v1alpha1\n"
            + "metadata: {name: rules}\nspec: {resourceName: net, allocation: spread}\n";
        _ = await folder.RunAsync("apply", "-f", folder.Write("a.yaml", Policy), "-f", folder.Write("b.yml", rules));
        string yaml = (await folder.RunAsync("get", "-o", "yaml")).Output;
        foreach ((string text, int code, string said) in ((string, int, string)[])[(yaml, 0, "no changes\n"), ("# nothing\n", 2, "")])
        {
            CommandRun run = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, "--state", folder.State, "apply", "-f", "-"], text);
            Assert.Equal((code, said), (run.ExitCode, run.Output));
            Assert.Equal(code != 0, run.Errors.Contains("no document in standard input", StringComparison.Ordinal));
        }
        string[] rows = (await folder.RunAsync("get")).Output.TrimEnd().Split('\n');
        Assert.Equal(["KIND", "PoolPolicy", "SriovNetworkNodePolicy"], rows.Select(row => row.Split(' ')[0]));
        Assert.Equal("no documents are applied; see `vfleet apply`\n", (await folder.RunAsync("get", "sriovnetworks")).Output);
    }

    [Fact]
    public async Task AConfigurationOfADevicePluginIsKeptUnderTheNameOfItsFile()
    {
        using DocumentFolder folder = new();
        string text = """{"resourceList": [{"resourceName": "dpdk", "selectors": {"drivers": ["vfio-pci"]}}]}""";
        string file = folder.Write("plugin.json", text);
        Assert.Equal("DevicePluginConfig/plugin: added\n", (await folder.RunAsync("apply", "-f", file)).Output);
        Assert.Equal($"{text}\n", (await folder.RunAsync("get", "DevicePluginConfig", "plugin", "-o", "yaml")).Output);
        _ = folder.Write("plugin.json", text.Replace("vfio-pci", "iavf", StringComparison.Ordinal));
        CommandRun diff = await folder.RunAsync("diff", "-f", file);
        Assert.Contains("resource dpdk: {drivers: vfio-pci} -> {drivers: iavf}", diff.Output, StringComparison.Ordinal);
        Assert.Equal("DevicePluginConfig/plugin: removed\n", (await folder.RunAsync("delete", "DevicePluginConfig", "plugin")).Output);
    }

    private static JsonElement Json(CommandRun run) => JsonDocument.Parse(run.Output).RootElement;
}
