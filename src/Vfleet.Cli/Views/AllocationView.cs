using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Views;

/// <summary>An allocation as JSON. The keys are a promise: docs/cli.md.</summary>
internal static class AllocationView
{
    /// <summary>An allocation that was made.</summary>
    public static async Task<Outcome<JsonObject>> OfAsync(SriovHost host, NodeLedger ledger, LedgerAllocation allocation,
        CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfAmongSiblings>> read = await host.FindVfsAsync([.. allocation.Vfs.Select(vf => vf.Vf)], cancel: cancel)
            .ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VfAmongSiblings>? places, out Fault? fault)
            || !ledger.Read(view => view.Vf(allocation.Vfs[0].Vf)?.State).Try(out VfState? state, out fault))
            return fault;
        return Json(allocation, places.Select(place => place.Vf), Word(state));
    }

    /// <summary>One that would be made.</summary>
    public static JsonObject Planned(LedgerAllocation draft, IEnumerable<VirtualFunction> vfs)
    {
        JsonObject json = Json(draft, vfs, null);
        json["id"] = null;
        json["requestedAt"] = null;
        json["dryRun"] = true;
        return json;
    }

    /// <summary>A time as everywhere in JSON: ISO 8601, UTC, milliseconds.</summary>
    public static string? Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A state as everywhere in JSON.</summary>
    public static string? Word(VfState? state) => state?.ToString().ToLowerInvariant();

    private static JsonObject Json(LedgerAllocation allocation, IEnumerable<VirtualFunction> vfs, string? state) => new()
    {
        ["id"] = allocation.Id,
        ["pool"] = allocation.Pool,
        ["owner"] = allocation.Owner.Name,
        ["tenant"] = allocation.Tenant,
        ["vfs"] = new JsonArray([.. vfs.Select(Vf)]),
        ["state"] = state,
        ["requestedAt"] = Time(allocation.RequestedAt),
        ["readyAt"] = Time(allocation.ReadyAt),
    };

    private static JsonNode Vf(VirtualFunction vf) => new JsonObject
    {
        ["bdf"] = vf.Address?.ToString(),
        ["vf"] = $"{vf.Pf.Label}/{vf.Index}",
        ["pf"] = vf.Pf.Label,
        ["index"] = vf.Index,
        ["netdev"] = vf.Link?.Name,
        ["driver"] = vf.Driver,
        ["vfioDevice"] = vf.VfioDevice,
        ["numaNode"] = vf.NumaNode,
    };
}
