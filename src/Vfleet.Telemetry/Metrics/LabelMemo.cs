using Vfleet.Host.Inventory;
using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Metrics;

/// <summary>
/// Label sets of VFs from one reading to the next: as long as a VF is called the same, its labels are not written anew. A VF that is not told of in a
/// reading is forgotten with the next one. Not safe for concurrent use.
/// </summary>
internal sealed class LabelMemo
{
    private Dictionary<Key, Entry> _now = [], _before = [];

    /// <summary>Begins another reading.</summary>
    public void Turn() => (_before, _now) = (_now, new Dictionary<Key, Entry>(_now.Count));

    /// <summary>What tells a VF from any other.</summary>
    public LabelSet Of(string host, VirtualFunction vf) => EntryOf(host, vf).Labels;

    /// <summary>The same with one more label.</summary>
    /// <param name="host">Name of the machine.</param>
    /// <param name="vf">The VF.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value, one of a fixed few: all that were asked for are kept.</param>
    public LabelSet Of(string host, VirtualFunction vf, string name, string value)
    {
        Entry entry = EntryOf(host, vf);
        if (!entry.More.TryGetValue((name, value), out LabelSet? labels))
            entry.More[(name, value)] = labels = entry.Labels.With((name, value));
        return labels;
    }

    private Entry EntryOf(string host, VirtualFunction vf)
    {
        Key key = new(host, vf.Pf.Label, vf.Index, vf.Address);
        if (_now.TryGetValue(key, out Entry? entry))
            return entry;
        return _now[key] = _before.GetValueOrDefault(key) ?? new Entry(VfLabels.Of(host, vf));
    }

    private readonly record struct Key(string Host, string Pf, int Index, PciAddress? Address);

    private sealed record Entry(LabelSet Labels)
    {
        public Dictionary<(string Name, string Value), LabelSet> More { get; } = [];
    }
}
