using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary><c>vfleet ledger …</c></summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitLedgerCommandTests
{
    private const string RowShape = """
        id:string vf:string pool:string state:string owner:string tenant:string? frontDoor:string requestedAt:string readyAt:string?
        releasedAt:string? reason:string?
        """;

    private const string HistoryShape = """
        seq:number at:string vf:string? allocation:string? from:string? to:string? frontDoor:string user:string? owner:string? tenant:string?
        reason:string detail:string?
        """;

    private const string Vf = $"{KeptMachine.Pf}/0";

    [Fact]
    public async Task WithoutALedgerNobodyHasAnythingAndNoneIsMade()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(0, (await machine.JsonAsync("ledger", "history")).GetArrayLength());
        Assert.Equal(JsonValueKind.Null, (await machine.JsonAsync("ledger", "owner", Vf)).GetProperty("owner").ValueKind);
        Assert.Equal("", (await machine.RunAsync("ledger", "export")).Output);
        await machine.FailsAsync(3, "ledger", "verify");
        await machine.FailsAsync(3, "ledger", "rebuild");
        Assert.False(File.Exists(machine.LedgerPath));
    }

    [Fact]
    public async Task ListAndHistoryTellWhoHadWhat()
    {
        using KeptMachine machine = await UsedAsync();
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        JsonElement ended = Assert.Single((await machine.JsonAsync("ledger", "list", "--all")).EnumerateArray());
        JsonShape.Holds(RowShape, ended);
        Assert.Equal(("released", "blue", "cli"), (Text(ended, "state"), Text(ended, "owner"), Text(ended, "frontDoor")));

        JsonElement[] rows = [.. (await machine.JsonAsync("ledger", "history", Vf)).EnumerateArray()];
        Assert.All(rows, row => JsonShape.Holds(HistoryShape, row));
        Assert.Equal(["found", "allocate", "attach", "attached", "detach", "returned", "clean"], rows.Select(row => Text(row, "reason")));
        Assert.Equal(2, (await machine.JsonAsync("ledger", "history", Vf, "--limit", "2")).GetArrayLength());
        Assert.Equal("clean", Text((await machine.JsonAsync("ledger", "history", Vf, "--limit", "2"))[1], "reason"));
        Assert.Equal(rows.Length, (await machine.JsonAsync("ledger", "history", Vf, "--since", "2020-01-01")).GetArrayLength());
        await machine.FailsAsync(2, "ledger", "history", "--since", "2999-01-01");
        await machine.FailsAsync(2, "ledger", "history", "--limit", "0");
        await machine.FailsAsync(3, "ledger", "history", $"{KeptMachine.Pf}/77");
    }

    [Fact]
    public async Task TheOwnerAtATimeIsTold()
    {
        using KeptMachine machine = await UsedAsync();
        JsonElement ended = (await machine.JsonAsync("ledger", "list", "--all"))[0];
        JsonElement then = await machine.JsonAsync("ledger", "owner", Vf, "--at", Text(ended, "readyAt")!);
        Assert.Equal(("blue", Text(ended, "id")), (Text(then, "owner"), Text(then, "allocation")));
        Assert.Equal(JsonValueKind.Null, (await machine.JsonAsync("ledger", "owner", Vf)).GetProperty("owner").ValueKind);
        CommandRun said = await machine.RunAsync("ledger", "owner", Vf, "--at", "yesterday 14:03");
        Assert.Contains("14:03:00", said.Errors, StringComparison.Ordinal);
        Assert.EndsWith(": nobody\n", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheExportIsCompleteAndHasTheHashes()
    {
        using KeptMachine machine = await UsedAsync();
        int rows = (await machine.JsonAsync("ledger", "history", "--limit", "100000")).GetArrayLength();
        string[] lines = (await machine.RunAsync("ledger", "export")).Output.TrimEnd('\n').Split('\n');
        JsonElement[] exported = [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(rows, exported.Length);
        Assert.Equal(Enumerable.Range(1, rows), exported.Select(row => row.GetProperty("seq").GetInt32()));
        Assert.All(exported, row => Assert.Equal(64, Text(row, "hash")!.Length));
        string[] csv = (await machine.RunAsync("ledger", "export", "--format", "csv")).Output.TrimEnd('\n').Split('\n');
        Assert.Equal("seq,at,vf,allocation,from,to,frontDoor,user,owner,tenant,reason,detail,hash", csv[0]);
        Assert.Equal(exported.Select(row => Text(row, "hash")), csv[1..].Select(line => line.Split(',')[^1]));
    }

    [Fact]
    public async Task WhatWasAlteredIsFoundAndNotAnchored()
    {
        using KeptMachine machine = await UsedAsync();
        JsonElement well = await machine.JsonAsync("ledger", "verify");
        Assert.Equal(well.GetProperty("rows").GetInt64(), well.GetProperty("anchoredTo").GetInt64());
        string anchors = Path.Combine(machine.State, "anchors.jsonl");
        string[] before = await File.ReadAllLinesAsync(anchors);
        Assert.Single(before);
        Tamper(machine, "UPDATE history SET owner = 'green' WHERE owner = 'blue'");
        JsonElement altered = await machine.CodeAsync(4, "ledger", "verify");
        Assert.False(altered.GetProperty("ok").GetBoolean());
        Assert.NotEqual(0, altered.GetProperty("problems").GetArrayLength());
        Assert.Equal(before, await File.ReadAllLinesAsync(anchors));
    }

    [Fact]
    public async Task ADamagedLedgerStopsChangesAndIsRebuiltAfterAYes()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync();
        JsonElement attached = await machine.JsonAsync("attach", Vf, "--netns", "blue", "--vlan", "100");
        await machine.FailsAsync(4, "ledger", "rebuild", "--yes");
        Tamper(machine, "UPDATE allocation SET owner_data = '{'");
        await File.WriteAllTextAsync(Path.Combine(machine.State, "unrelated"), "");

        await machine.FailsAsync(4, "ledger", "rebuild");
        JsonElement planned = await machine.JsonAsync("ledger", "rebuild", "--dry-run");
        JsonElement done = await machine.JsonAsync("ledger", "rebuild", "--yes");
        Assert.Equal(planned.GetProperty("lost").GetRawText(), done.GetProperty("lost").GetRawText());
        Assert.True(File.Exists(Text(done, "aside")));
        JsonElement row = Assert.Single((await machine.JsonAsync("ledger", "list")).EnumerateArray());
        Assert.Equal(("blue", "attached"), (Text(row, "owner"), Text(row, "state")));
        Assert.NotEqual(Text(attached, "allocation"), Text(row, "id"));
        await machine.JsonAsync("detach", Vf);
        await machine.JsonAsync("ledger", "verify");

        await File.WriteAllTextAsync(machine.LedgerPath, "no database");
        JsonElement refused = await machine.FailsAsync(1, "vf", "bind", Vf, "vfio-pci");
        Assert.Contains("vfleet ledger rebuild", Text(refused, "remedy"), StringComparison.Ordinal);
        CommandRun list = await machine.RunAsync("vf", "list");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("owners are not known", list.Errors, StringComparison.Ordinal);
        await machine.JsonAsync("ledger", "rebuild", "--yes");
        await machine.JsonAsync("vf", "bind", Vf, "vfio-pci");
    }

    private static async Task<KeptMachine> UsedAsync()
    {
        KeptMachine machine = await KeptMachine.CreateAsync();
        await machine.JsonAsync("attach", Vf, "--netns", "blue");
        await machine.JsonAsync("detach", Vf);
        return machine;
    }

    private static void Tamper(KeptMachine machine, string sql)
    {
        using SqliteConnection connection = new($"Data Source={machine.LedgerPath};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }

    private static string? Text(JsonElement json, string key) => json.GetProperty(key).GetString();
}
