using System.Text.Json.Nodes;
using Vfleet.Host.Tests;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cni.Tests;

/// <summary>What nobody foresaw: a defect of this program, and words in the ledger that nobody can read.</summary>
public sealed class UnitDefectTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private string _vf = "";

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync(vfs: 2);
        _machine.AddStaticPlugin("fixed", """{"ips": [{"address": "10.0.0.2/24"}]}""");
        _vf = await _machine.VfAsync(0);
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Defect_at_any_step_is_answered_and_add_leaves_nothing()
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(_vf, ("vlan", 100), CniMachine.Ipam("fixed"));
        WatchedKernel watched = new(_machine.Kernel);
        _machine.Seen = watched;
        int struck = 0;
        for (int step = 0, steps = int.MaxValue; step < steps; step += 3)
        {
            watched.StrikeAt(step, () => throw new FormatException("not foreseen"));
            CniAnswer answer = await _machine.CallAsync("ADD", config);
            steps = step < watched.Operations.Count ? int.MaxValue : 0;
            watched.Watch();
            if (answer.Exit == 0)
            {
                Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
                continue;
            }
            struck++;
            Assert.True((999, true) == (answer.Code, answer.Message.Contains("FormatException: not foreseen", StringComparison.Ordinal)),
                answer.Output);
            string after = await _machine.PictureAsync();
            Assert.True(before == after, $"step {step}\n{before}\n{after}");
        }
        Assert.True(struck > 10, $"{struck} calls were struck");
    }

    [Fact]
    public async Task Column_that_cannot_be_read_is_a_damaged_ledger()
    {
        Assert.Equal(0, (await _machine.CallAsync("ADD", CniMachine.Config(_vf))).Exit);
        SpoilWords("{\"name\":");
        CniAnswer refused = await _machine.CallAsync("DEL", CniMachine.Config(_vf));
        Assert.Equal(1, refused.Exit);
        Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
        Assert.Contains("owner_data", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"network\": \"n\"}")]
    [InlineData("{\"network\": null, \"containerID\": \"c\", \"ifname\": \"i\"}")]
    [InlineData("{\"network\": \"n\", \"containerID\": \"c\", \"ifname\": \"i\", \"config\": \"{\"}")]
    public async Task Words_that_cannot_be_read_are_told_with_the_allocation_and_nothing_is_taken_for_done(string words)
    {
        Owner owner = new() { Name = "web", Workload = words };
        FrontDoorUndo undo = new("a7", owner, [_vf]);
        Fault? told = (await new CniDoor(_machine.Options).UndoAsync(undo, CancellationToken.None)).Fault;
        Assert.Contains("a7", told?.Error, StringComparison.Ordinal);
        Assert.Null((await new CniDoor(_machine.Options).UndoAsync(undo with { Owner = owner with { Workload = null } }, default)).Fault);
    }

    [Fact]
    public async Task Del_of_an_attachment_whose_words_are_damaged_finds_it_by_its_key()
    {
        string before = await _machine.PictureAsync();
        Assert.Equal(0, (await _machine.CallAsync("ADD", CniMachine.Config(_vf))).Exit);
        SpoilWords("{\"name\":\"web\",\"kind\":\"Name\",\"workload\":\"{\"}");
        Assert.Equal(0, (await _machine.CallAsync("DEL", CniMachine.Config(_vf))).Exit);
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Name_that_is_taken_is_told_in_the_runtime_s_word()
    {
        JsonObject pool = CniMachine.Config(null, ("pool", _machine.Pf));
        Assert.Equal(0, (await _machine.CallAsync("ADD", pool)).Exit);
        CniAnswer refused = await _machine.CallAsync("ADD", pool, ("CNI_CONTAINERID", "ctr2"));
        Assert.Equal((1, 102), (refused.Exit, refused.Code));
        Assert.Contains("CNI_IFNAME", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("--name", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Changes the ledger's file as a disk that fails does.</summary>
    private void SpoilWords(string text)
    {
        using Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={_machine.State}/ledger.db;Pooling=false");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE allocation SET owner_data = $1";
        _ = command.Parameters.AddWithValue("$1", text);
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
