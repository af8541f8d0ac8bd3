using Vfleet.Linux;

namespace Vfleet.Bench.Measurement;

/// <summary>A row cannot be measured here; the message says why, and the other rows go on.</summary>
internal sealed class BenchException(string message) : Exception(message)
{
    public static T Take<T>(Outcome<T> outcome) =>
        outcome.Try(out T? value, out Fault? fault) ? value : throw new BenchException(fault.Cause is null ? fault.Error : $"{fault.Error} ({fault.Cause})");
}
