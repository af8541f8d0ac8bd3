using System.Globalization;

namespace Vfleet.Telemetry.Drivers;

/// <summary>What drivers' own counters (<c>ethtool -S</c>) mean: vendors' names by common ones.</summary>
/// <param name="Drivers">The drivers whose counters are called so.</param>
/// <param name="Terms">What the counters mean.</param>
public sealed record CounterMap(IReadOnlyList<string> Drivers, IReadOnlyList<CounterTerm> Terms);

/// <summary>What a common name is summed up from.</summary>
/// <param name="Group">What it belongs to.</param>
/// <param name="Name">The common name.</param>
/// <param name="Vendors">Vendors' names, <c>{queue}</c> in the place of a queue's number.</param>
public sealed record CounterTerm(CounterGroup Group, string Name, IReadOnlyList<string> Vendors);

/// <summary>Parts of a map, by their names in it.</summary>
public enum CounterGroup
{
    /// <summary>Why packets that came were lost or damaged.</summary>
    Receive,

    /// <summary>Why packets that were sent were lost or held up.</summary>
    Transmit,

    /// <summary>Errors of the device.</summary>
    Hardware,

    /// <summary>Each queue's own counters.</summary>
    Queues,
}

/// <summary>A map laid over the names of one interface: which of its counters belong to what.</summary>
internal sealed class CounterLayout
{
    private const string Place = "{queue}";

    /// <summary>The places of each term's counters, by queue; -1 for those of no queue.</summary>
    private readonly IReadOnlyList<(CounterTerm Term, int Queue, int[] Places)> _sums;

    private CounterLayout(IReadOnlyList<(CounterTerm, int, int[])> sums) => _sums = sums;

    /// <summary>True where the interface has none of the map's counters.</summary>
    public bool IsEmpty => _sums.Count == 0;

    /// <summary>Finds the map's counters among an interface's names; what the interface does not have is left out.</summary>
    public static CounterLayout Of(CounterMap map, IReadOnlyList<string> names)
    {
        List<(CounterTerm, int, int[])> sums = [];
        foreach (CounterTerm term in map.Terms)
        {
            (int Place, int Queue)[] found = [.. from at in Enumerable.Range(0, names.Count)
                                                 from vendor in term.Vendors
                                                 let queue = QueueOf(vendor, names[at])
                                                 where queue is not null
                                                 select (at, queue.Value)];
            if (term.Group == CounterGroup.Queues)
                sums.AddRange(found.GroupBy(each => each.Queue).OrderBy(each => each.Key).Select(each => (term, each.Key, each.Select(one => one.Place).ToArray())));
            else if (found.Length > 0)
                sums.Add((term, -1, [.. found.Select(each => each.Place)]));
        }
        return new CounterLayout(sums);
    }

    /// <summary>The sums of values in the order of the names. A sum beyond 64 bits stays at the largest.</summary>
    public IReadOnlyList<DeviceCounter> Read(ReadOnlySpan<ulong> values)
    {
        DeviceCounter[] counters = new DeviceCounter[_sums.Count];
        for (int i = 0; i < counters.Length; i++)
        {
            (CounterTerm term, int queue, int[] places) = _sums[i];
            ulong sum = 0;
            foreach (int place in places)
                sum = ulong.MaxValue - sum < values[place] ? ulong.MaxValue : sum + values[place];
            counters[i] = new DeviceCounter(term.Group, term.Name, queue < 0 ? null : queue, sum);
        }
        return counters;
    }

    /// <summary>The queue a name is of, -1 for a counter of none; null where it is another counter.</summary>
    private static int? QueueOf(string vendor, string name)
    {
        int at = vendor.IndexOf(Place, StringComparison.Ordinal);
        if (at < 0)
            return vendor == name ? -1 : null;
        int behind = vendor.Length - at - Place.Length;
        return name.Length > at + behind && name.AsSpan().StartsWith(vendor.AsSpan(0, at), StringComparison.Ordinal)
            && name.AsSpan().EndsWith(vendor.AsSpan(vendor.Length - behind), StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(at, name.Length - at - behind), NumberStyles.None, CultureInfo.InvariantCulture, out int queue)
            ? queue
            : null;
    }
}

/// <summary>A counter of a driver under its common name.</summary>
/// <param name="Group">What it belongs to.</param>
/// <param name="Name">The common name.</param>
/// <param name="Queue">The queue; null for a counter of none.</param>
/// <param name="Value">Since the driver began.</param>
public readonly record struct DeviceCounter(CounterGroup Group, string Name, int? Queue, ulong Value);
