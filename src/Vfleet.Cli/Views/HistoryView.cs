using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Views;

/// <summary>A row of history as columns, JSON and CSV. The keys are a promise: docs/cli.md.</summary>
internal static class HistoryView
{
    public static readonly IReadOnlyList<Column<HistoryRow>> Columns =
    [
        new("AT", row => row.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new("VF", row => row.Vf),
        new("ALLOCATION", row => row.Allocation),
        new("FROM", row => AllocationView.Word(row.From)),
        new("TO", row => AllocationView.Word(row.To)),
        new("OWNER", row => row.Owner),
        new("BY", row => row.User is null ? row.FrontDoor : $"{row.FrontDoor} ({row.User})"),
        new("REASON", row => row.Reason),
        new("TENANT", row => row.Tenant, OnlyWide: true),
        new("DETAIL", row => row.Detail, OnlyWide: true),
        new("SEQ", row => row.Sequence.ToString(CultureInfo.InvariantCulture), OnlyWide: true),
    ];

    public static JsonObject Json(HistoryRow row) => new()
    {
        ["seq"] = row.Sequence,
        ["at"] = AllocationView.Time(row.At),
        ["vf"] = row.Vf,
        ["allocation"] = row.Allocation,
        ["from"] = AllocationView.Word(row.From),
        ["to"] = AllocationView.Word(row.To),
        ["frontDoor"] = row.FrontDoor,
        ["user"] = row.User,
        ["owner"] = row.Owner,
        ["tenant"] = row.Tenant,
        ["reason"] = row.Reason,
        ["detail"] = row.Detail,
    };

    /// <summary>The same with the row's hash, for an export.</summary>
    public static JsonObject WithHash(HistoryRow row)
    {
        JsonObject json = Json(row);
        json["hash"] = Convert.ToHexStringLower(row.Hash);
        return json;
    }

    /// <summary>A row as CSV of RFC 4180; null is an empty field.</summary>
    public static string Csv(JsonObject json) => string.Join(',', json.Select(pair => Field(pair.Value?.ToString() ?? "")));

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
