using System.Text.Json;
using Vfleet.Cli.Tests.Ledger;

namespace Vfleet.Cli.Tests.Commands;

[Collection(ConsoleCollection.Name)]
public sealed class UnitMetricsCommandTests
{
    [Fact]
    public async Task MetricsOfAHandOutArePrinted()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        string allocation = (await machine.JsonAsync("attach", $"{KeptMachine.Pf}/0", "--netns", "blue", "--tenant", "red"))
            .GetProperty("allocation").GetString()!;

        CommandRun plain = await machine.RunAsync("metrics");
        Assert.Equal(0, plain.ExitCode);
        string line =
            Assert.Single(plain.Output.Split('\n'), each => each.StartsWith("vfleet_vf_receive_bytes_total{", StringComparison.Ordinal));
        Assert.Contains($"tenant=\"red\",owner=\"blue\",allocation=\"{allocation}\"", line, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", (await machine.RunAsync("metrics", "--openmetrics")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMachineWithoutLedgerHasMetricsToo()
    {
        CommandRun run = await CommandRun.OnAsync("igb", "metrics");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\nvfleet_pf_info{", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheFileIsReplacedWhole()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        string path = Path.Combine(machine.State, "vfleet.prom");
        await File.WriteAllTextAsync(path, "old");

        JsonElement done = await machine.JsonAsync("metrics", "--textfile", path);

        Assert.Equal((path, 3), (done.GetProperty("path").GetString(), done.GetProperty("vfs").GetInt32()));
        Assert.StartsWith("# HELP ", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(machine.State, "vfleet.prom*"));
    }

    [Theory]
    [InlineData(2, "--textfile", "/nowhere/vfleet.txt")]
    [InlineData(3, "--textfile", "/nowhere/vfleet.prom")]
    [InlineData(2, "--textfile", "/nowhere/vfleet.prom", "--openmetrics")]
    [InlineData(2)]
    public async Task WhatCannotBeIsRefused(int code, params string[] words)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        JsonElement fault = await machine.FailsAsync(code, ["metrics", .. words]);
        Assert.NotEmpty(fault.GetProperty("error").GetString()!);
    }
}
