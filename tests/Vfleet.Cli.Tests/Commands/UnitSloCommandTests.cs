using System.Text.Json;

namespace Vfleet.Cli.Tests.Commands;

/// <summary><c>vfleet slo generate</c> and <c>vfleet dashboards generate</c>.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitSloCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vfleet-slo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task RulesArePrintedOrWritten()
    {
        CommandRun printed = await CommandRun.OfAsync("slo", "generate");
        Assert.True(printed.ExitCode == 0, printed.Errors);
        Assert.Contains("alert: VfleetSloPacketDrops\n", printed.Output, StringComparison.Ordinal);

        CommandRun written = await CommandRun.OfAsync("slo", "generate", "--write", _folder, "-o", "json");
        JsonElement done = JsonDocument.Parse(written.Output).RootElement;
        JsonShape.Holds("path:string objectives:number", done);
        Assert.Equal(10, done.GetProperty("objectives").GetInt32());
        Assert.Equal(printed.Output, await File.ReadAllTextAsync(done.GetProperty("path").GetString()!));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task EveryMistakeIsToldWithItsPlaceAndNothingIsWritten()
    {
        string file = Path.Combine(_folder, "bad.yaml");
        await File.WriteAllTextAsync(file,
            "objectives:\n  - name: a\n    target: 100\n    ratio: {errors: 'up[{{.window}}]', totl: 'up'}\n");
        CommandRun run = await CommandRun.OfAsync("slo", "generate", file, "--write", _folder);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{file}:3:13: objectives[0].target: 100 % is no objective", run.Errors, StringComparison.Ordinal);
        Assert.Contains("did you mean total?", run.Errors, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task MetricsOfOthersAreTakenOnlyWhereThatIsWanted()
    {
        string file = Path.Combine(_folder, "other.yaml");
        await File.WriteAllTextAsync(file,
            "objectives:\n  - name: a\n    target: 99\n    threshold: {value: node_load1, op: lt, limit: 8}\n");
        Assert.Equal(2, (await CommandRun.OfAsync("slo", "generate", file)).ExitCode);
        CommandRun run = await CommandRun.OfAsync("slo", "generate", file, "--allow-unknown-metrics");
        Assert.Contains("(node_load1) >= bool 8\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DashboardsAreWritten()
    {
        CommandRun run = await CommandRun.OfAsync("dashboards", "generate", "--write", _folder, "-o", "json");
        Assert.Equal(3, JsonDocument.Parse(run.Output).RootElement.GetProperty("paths").GetArrayLength());
        Assert.Equal(["vfleet-debug.json", "vfleet-executive.json", "vfleet-oncall.json"],
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(3, "slo", "generate", "/nowhere/objectives.yaml")]
    [InlineData(3, "slo", "generate", "--write", "/nowhere")]
    [InlineData(3, "dashboards", "generate", "--write", "/nowhere")]
    [InlineData(2, "slo", "generate", "/proc")]
    [InlineData(2, "slo", "generate", "-o", "json")]
    [InlineData(2, "dashboards", "generate")]
    public async Task WhatCannotBeIsRefused(int code, params string[] words)
    {
        CommandRun run = await CommandRun.OfAsync(words);
        Assert.Equal(code, run.ExitCode);
        Assert.NotEmpty(run.Errors);
    }
}
