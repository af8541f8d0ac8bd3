using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Views;

/// <summary>An allocation as JSON. The keys are a promise: docs/cli.md.</summary>
internal static class AllocationView
{
    /// <summary>Prints an allocation that was made.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="node">The node.</param>
    /// <param name="made">The allocation, or why there is none.</param>
    /// <param name="text">What people read, of the allocation and its JSON.</param>
    /// <param name="cancel">Ends the waiting for its VFs to be read.</param>
    public static async Task<Fault?> PrintAsync(
        ResultWriter output, LocalNode node, Outcome<LedgerAllocation> made, Func<LedgerAllocation, JsonObject, string> text,
        CancellationToken cancel)
    {
        if (!made.Try(out LedgerAllocation? allocation, out Fault? fault))
            return fault;
        Outcome<IReadOnlyList<VfAmongSiblings>> read =
            await node.Host.FindVfsAsync([.. allocation.Vfs.Select(vf => vf.Vf)], cancel: cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VfAmongSiblings>? places, out fault)
            || !node.Ledger.Read(view => view.Vf(allocation.Vfs[0].Vf)?.State).Try(out VfState? state, out fault))
            return fault;
        JsonObject json = Json(allocation, places.Select(place => place.Vf), Word(state));
        output.Done(text(allocation, json), json);
        return null;
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
