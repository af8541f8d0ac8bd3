using Vfleet.Host.Isolation.Frames;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>One sort of test frame.</summary>
internal readonly record struct TestSort(MacAddress Destination, MacAddress Source, int? Tag = null);

/// <summary>Sends some test frames of each sort and counts which arrive.</summary>
internal static class TestRun
{
    /// <returns>Arrivals of each sort, in the order of the sorts.</returns>
    public static async Task<Outcome<IReadOnlyList<int>>> SendAsync(
        IKernel kernel, ProbeEnd from, ProbeEnd to, Func<MacAddress, MacAddress, TestSort[]> sortsOf, ProbeOptions options, CancellationToken cancel)
    {
        // The receiver listens before the first frame is sent.
        Outcome<ProbeStation> listening = await ProbeStation.OpenAsync(kernel, to, options.Time, cancel).ConfigureAwait(false);
        if (!listening.Try(out ProbeStation? peer, out Fault? fault))
            return fault;
        using (peer)
        {
            Outcome<ProbeStation> sending = await ProbeStation.OpenAsync(kernel, from, options.Time, cancel).ConfigureAwait(false);
            if (!sending.Try(out ProbeStation? own, out fault))
                return fault;
            using (own)
            {
                TestSort[] sorts = sortsOf(own.Mac, peer.Mac);
                uint run = options.NextRun();
                int total = sorts.Length * options.Frames;
                for (int number = 0; number < total; number++)
                {
                    TestSort sort = sorts[number / options.Frames];
                    TestFrame test = new(run, (ushort)number);
                    Outcome<Unit> sent = await own.SendAsync(
                        frame => test.Write(frame, new EthernetHeader(sort.Destination, sort.Source, 0, sort.Tag)), cancel).ConfigureAwait(false);
                    if (sent.Fault is not null)
                        return sent.Fault;
                }
                Outcome<HashSet<ushort>> gathered = await peer.GatherAsync(run, (ushort)(total - 1), options.Deadline, cancel).ConfigureAwait(false);
                return gathered.Map(numbers => (IReadOnlyList<int>)
                    [.. sorts.Select((_, sort) => numbers.Count(number => number / options.Frames == sort))]);
            }
        }
    }
}
