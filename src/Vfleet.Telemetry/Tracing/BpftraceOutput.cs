using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vfleet.Telemetry.Tracing;

/// <summary>Reads what <c>bpftrace -f json</c> writes, a document in each line, into counts, histograms and stacks.</summary>
/// <param name="reasons">Names of reasons for drops.</param>
public sealed class BpftraceOutput(IReadOnlyDictionary<int, string> reasons)
{
    private const string Unspecified = "NOT_SPECIFIED";

    private readonly Dictionary<(string Name, int? Vector), List<TraceBucket>> _buckets = [];
    private readonly Dictionary<(string Name, int? Vector), long> _sums = [];
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<TraceStack> _stacks = [];

    /// <summary>True once every probe is attached.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Events that it had no room for.</summary>
    public long Lost { get; private set; }

    /// <summary>True once something was printed that only its end prints.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Histograms, by name and interrupt.</summary>
    public IReadOnlyList<TraceHistogram> Histograms =>
    [
        .. from each in _buckets
           orderby each.Key.Name, each.Key.Vector
           select new TraceHistogram(each.Key.Name, each.Key.Vector, each.Value, _sums.GetValueOrDefault(each.Key)),
    ];

    /// <summary>Counts, the most first.</summary>
    public IReadOnlyList<TraceCount> Counts =>
        [.. _counts.OrderByDescending(each => each.Value).ThenBy(each => each.Key).Select(each => new TraceCount(each.Key, each.Value))];

    /// <summary>Stacks, the most first.</summary>
    public IReadOnlyList<TraceStack> Stacks => [.. _stacks.OrderByDescending(stack => stack.Count)];

    /// <summary>Reads a line. What is not understood is passed over: it can only be something that our program does not make.</summary>
    public void Read(string line)
    {
        if (line.Length == 0 || Parse(line) is not JsonObject document)
            return;
        JsonNode? data = document["data"];
        switch (Text(document["type"]))
        {
            case "printf" or "time":
                IsReady |= Text(data)?.Trim() == TraceProgram.Ready;
                break;
            case "lost_events":
                Lost += Whole((data as JsonObject)?["events"]) ?? 0;
                break;
            case "map" when data is JsonObject maps:
                HasEnded = true;
                foreach ((string name, JsonNode? value) in maps)
                    ReadMap(name.TrimStart('@'), value);
                break;
            case "hist" when data is JsonObject maps:
                HasEnded = true;
                foreach ((string name, JsonNode? value) in maps)
                    ReadHistograms(name.TrimStart('@'), value);
                break;
        }
    }

    private static JsonNode? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            // A line that was cut, as where it was killed.
            return null;
        }
    }

    private void ReadMap(string name, JsonNode? value)
    {
        if (name.EndsWith(TraceProgram.Sum, StringComparison.Ordinal))
        {
            string whole = name[..^TraceProgram.Sum.Length];
            foreach ((string? key, JsonNode? sum) in Entries(value))
                _sums[(whole, Number(key))] = Whole(sum) ?? 0;
            return;
        }
        foreach ((string? key, JsonNode? count) in Entries(value))
        {
            if (key is null || Whole(count) is not { } times)
                continue;
            if (name == TraceProgram.Stacks)
            {
                _stacks.Add(new TraceStack(Frames(key), times));
            }
            else if (name == TraceProgram.Drops)
            {
                int comma = key.IndexOf(',', StringComparison.Ordinal);
                List<string> frames = Frames(comma < 0 ? "" : key[(comma + 1)..]);
                string reason = Reason(comma < 0 ? key : key[..comma]);
                // Where the kernel names no reason, the function that freed the packet is the nearest to one.
                if (reason == Unspecified && frames.Count > 0)
                    reason = $"{Unspecified}:{frames[^1]}";
                _counts[reason] = _counts.GetValueOrDefault(reason) + times;
                _stacks.Add(new TraceStack([.. frames, reason], times));
            }
            else if (name == TraceProgram.Interrupts)
            {
                _counts[key] = times;
            }
        }
    }

    private void ReadHistograms(string name, JsonNode? value)
    {
        if (value is JsonArray single)
            _buckets[(name, null)] = Buckets(single);
        foreach ((string key, JsonNode? each) in value as JsonObject ?? [])
        {
            if (each is JsonArray buckets)
                _buckets[(name, Number(key))] = Buckets(buckets);
        }
    }

    /// <summary>Buckets with values at all; the first ones have no lower bound.</summary>
    private static List<TraceBucket> Buckets(JsonArray buckets) =>
    [
        .. from bucket in buckets.OfType<JsonObject>()
           let to = Whole(bucket["max"]) ?? long.MaxValue
           let count = Whole(bucket["count"]) ?? 0
           where to >= 0 && count > 0
           select new TraceBucket(Math.Max(0, Whole(bucket["min"]) ?? 0), to, count),
    ];

    private static IEnumerable<(string? Key, JsonNode? Value)> Entries(JsonNode? value) => value is JsonObject keyed
        ? keyed.Select(pair => ((string?)pair.Key, pair.Value))
        : [(null, value)];

    /// <summary>Functions of a stack, the outermost first, without their offsets.</summary>
    private static List<string> Frames(string stack)
    {
        List<string> frames = [.. stack.Split('\n').Select(Frame).Where(frame => frame.Length > 0)];
        frames.Reverse();
        return frames;
    }

    private static string Frame(string line)
    {
        string name = line.Trim();
        int offset = name.LastIndexOf('+');
        // A semicolon or a space would be another frame, or the count.
        return (offset > 0 ? name[..offset] : name).Replace(';', ':').Replace(' ', '_');
    }

    private string Reason(string number) => Number(number) is { } known && reasons.TryGetValue(known, out string? name)
        ? name
        : number == "0" && reasons.Count == 0 ? "unknown" : $"reason_{Number(number) ?? 0}";

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static long? Whole(JsonNode? node) => node is JsonValue value && value.TryGetValue(out long number) ? number : null;
}
