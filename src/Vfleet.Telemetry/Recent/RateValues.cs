using System.Runtime.CompilerServices;
using Vfleet.Node.Counters;

namespace Vfleet.Telemetry.Recent;

/// <summary>What is kept of a VF at each step. The first ones are the counters, in the order of <see cref="VfCounter"/> without those of groups.</summary>
public enum RecentColumn
{
    /// <summary>Bytes received each second.</summary>
    ReceiveBytes,

    /// <summary>Bytes sent each second.</summary>
    TransmitBytes,

    /// <summary>Packets received each second.</summary>
    ReceivePackets,

    /// <summary>Packets sent each second.</summary>
    TransmitPackets,

    /// <summary>Packets that came and were dropped, each second.</summary>
    ReceiveDropped,

    /// <summary>Packets that were to be sent and were dropped, each second.</summary>
    TransmitDropped,

    /// <summary>Packets received with an error, each second.</summary>
    ReceiveErrors,

    /// <summary>Packets that could not be sent for an error, each second.</summary>
    TransmitErrors,

    /// <summary>Interrupts of the function's own vectors over all CPUs, each second.</summary>
    Interrupts,

    /// <summary>What 99 of 100 probes were faster than, seconds. The worst, not the mean, stands for several of them.</summary>
    LatencyP99,
}

/// <summary>A value for each <see cref="RecentColumn"/>, 40 bytes; NaN is what is not known, which is not zero.</summary>
[InlineArray(Columns)]
public struct RateValues
{
    /// <summary>How many columns there are.</summary>
    public const int Columns = (int)RecentColumn.LatencyP99 + 1;

    private float _first;

    /// <summary>Nothing is known.</summary>
    public static RateValues Unknown
    {
        get
        {
            RateValues none = default;
            ((Span<float>)none).Fill(float.NaN);
            return none;
        }
    }

    /// <summary>True where at least one value is known.</summary>
    public readonly bool IsKnown
    {
        get
        {
            foreach (float value in this)
            {
                if (!float.IsNaN(value))
                    return true;
            }
            return false;
        }
    }

    /// <summary>The value of a column; null where it is not known.</summary>
    public readonly double? Of(RecentColumn column) => float.IsNaN(this[(int)column]) ? null : this[(int)column];
}
