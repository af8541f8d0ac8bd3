using System.Runtime.CompilerServices;

namespace Vfleet.Telemetry.Recent;

/// <summary>What is kept of one VF: two rings of samples, and who had it since when. All of it is allocated at once, but for the owners.</summary>
internal sealed class VfRecent
{
    /// <summary>Steps that are kept: an hour, and a day of minutes.</summary>
    public const int Steps = 720, Minutes = 1440;

    /// <summary>Steps of a minute.</summary>
    public const int StepsOfMinute = 12;

    /// <summary>Changes of owner that are kept; samples from before the oldest are not told, for nobody knows whose they are.</summary>
    public const int MostOwners = 256;

    /// <summary>What is kept beside samples and owners, at most: the meter, the running minute, the headers of objects.</summary>
    public const int MostBookkeeping = 4096;

    private readonly SampleRing _steps = new(Steps), _minutes = new(Minutes);
    private readonly List<OwnerSince> _owners = new(4);
    private readonly RateMeter _meter = new();
    private MeanSample _minute;
    private long _first = -1;

    /// <summary>Bytes of memory for one VF, at most.</summary>
    public static int Bytes { get; } = ((Steps + Minutes) * Unsafe.SizeOf<RateValues>()) + (MostOwners * Unsafe.SizeOf<OwnerSince>()) + MostBookkeeping;

    /// <summary>The step it was read last.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>Who had it then.</summary>
    public RecentOwner? Owner => _owners[^1].Owner;

    /// <summary>Adds a reading.</summary>
    public void Add(VfCounts counts, long step, TimeSpan at, TimeSpan longest)
    {
        RateValues rates = _meter.Next(counts, at, longest);
        if (_first < 0)
            _first = step;
        else if (step / StepsOfMinute != Last / StepsOfMinute)
            _minute = default;
        Last = step;
        if (_owners.Count == 0 || _owners[^1].Owner?.Allocation != counts.Owner?.Allocation)
            Change(counts.Owner, step);
        _minute.Add(rates);
        _steps.Put(step, rates);
        _minutes.Put(step / StepsOfMinute, _minute.Value);
    }

    /// <summary>A sample; null for a gap.</summary>
    /// <param name="at">The step or the minute.</param>
    /// <param name="ofMinutes">True for a minute.</param>
    public RateValues? At(long at, bool ofMinutes) =>
        (ofMinutes ? _minutes : _steps).At(at) is { } values && LastStep(at, ofMinutes) >= _owners[0].Step ? values : null;

    /// <summary>Who had it at the end of a step or minute, and whether that changed within it.</summary>
    public (RecentOwner? Owner, bool IsChanged) OwnerAt(long at, bool ofMinutes)
    {
        long last = LastStep(at, ofMinutes), first = ofMinutes ? at * StepsOfMinute : at;
        int place = _owners.FindLastIndex(change => change.Step <= last);
        return place < 0 ? (null, false) : (_owners[place].Owner, _owners[place].Step >= first && _owners[place].Step > _first);
    }

    private static long LastStep(long at, bool ofMinutes) => ofMinutes ? (at * StepsOfMinute) + StepsOfMinute - 1 : at;

    private void Change(RecentOwner? owner, long step)
    {
        // Of those that are older than anything kept, the last one tells who had it when the oldest sample was taken.
        while (_owners.Count > 1 && _owners[1].Step <= step - ((long)Minutes * StepsOfMinute))
            _owners.RemoveAt(0);
        if (_owners.Count == MostOwners)
            _owners.RemoveAt(0);
        _owners.Add(new OwnerSince(step, owner));
    }

    private readonly record struct OwnerSince(long Step, RecentOwner? Owner);
}
