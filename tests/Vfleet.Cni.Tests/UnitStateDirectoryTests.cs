using System.Text.Json.Nodes;

namespace Vfleet.Cni.Tests;

/// <summary>A ledger that a network's configuration names: its content leads to programs that are run as root.</summary>
public sealed class UnitStateDirectoryTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private string _vf = "";

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync(vfs: 1);
        _vf = await _machine.VfAsync(0);
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Folder_of_the_user_s_own_is_made_where_it_is_not_there()
    {
        string folder = Path.Combine(_machine.Plugins, "own", "ledger");
        JsonObject config = CniMachine.Config(_vf, ("stateDir", folder));
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        Assert.True(File.Exists(Path.Combine(folder, "ledger.db")));
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
    }

    [Theory]
    [InlineData("everybody's", "may be written by others")]
    [InlineData("below everybody's", "may be written by others")]
    [InlineData("link", "is a symbolic link")]
    [InlineData("below link", "is a symbolic link")]
    [InlineData("file", "is no folder")]
    [InlineData("not there in sticky", "everybody may make it")]
    [InlineData("sticky", "may be written by others")]
    [InlineData("dots", "without . and ..")]
    public async Task Folder_that_others_may_have_a_hand_in_is_refused_before_anything_is_opened(string what, string told)
    {
        string root = _machine.Plugins, all = Path.Combine(root, "all");
        string folder = what switch
        {
            "everybody's" => all,
            "below everybody's" => Path.Combine(all, "mine"),
            "link" => Path.Combine(root, "way"),
            "below link" => Path.Combine(root, "way", "mine"),
            "file" => Path.Combine(root, "file"),
            "not there in sticky" => $"/tmp/vfleet-nobody-made-this-{Environment.ProcessId}",
            "sticky" => "/tmp",
            _ => $"{root}/mine/../other",
        };
        CniMachine.OpenToAll(Directory.CreateDirectory(all).FullName);
        _ = Directory.CreateDirectory(Path.Combine(all, "mine"));
        File.CreateSymbolicLink(Path.Combine(root, "way"), Directory.CreateDirectory(Path.Combine(root, "behind")).FullName);
        await File.WriteAllTextAsync(Path.Combine(root, "file"), "");
        foreach (string command in (string[])["ADD", "DEL"])
        {
            CniAnswer refused = await _machine.CallAsync(command, CniMachine.Config(_vf, ("stateDir", folder), ("logFile", $"{root}/log")));
            Assert.Equal((1, 7), (refused.Exit, refused.Code));
            Assert.Contains("stateDir", refused.Message, StringComparison.Ordinal);
            Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(Path.Combine(root, "log")));
        Assert.False(File.Exists(Path.Combine(folder, "ledger.db")));
    }
}
