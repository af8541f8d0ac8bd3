using System.Text.Json;

namespace Vfleet.Cli.Tests;

/// <summary>
/// What docs/cli.md promises of an object, as words <c>key:type</c> in the order they are printed. A question mark allows null;
/// types are string, number, boolean, strings and object.
/// </summary>
internal static class JsonShape
{
    public const string Pf = """
        bdf:string? name:string? altNames:strings driver:string? vendorId:string? deviceId:string? vendorName:string? deviceName:string?
        totalVfs:number? numVfs:number vfOffset:number? vfStride:number? autoprobe:boolean? numaNode:number? iommuGroup:number?
        linkState:string? linkSpeedMbps:number? mac:string? mtu:number? firmwareVersion:string? driverVersion:string?
        eswitchMode:string? defaultRoute:boolean?
        """;

    public const string Vf = """
        bdf:string? index:number pf:string pfBdf:string? driver:string? netdev:string? iommuGroup:number? numaNode:number? mac:string?
        adminMac:string? vlan:number? vlanQos:number? vlanProto:string? spoofCheck:boolean? trust:boolean? linkState:string?
        minTxRateMbps:number? maxTxRateMbps:number? mtu:number? vfioDevice:string? namespace:string? owner:string? allocation:string? counters:object?
        """;

    public const string Error = "error:string cause:string? remedy:string? operation:string? target:string? errno:string?";

    /// <summary>Fails unless the object has exactly these keys, in this order, with these types.</summary>
    public static void Holds(string shape, JsonElement value)
    {
        (string Key, string Type)[] promised = [.. shape.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        Assert.Equal(promised.Select(one => one.Key), value.EnumerateObject().Select(property => property.Name));
        foreach ((string key, string type) in promised)
            Assert.True(IsOf(type, value.GetProperty(key)), $"{key} is no {type}: {value.GetProperty(key).GetRawText()}");
    }

    private static (string Key, string Type) Parse(string word) =>
        word.Split(':') is [var key, var type] ? (key, type) : throw new FormatException(word);

    private static bool IsOf(string type, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => type.EndsWith('?'),
        JsonValueKind.String => type.TrimEnd('?') == "string",
        JsonValueKind.Number => type.TrimEnd('?') == "number",
        JsonValueKind.True or JsonValueKind.False => type.TrimEnd('?') == "boolean",
        JsonValueKind.Object => type.TrimEnd('?') == "object",
        JsonValueKind.Array => type.TrimEnd('?') == "strings" && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String),
        _ => false,
    };
}
