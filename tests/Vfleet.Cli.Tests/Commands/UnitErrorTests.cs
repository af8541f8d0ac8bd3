using System.Text.Json;
using Vfleet.Cli.Output;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Commands;

/// <summary>Errors: one line on standard error, with <c>-o json</c> one object, and nothing on standard output.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitErrorTests
{
    [Theory]
    [InlineData(2, "pf", "nosuch")]
    [InlineData(2, "vf", "create", "enp1s0f0", "9")]
    [InlineData(2, "vf", "set", "enp1s0f0/0", "--vlan", "4095")]
    [InlineData(3, "pf", "show", "eth9")]
    [InlineData(3, "vf", "show", "enp1s0f0/0")]
    [InlineData(4, "preflight", "--isolation", "enp1s0f0")]
    [InlineData(4, "preflight", "--isolation", "enp1s0f0", "--dry-run")]
    [InlineData(3, "preflight", "--isolation", "eth9", "--dry-run")]
    public async Task AnErrorIsOneLineOrOneObject(int code, params string[] words)
    {
        CommandRun line = await CommandRun.OnAsync("igb", words);
        CommandRun json = await CommandRun.OnAsync("igb", [.. words, "-o", "json"]);

        Assert.Equal((code, code), (line.ExitCode, json.ExitCode));
        Assert.Equal(("", ""), (line.Output, json.Output));
        Assert.StartsWith("vfleet: ", Assert.Single(line.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        JsonShape.Holds(JsonShape.Error, JsonDocument.Parse(Assert.Single(json.Errors.TrimEnd('\n').Split('\n'))).RootElement);
    }

    [Fact]
    public void TheKernelsErrorIsNamed()
    {
        Fault fault = new(FaultKind.Kernel, "eth0: 4 VFs")
        {
            Cause = "busy\nnow",
            Operation = "echo 4 > sriov_numvfs",
            Target = "eth0",
            Errno = Errno.EBUSY,
        };
        JsonElement json = JsonDocument.Parse(ErrorWriter.Json(fault)).RootElement;

        JsonShape.Holds(JsonShape.Error, json);
        Assert.Equal("EBUSY", json.GetProperty("errno").GetString());
        Assert.Equal("vfleet: eth0: 4 VFs: busy now", ErrorWriter.Line(fault));
    }

    [Fact]
    public async Task AFileOfOurOwnThatCannotBeReadIsExitCode1()
    {
        string state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
        await File.WriteAllTextAsync(Path.Combine(state, "up.json"), "{\"pf\":");

        CommandRun run = await CommandRun.OfAsync("--state", state, "down");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("up.json cannot be read", run.Errors, StringComparison.Ordinal);
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public void ADefectIsExitCode1AndItsTraceIsForThoseWhoAsk() =>
        Assert.Equal(1, ErrorWriter.ReportDefect(new InvalidOperationException("two words"), OutputFormat.Table, isVerbose: false));
}
