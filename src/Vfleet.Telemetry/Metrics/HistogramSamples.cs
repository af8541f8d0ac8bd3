using System.Globalization;
using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Metrics;

/// <summary>The samples of a histogram.</summary>
internal static class HistogramSamples
{
    /// <summary>Its buckets, each with those before it as Prometheus wants them, its sum and its count.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="bounds">Upper bounds of the buckets but the last.</param>
    /// <param name="buckets">What is in each bucket and not in those before.</param>
    /// <param name="sum">All together.</param>
    /// <param name="example">An example of a bucket, by its place; null for none.</param>
    public static IEnumerable<Sample> Of(
        LabelSet labels, IReadOnlyList<double> bounds, IEnumerable<ulong> buckets, double sum, Func<int, Exemplar?>? example = null)
    {
        ulong upTo = 0;
        int place = 0;
        foreach (ulong count in buckets)
        {
            upTo += count;
            string bound = place < bounds.Count ? bounds[place].ToString("0.0#####", CultureInfo.InvariantCulture) : "+Inf";
            yield return new Sample(labels.With(("le", bound)), upTo, "_bucket") { Example = example?.Invoke(place) };
            place++;
        }
        yield return new Sample(labels, sum, "_sum");
        yield return new Sample(labels, upTo, "_count");
    }
}
