using System.Text.Json.Nodes;
using Vfleet.Cli.Views;
using Vfleet.Host.Inventory;

namespace Vfleet.Cli.Up;

/// <summary>Something that must hold.</summary>
internal sealed record UpCheck(string Name, bool Ok, string Detail);

/// <summary>Something about the device that was measured; where it falls short, that is the device's doing.</summary>
internal sealed record UpMeasurement(string Name, string Expected, string Seen);

/// <summary>The outcome of <c>vfleet up</c>.</summary>
internal sealed record UpReport(
    string Mode,
    IReadOnlyList<UpCheck> Checks,
    IReadOnlyList<UpMeasurement> Measurements,
    IReadOnlyList<PfRow> Pfs,
    IReadOnlyList<VirtualFunction> Vfs)
{
    /// <summary>The VFs with their owners.</summary>
    public IReadOnlyList<VfRow> Owned { get; init; } = [.. Vfs.Select(vf => new VfRow(vf))];

    public bool IsGood => Checks.All(check => check.Ok);

    public JsonObject Json() => new()
    {
        ["mode"] = Mode,
        ["checks"] = new JsonArray([.. Checks.Select(check => (JsonNode)new JsonObject { ["name"] = check.Name, ["ok"] = check.Ok, ["detail"] = check.Detail })]),
        ["measurements"] = new JsonArray([.. Measurements.Select(one => (JsonNode)new JsonObject { ["name"] = one.Name, ["expected"] = one.Expected, ["seen"] = one.Seen })]),
        ["pfs"] = new JsonArray([.. Pfs.Select(PfView.Json)]),
        ["vfs"] = new JsonArray([.. Owned.Select(VfView.Json)]),
    };
}
