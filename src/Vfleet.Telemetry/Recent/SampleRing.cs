namespace Vfleet.Telemetry.Recent;

/// <summary>The newest samples of one VF, one for each step. Steps that nobody wrote are gaps, however long they last.</summary>
/// <param name="length">How many steps are kept.</param>
internal sealed class SampleRing(int length)
{
    private readonly RateValues[] _samples = new RateValues[length];
    private long _last = -1, _first = -1;

    /// <summary>Writes a step; one that is older than the newest is not written, which does not happen with a clock that is never set.</summary>
    public void Put(long step, in RateValues values)
    {
        if (_first < 0)
            (_first, _last) = (step, step);
        if (step < _last)
            return;
        for (long gap = Math.Max(_last + 1, step - length + 1); gap < step; gap++)
            _samples[gap % length] = RateValues.Unknown;
        _samples[step % length] = values;
        _last = step;
    }

    /// <summary>A step; null for a gap, and for what is not kept any more or not yet there.</summary>
    public RateValues? At(long step) =>
        step < _first || step > _last || step <= _last - length || !_samples[step % length].IsKnown ? null : _samples[step % length];
}
