using Vfleet.Linux.Tests;

namespace Vfleet.Cli.Tests.Up;

/// <summary>A state directory that is somebody else's: what is recorded in it is unknown, not absent.</summary>
public sealed class KernelForbiddenStateTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    /// <summary>Root without the right to look into everybody's files: to the directory of another user it is anybody.</summary>
    private const string Script = """
        mkdir "$0/state" && echo '{' > "$0/state/up.json" && chown 65534 "$0/state" && chmod 700 "$0/state" || exit 99
        exec setpriv --bounding-set -dac_override,-dac_read_search "$@"
        """;

    [KernelFact("setpriv", "chown")]
    public async Task ARecordThatMayNotBeReadIsNotPermittedAndNotAbsent()
    {
        string[] down = [.. CommandProcess.Vfleet, "--state", $"{_place}/state", "down", "--dry-run"];
        CommandRun run = await CommandProcess.RunAsync(["sh", "-c", Script, _place, .. down], "", ("VFLEET_LAB_DIR", $"{_place}/lab"));

        Assert.True(run.ExitCode == 6, $"{run.ExitCode}: {run.Output}{run.Errors}");
        Assert.Contains($"{_place}/state/up.json may not be read", run.Errors, StringComparison.Ordinal);
    }

    [KernelFact("setpriv", "chown")]
    public async Task WhatMayNotBeReadIsNotSaidToBeEmpty()
    {
        string[] commands = ["ledger list", "ledger history", "ledger export", "ledger verify", "get", "maintenance show"];
        string each = $"for words in {string.Join(' ', commands.Select(command => $"'{command}'"))}; do \"$@\" $words >/dev/null 2>&1; echo \"$words $?\"; done";
        string[] all = [.. CommandProcess.Vfleet, "--state", $"{_place}/state"];
        CommandRun run = await CommandProcess.RunAsync(["sh", "-c", Script, _place, "sh", "-c", each, "sh", .. all]);
        Assert.Equal(commands.Select(command => $"{command} 6"), run.Output.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("touch state")]
    [InlineData("ln -s state state")]
    [InlineData("ln -s nowhere state")]
    [InlineData("mkdir -p state/ledger.db")]
    public async Task APlaceThatCannotHoldALedgerIsWrongUsage(string made)
    {
        Assert.Equal(0, (await CommandProcess.RunAsync(["sh", "-c", $"cd '{_place}' && {made}"])).ExitCode);
        CommandRun run = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, "--state", $"{_place}/state", "ledger", "list"]);
        Assert.True(run.ExitCode == 2, $"{run.ExitCode}: {run.Output}{run.Errors}");
        Assert.Contains("--state", run.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);
}
