using System.Text.Json;
using System.Text.Json.Serialization;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Reconcile;

/// <summary>A time in which nothing is repaired, because somebody works on the machine by hand; what happens meanwhile is marked.</summary>
/// <param name="Pf">Device name of the PF it is about; null for the whole machine.</param>
/// <param name="Since">When it began.</param>
/// <param name="By">Who began it.</param>
/// <param name="Reason">Why.</param>
public sealed record MaintenanceWindow(string? Pf, DateTimeOffset Since, string? By, string? Reason);

/// <summary>Maintenance, kept in the ledger so that it outlives every process.</summary>
public static class Maintenance
{
    /// <summary>Most characters of a reason.</summary>
    public const int LongestReason = 1000;

    private const string Key = "maintenance";

    /// <summary>What is under maintenance now.</summary>
    public static Outcome<IReadOnlyList<MaintenanceWindow>> Read(NodeLedger ledger) => ledger.Read<IReadOnlyList<MaintenanceWindow>>(Read);

    /// <summary>True where a PF, or the machine, is under maintenance.</summary>
    public static bool Covers(IReadOnlyList<MaintenanceWindow> windows, string pf) => windows.Any(window => window.Pf is null || window.Pf == pf);

    /// <summary>Begins maintenance.</summary>
    /// <returns>Refused where it has begun already; Usage for a reason that is too long, or holds what is no text.</returns>
    public static Outcome<MaintenanceWindow> Start(NodeLedger ledger, string? pf, string? reason, DateTimeOffset now) =>
        reason is not null && (reason.Length is 0 or > LongestReason || reason.Any(char.IsControl))
        ? Fault.Usage($"a reason has 1 to {LongestReason} characters, none of them a control character")
        : ledger.Change<MaintenanceWindow>(LedgerStep.Repair, change =>
        {
            IReadOnlyList<MaintenanceWindow> windows = Read(change);
            if (windows.FirstOrDefault(window => window.Pf == pf) is { } before)
                return Fault.Refused($"{Name(pf)} is under maintenance already", $"since {before.Since:yyyy-MM-dd HH:mm:ss}Z, begun by {before.By}",
                    "end it with `vfleet maintenance end`", pf);
            MaintenanceWindow begun = new(pf, now, change.Actor.User, reason);
            Write(change, [.. windows, begun]);
            change.Note("maintenance begins", reason is null ? Name(pf) : $"{Name(pf)}: {reason}");
            return begun;
        });

    /// <summary>Ends maintenance: the next pass repairs what differs.</summary>
    /// <returns>NotFound where there is none.</returns>
    public static Outcome<MaintenanceWindow> End(NodeLedger ledger, string? pf) => ledger.Change<MaintenanceWindow>(LedgerStep.Repair, change =>
    {
        IReadOnlyList<MaintenanceWindow> windows = Read(change);
        if (windows.FirstOrDefault(window => window.Pf == pf) is not { } ended)
            return Fault.NotFound($"{Name(pf)} is not under maintenance", "see `vfleet status`", pf);
        Write(change, [.. windows.Where(window => window.Pf != pf)]);
        change.Note("maintenance ends", Name(pf));
        return ended;
    });

    private static string Name(string? pf) => pf ?? "this machine";

    private static IReadOnlyList<MaintenanceWindow> Read(LedgerView view) =>
        view.Meta(Key) is { } text ? JsonSerializer.Deserialize(text, MaintenanceJson.Default.MaintenanceWindowArray) ?? [] : [];

    private static void Write(LedgerChange change, MaintenanceWindow[] windows) =>
        change.SetMeta(Key, windows.Length == 0 ? null : JsonSerializer.Serialize(windows, MaintenanceJson.Default.MaintenanceWindowArray));
}

/// <summary>JSON of maintenance windows.</summary>
[JsonSerializable(typeof(MaintenanceWindow[]))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class MaintenanceJson : JsonSerializerContext;
