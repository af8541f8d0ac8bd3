using System.Text.Json;
using Vfleet.Host.State;

namespace Vfleet.Host.Tuning;

/// <summary>Baselines of tuning as JSON and back.</summary>
public static class TuningJson
{
    /// <summary>Writes a baseline; nulls are left out.</summary>
    public static string Write(TuningBaseline baseline) => JsonFields.Write(baseline, Fields);

    /// <summary>Reads a baseline.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static TuningBaseline Read(string text) => JsonFields.Read<TuningBaseline>(text, OfBaseline);

    private static void Fields(Utf8JsonWriter json, TuningBaseline it)
    {
        json.WriteNumber("version"u8, it.Version);
        json.WriteString("vf"u8, it.Vf);
        json.WriteStartObject("interface"u8);
        json.Put("combinedChannels"u8, it.Interface.CombinedChannels);
        json.Put("rxRing"u8, it.Interface.RxRing);
        json.Put("txRing"u8, it.Interface.TxRing);
        json.Put("rxMicroseconds"u8, it.Interface.RxMicroseconds);
        json.Put("txMicroseconds"u8, it.Interface.TxMicroseconds);
        json.Put("adaptiveRx"u8, it.Interface.AdaptiveRx);
        json.Put("adaptiveTx"u8, it.Interface.AdaptiveTx);
        json.WriteEndObject();
        json.WriteStartArray("interrupts"u8);
        foreach (InterruptBaseline interrupt in it.Interrupts)
        {
            json.WriteStartObject();
            json.WriteNumber("number"u8, interrupt.Number);
            json.WriteString("cpus"u8, interrupt.Cpus);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static TuningBaseline OfBaseline(ref JsonFields fields)
    {
        int? version = null;
        string? vf = null;
        InterfaceTuning? settings = null;
        IReadOnlyList<InterruptBaseline> interrupts = [];
        while (fields.Next())
        {
            if (fields.Is("version"u8)) version = fields.Int();
            else if (fields.Is("vf"u8)) vf = fields.SomeText();
            else if (fields.Is("interface"u8)) settings = fields.SomeObject<InterfaceTuning>(OfInterface);
            else if (fields.Is("interrupts"u8)) interrupts = fields.Objects<InterruptBaseline>(OfInterrupt);
            else fields.Skip();
        }
        return new TuningBaseline
        {
            Version = version ?? 1,
            Vf = vf ?? throw JsonFields.Missing("vf"),
            Interface = settings ?? new InterfaceTuning(),
            Interrupts = interrupts,
        };
    }

    private static InterfaceTuning OfInterface(ref JsonFields fields)
    {
        uint? channels = null, rxRing = null, txRing = null, rxMicroseconds = null, txMicroseconds = null;
        bool? adaptiveRx = null, adaptiveTx = null;
        while (fields.Next())
        {
            if (fields.Is("combinedChannels"u8)) channels = fields.UInt();
            else if (fields.Is("rxRing"u8)) rxRing = fields.UInt();
            else if (fields.Is("txRing"u8)) txRing = fields.UInt();
            else if (fields.Is("rxMicroseconds"u8)) rxMicroseconds = fields.UInt();
            else if (fields.Is("txMicroseconds"u8)) txMicroseconds = fields.UInt();
            else if (fields.Is("adaptiveRx"u8)) adaptiveRx = fields.Bool();
            else if (fields.Is("adaptiveTx"u8)) adaptiveTx = fields.Bool();
            else fields.Skip();
        }
        return new InterfaceTuning
        {
            CombinedChannels = channels,
            RxRing = rxRing,
            TxRing = txRing,
            RxMicroseconds = rxMicroseconds,
            TxMicroseconds = txMicroseconds,
            AdaptiveRx = adaptiveRx,
            AdaptiveTx = adaptiveTx,
        };
    }

    private static InterruptBaseline OfInterrupt(ref JsonFields fields)
    {
        int? number = null;
        string? cpus = null;
        while (fields.Next())
        {
            if (fields.Is("number"u8)) number = fields.Int();
            else if (fields.Is("cpus"u8)) cpus = fields.SomeText();
            else fields.Skip();
        }
        return new InterruptBaseline(number ?? throw JsonFields.Missing("number"), cpus ?? throw JsonFields.Missing("cpus"));
    }
}
