using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Views;
using Vfleet.Host.Inventory;

namespace Vfleet.Cli.Tests.Commands;

/// <summary>Every command that shows something shows it in all four formats, and YAML says what JSON says.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitFormatTests
{
    [Theory]
    [InlineData("igb", "pf", "list")]
    [InlineData("netdevsim", "pf", "list")]
    [InlineData("igb", "pf", "show", "enp1s0f0")]
    [InlineData("igb", "vf", "list")]
    [InlineData("igb", "vf", "create", "enp1s0f0", "2")]
    [InlineData("nvme", "vf", "create", "0000:03:00.0", "2")]
    [InlineData("igb", "vf", "create", "enp1s0f0", "2", "--dry-run")]
    [InlineData("igb", "preflight")]
    [InlineData("igb", "preflight", "enp1s0f0")]
    [InlineData("igb", "up", "--dry-run")]
    [InlineData("igb", "down", "--dry-run")]
    [InlineData("igb", "down")]
    [InlineData("igb", "version")]
    public async Task YamlSaysWhatJsonSaysAndPeopleGetLines(string profile, params string[] words)
    {
        string json = await PrintAsync(OutputFormat.Json), yaml = await PrintAsync(OutputFormat.Yaml);
        string table = await PrintAsync(OutputFormat.Table), wide = await PrintAsync(OutputFormat.Wide);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), YamlTree.Parse(yaml)), $"{json}\n{yaml}");
        Assert.All([table, wide], text => Assert.NotEqual("", text.Trim()));
        Assert.All([table, wide], text => Assert.DoesNotContain(text[0], "[{\u001b"));
        Assert.True(wide.Length >= table.Length);

        async Task<string> PrintAsync(string format)
        {
            CommandRun run = await CommandRun.OnAsync(profile, [.. words, "-o", format]);
            Assert.True(run.ExitCode == 0, run.Errors);
            return run.Output;
        }
    }

    [Theory]
    [InlineData("pf", "list")]
    [InlineData("vf", "create", "enp1s0f0", "2")]
    public async Task WideHasMoreColumns(params string[] words)
    {
        string[] few = await HeadAsync(OutputFormat.Table), many = await HeadAsync(OutputFormat.Wide);

        Assert.Equal(few, many[..few.Length]);
        Assert.True(many.Length > few.Length);

        async Task<string[]> HeadAsync(string format) =>
            (await CommandRun.OnAsync("igb", [.. words, "-o", format])).Output.Split('\n')[0]
                .Split("  ", StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task AVfThatExistsIsShownInYamlAsInJson()
    {
        using SimulatedHost machine = new("mlx5");
        await machine.CreateVfsAsync("enp129s0f0", 2);
        VirtualFunction vf = (await machine.Host.FindVfAsync("enp129s0f0/1")).Value.Vf;
        JsonObject shown = VfView.Json(vf);
        PciView.AddTo(shown, machine.Kernel, vf.Address);
        using StringWriter yaml = new();

        new ResultWriter(OutputFormat.Yaml, yaml).Object(shown);

        Assert.NotNull(shown["pci"]);
        Assert.True(JsonNode.DeepEquals(shown, YamlTree.Parse(yaml.ToString())), yaml.ToString());
    }
}
