using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vfleet.Telemetry.Tracing;

/// <summary>Traces as JSON: for machines, and in the ledger.</summary>
public static class TraceJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>A kind as everywhere in JSON.</summary>
    public static string Word(TraceKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Writes one; its stacks are left out.</summary>
    public static JsonObject Of(TraceResult result) => new()
    {
        ["kind"] = Word(result.Kind),
        ["vf"] = result.Vf,
        ["pf"] = result.Pf,
        ["index"] = result.Index,
        ["bdf"] = result.Bdf,
        ["allocation"] = result.Allocation,
        ["from"] = Time(result.From),
        ["to"] = Time(result.To),
        ["histograms"] = new JsonArray([.. result.Histograms.Select(Histogram)]),
        ["counts"] = new JsonArray([.. result.Counts.Select(each => new JsonObject { ["name"] = each.Name, ["count"] = each.Count })]),
        ["missing"] = new JsonArray([.. result.Missing.Select(each => (JsonNode)each)]),
        ["lost"] = result.Lost,
    };

    /// <summary>Reads what <see cref="Of"/> wrote; null where it is something else, as from a later version.</summary>
    public static TraceResult? Read(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject json ? Read(json) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // The library's ways to say that it is not what was expected.
            return null;
        }
    }

    private static TraceResult? Read(JsonObject json) => !Enum.TryParse((string?)json["kind"], ignoreCase: true, out TraceKind kind) ? null : new TraceResult
    {
        Kind = kind,
        Vf = (string)json["vf"]!,
        Pf = (string)json["pf"]!,
        Index = (int)json["index"]!,
        Bdf = (string?)json["bdf"],
        Allocation = (string?)json["allocation"],
        From = Time((string)json["from"]!),
        To = Time((string)json["to"]!),
        Histograms = [.. json["histograms"]!.AsArray().Select(each => Histogram(each!.AsObject()))],
        Counts = [.. json["counts"]!.AsArray().Select(each => new TraceCount((string)each!["name"]!, (long)each["count"]!))],
        Missing = [.. json["missing"]!.AsArray().Select(each => (string)each!)],
        Lost = (long)json["lost"]!,
    };

    private static JsonObject Histogram(TraceHistogram histogram) => new()
    {
        ["name"] = histogram.Name,
        ["vector"] = histogram.Vector,
        ["count"] = histogram.Count,
        ["totalNs"] = histogram.Total,
        ["buckets"] = new JsonArray([.. histogram.Buckets.Select(bucket =>
            new JsonObject { ["fromNs"] = bucket.From, ["toNs"] = bucket.To, ["count"] = bucket.Count })]),
    };

    private static TraceHistogram Histogram(JsonObject json) => new(
        (string)json["name"]!, (int?)json["vector"],
        [.. json["buckets"]!.AsArray().Select(each =>
            new TraceBucket((long)each!["fromNs"]!, (long)each["toNs"]!, (long)each["count"]!))],
        (long)json["totalNs"]!);

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
