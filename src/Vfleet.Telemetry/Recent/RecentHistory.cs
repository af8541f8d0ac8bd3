namespace Vfleet.Telemetry.Recent;

/// <summary>
/// What VFs did lately: an hour of each at 5 s and a day by the minute, in memory alone, so it begins anew with the process. Samples are spaced
/// by the clock that is never set; what was not read is a gap and never zero. Safe for concurrent use.
/// </summary>
/// <param name="time">Clock.</param>
public sealed class RecentHistory(TimeProvider time)
{
    /// <summary>How many VFs are kept at most. One that is gone makes room for a new one; further ones are counted and not kept.</summary>
    public const int MostVfs = 4096;

    /// <summary>A VF that was read within so many steps is told as one that is there.</summary>
    private const int NewestSteps = 3;

    private readonly Lock _lock = new();
    private readonly long _origin = time.GetTimestamp();
    private readonly Dictionary<string, VfRecent> _vfs = new(StringComparer.Ordinal);
    private readonly DateTimeOffset[] _stamps = new DateTimeOffset[VfRecent.Steps], _minuteStamps = new DateTimeOffset[VfRecent.Minutes];

    /// <summary>Time from one sample to the next.</summary>
    public static TimeSpan Step { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of memory for one VF, at most.</summary>
    public static int BytesPerVf => VfRecent.Bytes;

    /// <summary>VFs of the newest reading for which there was no room.</summary>
    public int NotKept { get; private set; }

    /// <summary>VFs that are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _vfs.Count;
        }
    }

    /// <summary>Adds a reading of all VFs.</summary>
    public void Add(RecentReading reading)
    {
        TimeSpan at = time.GetElapsedTime(_origin, reading.Timestamp);
        long step = StepOf(at);
        lock (_lock)
        {
            _stamps[step % VfRecent.Steps] = _minuteStamps[step / VfRecent.StepsOfMinute % VfRecent.Minutes] = reading.At;
            Forget(step);
            int notKept = 0;
            foreach (VfCounts counts in reading.Vfs)
            {
                // Where one found no room, none does: whoever is gone was seen then.
                if ((_vfs.GetValueOrDefault(counts.Vf) ?? (notKept == 0 ? Make(counts.Vf, step) : null)) is { } vf)
                    vf.Add(counts, step, at, NewestSteps * Step);
                else
                    notKept++;
            }
            NotKept = notKept;
        }
    }

    /// <summary>True where something is kept of a VF, which may be gone.</summary>
    public bool Has(string vf)
    {
        lock (_lock)
            return _vfs.ContainsKey(vf);
    }

    /// <summary>Samples of a VF, oldest first, without gaps; none for a VF that is not known.</summary>
    public RecentSeries Of(string vf, RecentQuery query)
    {
        long now = StepOf(time.GetElapsedTime(_origin));
        lock (_lock)
            return _vfs.TryGetValue(vf, out VfRecent? kept) ? Series(kept, query, now) : new RecentSeries([], null);
    }

    /// <summary>The newest sample of every VF that is there, sorted by VF.</summary>
    public IReadOnlyList<(string Vf, RecentPoint Point)> Newest()
    {
        long now = StepOf(time.GetElapsedTime(_origin));
        lock (_lock)
        {
            return
            [
                .. from pair in _vfs
                   where now - pair.Value.Last < NewestSteps
                   orderby pair.Key
                   let vf = pair.Value
                   let point = new RecentPoint(Stamp(vf.Last, ofMinutes: false), vf.At(vf.Last, ofMinutes: false) ?? RateValues.Unknown, vf.Owner)
                   select (pair.Key, point),
            ];
        }
    }

    /// <summary>How long until the step after a reading, by which time the next one is due.</summary>
    /// <param name="timestamp">When the reading began.</param>
    public TimeSpan UntilNext(long timestamp)
    {
        TimeSpan now = time.GetElapsedTime(_origin), due = (StepOf(time.GetElapsedTime(_origin, timestamp)) + 1) * Step;
        // What took longer than a step has missed it: a gap, instead of two readings in a hurry.
        return due > now ? due - now : (((now.Ticks / Step.Ticks) + 1) * Step) - now;
    }

    /// <summary>The nearest step, so that a timer that is early or late by a little neither skips one nor fills one twice.</summary>
    private static long StepOf(TimeSpan at) => (at.Ticks + (Step.Ticks / 2)) / Step.Ticks;

    private RecentSeries Series(VfRecent vf, RecentQuery query, long now)
    {
        bool ofMinutes = query.IsOfMinutes;
        TimeSpan each = ofMinutes ? TimeSpan.FromMinutes(1) : Step;
        long last = ofMinutes ? now / VfRecent.StepsOfMinute : now, group = query.Step.Ticks / each.Ticks;
        List<RecentPoint> points = [];
        PointBuilder next = default;
        long known = -1;
        for (long at = Math.Max(0, last - (query.Since.Ticks / each.Ticks) + 1); at <= last; at++)
        {
            if (vf.At(at, ofMinutes) is { } values)
            {
                TimeSpan gap = known < 0 ? TimeSpan.Zero : (at - known - 1) * each;
                next.Add(values, Stamp(at, ofMinutes), vf.OwnerAt(at, ofMinutes), gap);
                known = at;
            }
            // Groups begin at multiples, so that two answers have the same.
            if (((at + 1) % group == 0 || at == last) && next.Take() is { } point)
                points.Add(point);
        }
        return new RecentSeries(points, known < 0 ? null : (last - known) * each);
    }

    private DateTimeOffset Stamp(long at, bool ofMinutes) => ofMinutes ? _minuteStamps[at % VfRecent.Minutes] : _stamps[at % VfRecent.Steps];

    /// <summary>A VF that is seen first; null where there is no room.</summary>
    private VfRecent? Make(string name, long step)
    {
        if (_vfs.Count >= MostVfs)
        {
            (string oldest, VfRecent vf) = _vfs.MinBy(pair => pair.Value.Last);
            if (step - vf.Last < NewestSteps)
                return null;
            _vfs.Remove(oldest);
        }
        return _vfs[name] = new VfRecent();
    }

    /// <summary>VFs that are gone for a day.</summary>
    private void Forget(long step)
    {
        foreach ((string name, VfRecent vf) in _vfs)
        {
            if (step - vf.Last >= VfRecent.Minutes * VfRecent.StepsOfMinute)
                _vfs.Remove(name);
        }
    }

    private struct PointBuilder
    {
        private MeanSample _mean;
        private DateTimeOffset _at;
        private RecentOwner? _owner;
        private bool _isChanged, _isBegun;
        private TimeSpan _gap;

        public void Add(in RateValues values, DateTimeOffset at, (RecentOwner? Owner, bool IsChanged) owner, TimeSpan gap)
        {
            _mean.Add(values);
            (_at, _owner, _isBegun) = (at, owner.Owner, true);
            _isChanged |= owner.IsChanged;
            _gap += gap;
        }

        public RecentPoint? Take()
        {
            if (!_isBegun)
                return null;
            RecentPoint point = new(_at, _mean.Value, _owner) { IsOwnerChanged = _isChanged, Gap = _gap };
            this = default;
            return point;
        }
    }
}
