using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vfleet.Bench.Measurement;

/// <summary>Prints rows as they come, and as JSON at the end.</summary>
internal sealed class ResultTable(TextWriter output)
{
    private readonly List<Row> _rows = [];

    public bool AllHold => _rows.TrueForAll(row => row.Holds != false);

    public void Begin() => Write("name", "ours", "peer", "ratio", "promised", "verdict", "rounds", "peer is");

    public void Add(Row row)
    {
        _rows.Add(row);
        if (row.Failure is not null)
        {
            Write(row.Name, "-", "-", "-", row.Promise.ToString(), "failed", "0", row.Failure);
            return;
        }
        string ratio = HasRatio(row) && double.IsFinite(row.Ratio) ? string.Create(CultureInfo.InvariantCulture, $"{row.Ratio:0.00}×") : "-";
        string verdict = row.Holds switch { true => "holds", false => "MISSES", null => "-" };
        Write(row.Name, Show(row.Unit, row.OursMedian), Show(row.Unit, row.PeerMedian), ratio, row.Promise.ToString(), verdict,
            row.Ours.Count.ToString(CultureInfo.InvariantCulture), Describe(row));
    }

    public void WriteJson()
    {
        foreach (Row row in _rows)
            output.WriteLine(ToJson(row));
        output.Flush();
    }

    private static string Describe(Row row)
    {
        string text = row.Note.Length == 0 ? row.Peer : $"{row.Peer}; {row.Note}";
        return row.Ours.Count < 2 ? text : $"{text} [{Range(row.Unit, row.Ours)} | {Range(row.Unit, row.Peers)}]";
    }

    private static string Range(SampleUnit unit, IReadOnlyList<double> samples) => $"{Show(unit, samples.Min())}–{Show(unit, samples.Max())}";

    private static bool HasRatio(Row row) => row.Unit != SampleUnit.VirtualFunctions;

    private static string Show(SampleUnit unit, double value) => unit switch
    {
        SampleUnit.VirtualFunctions => string.Create(CultureInfo.InvariantCulture, $"{value:0} VFs"),
        SampleUnit.Bytes => string.Create(CultureInfo.InvariantCulture, $"{value:0} B"),
        _ => value switch
        {
            double.NaN => "-",
            < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{value:0} ns"),
            < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.0} µs"),
            < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.0} ms"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.00} s"),
        },
    };

    private static string ToJson(Row row)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteString("unit", row.Unit switch { SampleUnit.Nanoseconds => "ns", SampleUnit.Bytes => "bytes", _ => "VFs" });
            Number(json, "ours", row.OursMedian);
            Number(json, "peer", row.PeerMedian);
            Number(json, "ratio", HasRatio(row) ? Math.Round(row.Ratio, 4) : double.NaN);
            json.WriteString("promised", row.Promise.Limit is null ? null : row.Promise.ToString());
            if (row.Holds is { } holds)
                json.WriteBoolean("holds", holds);
            else
                json.WriteNull("holds");
            json.WriteNumber("rounds", row.Ours.Count);
            Samples(json, "oursSamples", row.Ours);
            Samples(json, "peerSamples", row.Peers);
            json.WriteString("peerIs", row.Peer);
            json.WriteString("note", row.Note);
            json.WriteString("failure", row.Failure);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void Samples(Utf8JsonWriter json, string name, IReadOnlyList<double> samples)
    {
        json.WriteStartArray(name);
        foreach (double sample in samples)
            json.WriteNumberValue(Math.Round(sample));
        json.WriteEndArray();
    }

    private void Write(string name, string ours, string peer, string ratio, string promised, string verdict, string rounds, string note)
    {
        output.WriteLine($"{name,-22} {ours,9} {peer,9} {ratio,8} {promised,8}  {verdict,-7} {rounds,6}  {note}");
        output.Flush();
    }
}
