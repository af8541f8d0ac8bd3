namespace Vfleet.Lab.Tests;

/// <summary>
/// The program as people have it, started without standard streams. The runtime that runs a program which is not native opens files of its own in
/// their place before any of ours.
/// </summary>
public sealed class LabClosedStreamTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    [Fact]
    public async Task Without_streams_nothing_is_printed_into_the_ledger()
    {
        Ended run = await ShellAsync($"\"$0\" --state '{_state}' maintenance start <&- >&- 2>&-; echo $?; od -c -N 6 -A n '{_state}/ledger.db'");
        Assert.Equal("5\nSQLite\n", run.Output.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_standard_input_there_are_no_documents_in_it()
    {
        Ended run = await ShellAsync("\"$0\" --host sim:igb plan -f - <&-");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("no document in standard input", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>Anybody may lock it.</summary>
    [Fact]
    public async Task A_locked_null_device_stands_in_nobodys_way()
    {
        Ended run = await ShellAsync("flock -x /dev/null \"$0\" version");
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private static Task<Ended> ShellAsync(string script) => Lab.HostAsync(null, "sh", "-c", script, Lab.Executable);
}
