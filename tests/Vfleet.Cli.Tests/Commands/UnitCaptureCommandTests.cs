using System.Text.Json;
using Vfleet.Cli.Session;
using Vfleet.Cli.Tests.Ledger;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Commands;

/// <summary><c>vfleet capture</c> and <c>vfleet trace</c> as far as they come without a kernel.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitCaptureCommandTests
{
    private const string File = "/tmp/vfleet-test.pcapng";

    [Fact]
    public async Task TheInterfaceIsFoundInTheNamespaceOfItsOwner()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        await machine.JsonAsync("attach", $"{KeptMachine.Pf}/1", "--netns", "blue", "--name", "net1");
        JsonElement plan = await machine.JsonAsync(
            "capture", "--vf", $"{KeptMachine.Pf}/1", "--write", File, "--filter", "icmp", "--for", "2m", "--dry-run");

        Assert.Equal(("net1", "/run/netns/blue", false),
            (plan.GetProperty("interface").GetString(), plan.GetProperty("namespace").GetString(), plan.GetProperty("representor").GetBoolean()));
        string[] words = [.. plan.GetProperty("command").EnumerateArray().Select(word => word.GetString()!)];
        Assert.Equal(["--", "icmp"], words[^2..]);
        Assert.False(Path.Exists(File));
        JsonElement[] rows = [.. (await machine.JsonAsync("ledger", "history")).EnumerateArray()];
        Assert.DoesNotContain(rows, row => row.GetProperty("reason").GetString() == "capture");
    }

    [Fact]
    public async Task AVfWithoutInterfaceIsRefusedWithTheReason()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(driver: "vfio-pci");
        JsonElement fault = await machine.FailsAsync(4, "capture", "--vf", $"{KeptMachine.Pf}/0", "--write", File, "--dry-run");
        Assert.Contains("vfio-pci", fault.GetProperty("cause").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--for", "0s")]
    [InlineData(2, "--for", "10 parsecs")]
    [InlineData(2, "--for", "-5s")]
    [InlineData(2, "--for", "25h")]
    [InlineData(2, "--max", "1")]
    [InlineData(2, "--max", "100XB")]
    [InlineData(2, "--max", "99999999999999999999")]
    [InlineData(2, "--snaplen", "0")]
    [InlineData(2, "--snaplen", "262145")]
    [InlineData(3, "--write", "/nowhere/a.pcapng")]
    [InlineData(4, "--write", "/dev/null")]
    [InlineData(2, "--write", "/tmp")]
    public async Task WhatCannotBeIsRefused(int code, params string[] words)
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        string[] file = words.Contains("--write") ? [] : ["--write", File];
        JsonElement fault = await machine.FailsAsync(code, ["capture", "--vf", $"{KeptMachine.Pf}/0", .. file, .. words, "--dry-run"]);
        Assert.NotEmpty(fault.GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task ASimulatedMachineIsNeitherCapturedNorTraced()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        await machine.FailsAsync(4, "capture", "--vf", $"{KeptMachine.Pf}/0", "--write", File);
        foreach (string kind in (string[])["latency", "drops", "interrupts"])
            await machine.FailsAsync(4, "trace", kind, "--vf", $"{KeptMachine.Pf}/0");
        await machine.FailsAsync(3, "trace", "drops", "--vf", $"{KeptMachine.Pf}/99");
        await machine.FailsAsync(2, "trace", "drops", "--vf", $"{KeptMachine.Pf}/0", "--for", "2h");
        await machine.FailsAsync(4, "trace", "drops", "--vf", $"{KeptMachine.Pf}/0", "--folded", "/dev/null", "--force");
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("1.5s", 1.5)]
    [InlineData("250ms", 0.25)]
    [InlineData("2 m", 120)]
    [InlineData("1h", 3600)]
    public void TimesAreReadAsPeopleWriteThem(string text, double seconds) =>
        Assert.Equal(seconds, AmountText.Duration("--for", text, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)).Value.TotalSeconds);

    [Theory]
    [InlineData("5000", 5000)]
    [InlineData("500kB", 500_000)]
    [InlineData("1.5MB", 1_500_000)]
    [InlineData("2GiB", 2147483648)]
    [InlineData("1G", 1_000_000_000)]
    public void AmountsAreReadAsPeopleWriteThem(string text, long bytes)
    {
        Outcome<long> read = AmountText.Bytes("--max", text, 1, 1L << 40);
        Assert.Equal(bytes, read.Value);
    }
}
