using System.Text.Json;
using Vfleet.Host.State;

namespace Vfleet.Node.Counters;

/// <summary>Meters as the ledger keeps them.</summary>
internal static class MeterJson
{
    /// <summary>
    /// Names of counters, without the runtime's tables of an enumeration, which take a short-lived program a while to set up.
    /// </summary>
    private static readonly string[] Names =
    [
        "receiveBytes", "transmitBytes", "receivePackets", "transmitPackets", "receiveDropped", "transmitDropped", "receiveBroadcast",
        "receiveMulticast", "receiveErrors", "transmitErrors",
    ];

    public static string Write(VfMeter meter) => JsonFields.Write(meter, static (json, it) =>
    {
        json.WriteString("vf"u8, it.Vf);
        json.WriteString("at"u8, it.At);
        json.Put("allocation"u8, it.Allocation);
        Values(json, "last"u8, it.Last);
        Values(json, "total"u8, it.Total);
        Values(json, "owned"u8, it.Owned);
    });

    /// <summary>A meter; null for a text that is none. A total that is lost begins anew, and must not keep its VF from anybody.</summary>
    public static VfMeter? TryRead(string text)
    {
        try
        {
            return Read(text);
        }
        catch (JsonException)
        {
            // The reader's only way to say that a value was never written here.
            return null;
        }
    }

    private static VfMeter Read(string text) => JsonFields.Read<VfMeter>(text, static (ref JsonFields fields) =>
    {
        string? vf = null, allocation = null;
        DateTimeOffset at = default;
        CounterValues last = CounterValues.None, total = CounterValues.None, owned = CounterValues.None;
        while (fields.Next())
        {
            if (fields.Is("vf"u8)) vf = fields.SomeText();
            else if (fields.Is("at"u8)) at = fields.Time();
            else if (fields.Is("allocation"u8)) allocation = fields.Text();
            else if (fields.Is("last"u8)) last = fields.SomeObject(OfValues);
            else if (fields.Is("total"u8)) total = fields.SomeObject(OfValues);
            else if (fields.Is("owned"u8)) owned = fields.SomeObject(OfValues);
            else fields.Skip();
        }
        vf = vf ?? throw JsonFields.Missing("vf");
        return new VfMeter { Vf = vf, At = at, Last = last, Total = total, Allocation = allocation, Owned = owned };
    });

    private static void Values(Utf8JsonWriter json, ReadOnlySpan<byte> name, CounterValues values)
    {
        json.WriteStartObject(name);
        foreach (VfCounter counter in CounterValues.All)
        {
            if (values[counter] is { } value)
                json.WriteNumber(Names[(int)counter], value);
        }
        json.WriteEndObject();
    }

    private static CounterValues OfValues(ref JsonFields fields)
    {
        ulong?[] values = new ulong?[Names.Length];
        while (fields.Next())
        {
            int place = 0;
            while (place < Names.Length && !fields.Is(Names[place]))
                place++;
            if (place < Names.Length)
                values[place] = fields.ULong();
            else
                fields.Skip();
        }
        return CounterValues.Of(counter => values[(int)counter]);
    }
}
