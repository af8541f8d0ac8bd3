namespace Vfleet.Telemetry.Recent;

/// <summary>The mean of several samples, each column over those in which it is known; of latencies the worst.</summary>
internal struct MeanSample
{
    private Sums _sums;
    private Counts _counts;

    /// <summary>Adds a sample.</summary>
    public void Add(in RateValues values)
    {
        for (int i = 0; i < RateValues.Columns; i++)
        {
            if (float.IsNaN(values[i]))
                continue;
            _sums[i] = i == (int)RecentColumn.LatencyP99 ? Math.Max(_sums[i], values[i]) : _sums[i] + values[i];
            _counts[i]++;
        }
    }

    /// <summary>The mean so far.</summary>
    public readonly RateValues Value
    {
        get
        {
            RateValues mean = RateValues.Unknown;
            for (int i = 0; i < RateValues.Columns; i++)
            {
                if (_counts[i] > 0)
                    mean[i] = (float)(i == (int)RecentColumn.LatencyP99 ? _sums[i] : _sums[i] / _counts[i]);
            }
            return mean;
        }
    }

    [System.Runtime.CompilerServices.InlineArray(RateValues.Columns)]
    private struct Sums
    {
        private double _first;
    }

    [System.Runtime.CompilerServices.InlineArray(RateValues.Columns)]
    private struct Counts
    {
        private int _first;
    }
}
