using System.Text.Json;
using Vfleet.Cni.Protocol;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Config;

/// <summary>
/// What CHECK is given of ADD's result: that of the whole chain of plugins, so most of it may be others'. Source: CNI SPEC 1.1.0, "CHECK"
/// and "Success".
/// </summary>
internal static class PreviousResult
{
    /// <summary>The addresses that belong to CNI_IFNAME in the container, by the place of their interface in the result.</summary>
    public static CniOutcome<List<IPNetworkAddress>> AddressesOf(JsonElement result, CniCall call)
    {
        if (result.ValueKind != JsonValueKind.Object)
            return new CniError(CniCode.Undecodable, $"prevResult {result.GetRawText()} is not an object");
        CniError? wrong = null;
        CniJson json = new(result);
        List<bool> areIts = [];
        foreach (JsonElement each in json.List("interfaces", ref wrong))
            areIts.Add(IsIts(each, call, ref wrong));
        List<IPNetworkAddress> addresses = [];
        foreach (JsonElement each in json.List("ips", ref wrong))
        {
            if (Object(each, "ips", ref wrong) is not { } ip)
                continue;
            int? place = ip.Number("interface", 0, areIts.Count - 1, ref wrong);
            string? text = ip.Text("address", ref wrong);
            if (!IPNetworkAddress.TryParse(text ?? "", out IPNetworkAddress? address))
                wrong ??= CniJson.Wrong($"prevResult: address \"{text}\" in ips is no address with a prefix length");
            else if (place is { } at && areIts[at])
                addresses.Add(address);
        }
        return wrong is null ? addresses : wrong;
    }

    private static bool IsIts(JsonElement each, CniCall call, ref CniError? wrong) =>
        Object(each, "interfaces", ref wrong) is { } link
        // Both are read, so that a wrong type of either is told.
        && link.Text("name", ref wrong) == call.InterfaceName & link.Text("sandbox", ref wrong) == call.Namespace;

    private static CniJson? Object(JsonElement each, string list, ref CniError? wrong)
    {
        if (each.ValueKind == JsonValueKind.Object)
            return new CniJson(each);
        wrong ??= new CniError(CniCode.Undecodable, $"prevResult: {list} holds {each.GetRawText()}, which is not an object");
        return null;
    }
}
