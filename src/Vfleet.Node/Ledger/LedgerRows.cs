using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Vfleet.Host.State;
using Vfleet.Host.Tuning;
using Vfleet.Node.Health;

namespace Vfleet.Node.Ledger;

/// <summary>Rows of the ledger's tables as objects, and their columns in one place each.</summary>
internal static class LedgerRows
{
    public const string VfColumns = "vf, pf, idx, pool, state, allocation, since, evidence, stranger, warm, worker, clean, held, record, "
        + "tuning, health, health_evidence, health_at";

    public const string AllocationColumns =
        "number, pool, owner_data, tenant, front_door, request_key, requested_at, ready_at, released_at, reason";

    public const string HistoryColumns = "seq, at, vf, allocation, from_state, to_state, front_door, user, owner, tenant, reason, detail, hash";

    public static LedgerVf ReadVf(SqliteDataReader row) => new()
    {
        Vf = row.GetString(0),
        Pf = row.GetString(1),
        Index = row.GetInt32(2),
        Pool = row.GetString(3),
        State = VfStateNames.Parse(row.GetString(4)),
        Allocation = Text(row, 5),
        Since = Time(row, 6)!.Value,
        Evidence = Text(row, 7),
        Stranger = Text(row, 8),
        IsWarm = row.GetInt32(9) != 0,
        Worker = Json(row, 10, LedgerJson.ReadOwner),
        Clean = Json(row, 11, RecordJson.ReadBaseline),
        Held = Json(row, 12, RecordJson.ReadBaseline),
        Record = Json(row, 13, RecordJson.ReadAttachment),
        Tuning = Json(row, 14, TuningJson.Read),
        Health = Text(row, 15) is { } level ? Enum.Parse<HealthLevel>(level) : HealthLevel.Healthy,
        HealthEvidence = Text(row, 16),
        HealthAt = Time(row, 17),
    };

    /// <summary>Places of <see cref="VfValues"/> in a statement.</summary>
    public static string VfPlaces { get; } = string.Join(", ", VfColumns.Split(',').Select((_, i) => $"${i + 1}"));

    /// <summary>A VF's columns, in the order of <see cref="VfColumns"/>.</summary>
    public static object?[] VfValues(LedgerVf row) =>
    [
        row.Vf, row.Pf, row.Index, row.Pool, row.State.Name(), row.Allocation, Milliseconds(row.Since), row.Evidence, row.Stranger,
        row.IsWarm ? 1 : 0, Json(row.Worker), Json(row.Clean), Json(row.Held), Json(row.Record), Json(row.Tuning), row.Health == HealthLevel.Healthy ? null : row.Health.ToString(), row.HealthEvidence,
        row.HealthAt is { } bad ? Milliseconds(bad) : null,
    ];

    /// <summary>An allocation without its VFs.</summary>
    public static LedgerAllocation ReadAllocation(SqliteDataReader row) => new()
    {
        Id = Id(row.GetInt64(0)),
        Pool = row.GetString(1),
        Owner = Json(row, 2, LedgerJson.ReadOwner)!,
        Tenant = Text(row, 3),
        FrontDoor = row.GetString(4),
        RequestKey = Text(row, 5),
        RequestedAt = Time(row, 6)!.Value,
        ReadyAt = Time(row, 7),
        ReleasedAt = Time(row, 8),
        Reason = Text(row, 9),
        Vfs = [],
    };

    public static AllocatedVf ReadAllocatedVf(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), (uint)row.GetInt64(2));

    public static HistoryRow ReadHistory(SqliteDataReader row) => new()
    {
        Sequence = row.GetInt64(0),
        At = Time(row, 1)!.Value,
        Vf = Text(row, 2),
        Allocation = Text(row, 3),
        From = State(row, 4),
        To = State(row, 5),
        FrontDoor = row.GetString(6),
        User = Text(row, 7),
        Owner = Text(row, 8),
        Tenant = Text(row, 9),
        Reason = row.GetString(10),
        Detail = Text(row, 11),
        Hash = (byte[])row.GetValue(12),
    };

    public static string Id(long number) => string.Create(CultureInfo.InvariantCulture, $"a{number}");

    /// <summary>The number in an allocation's id; null where the text is none.</summary>
    public static long? Number(string id) =>
        id.Length > 1 && id[0] == 'a' && long.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static string? Json(Owner? value) => value is null ? null : LedgerJson.Write(value);

    public static string? Json(Baseline? value) => value is null ? null : RecordJson.Write(value);

    public static string? Json(AttachmentRecord? value) => value is null ? null : RecordJson.Write(value);

    public static string? Json(TuningBaseline? value) => value is null ? null : TuningJson.Write(value);

    /// <exception cref="JsonException">The column holds something else; its name and its row are told.</exception>
    public static T? Json<T>(SqliteDataReader row, int column, Func<string, T> read)
        where T : class
    {
        if (Text(row, column) is not { } text)
            return null;
        try
        {
            return read(text);
        }
        catch (JsonException e)
        {
            throw new JsonException($"column {row.GetName(column)} of {row.GetName(0)} {row.GetValue(0)}: {e.Message}", e);
        }
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static VfState? State(SqliteDataReader row, int column) => Text(row, column) is { } name ? VfStateNames.Parse(name) : null;

    private static DateTimeOffset? Time(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
