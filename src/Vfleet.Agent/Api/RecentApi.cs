using Vfleet.Host;
using Vfleet.Node;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Agent.Api;

/// <summary>What the operations about recent history do.</summary>
/// <param name="node">The node.</param>
/// <param name="history">The history; null where the agent keeps none.</param>
internal sealed class RecentApi(LocalNode node, RecentHistory? history)
{
    private const int RateDigits = 3, LatencyDigits = 9;

    /// <summary>The history of a VF, which may be gone.</summary>
    public async Task<Outcome<RecentReport>> OfVfAsync(ApiCall call)
    {
        if (!RecentQuery.Parse(call.Query("since"), call.Query("step")).Try(out RecentQuery query, out Fault? fault)
            || !Kept().Try(out RecentHistory? kept, out fault))
            return fault;
        string vf = call.Word("vf");
        if (!kept.Has(vf))
        {
            if (!(await node.Host.FindVfAsync(vf, call.Cancel).ConfigureAwait(false)).Try(out VfAmongSiblings? found, out fault))
                return fault;
            vf = found.Vf.Label;
        }
        RecentSeries series = kept.Of(vf, query);
        return new RecentReport
        {
            Vf = vf,
            SinceSeconds = query.Since.TotalSeconds,
            StepSeconds = query.Step.TotalSeconds,
            QuietSeconds = series.Quiet?.TotalSeconds,
            Samples = [.. series.Points.Select(Report)],
        };
    }

    /// <summary>The newest sample of every VF that is there.</summary>
    public Task<Outcome<IReadOnlyList<NewestReport>>> NewestAsync() => Task.FromResult(
        Kept().Map<IReadOnlyList<NewestReport>>(kept => [.. kept.Newest().Select(each => new NewestReport(each.Vf, Report(each.Point)))]));

    private static RecentSampleReport Report(RecentPoint point)
    {
        RateValues values = point.Values;
        return new RecentSampleReport
        {
            At = point.At,
            GapSeconds = point.Gap > TimeSpan.Zero ? point.Gap.TotalSeconds : null,
            ReceiveBytesPerSecond = Rate(RecentColumn.ReceiveBytes),
            TransmitBytesPerSecond = Rate(RecentColumn.TransmitBytes),
            ReceivePacketsPerSecond = Rate(RecentColumn.ReceivePackets),
            TransmitPacketsPerSecond = Rate(RecentColumn.TransmitPackets),
            ReceiveDroppedPerSecond = Rate(RecentColumn.ReceiveDropped),
            TransmitDroppedPerSecond = Rate(RecentColumn.TransmitDropped),
            ReceiveErrorsPerSecond = Rate(RecentColumn.ReceiveErrors),
            TransmitErrorsPerSecond = Rate(RecentColumn.TransmitErrors),
            InterruptsPerSecond = Rate(RecentColumn.Interrupts),
            LatencyP99Seconds = Rounded(RecentColumn.LatencyP99, LatencyDigits),
            Allocation = point.Owner?.Allocation,
            Owner = point.Owner?.Name,
            Tenant = point.Owner?.Tenant,
            OwnerChanged = point.IsOwnerChanged,
        };

        double? Rate(RecentColumn column) => Rounded(column, RateDigits);

        double? Rounded(RecentColumn column, int digits) => values.Of(column) is { } value ? Math.Round(value, digits) : null;
    }

    private Outcome<RecentHistory> Kept() => history is not null
        ? history
        : Fault.Refused("this agent keeps no recent history", "it was started with --no-recent", "start it without");
}
