namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Reads a machine in parts, each with a deadline of its own. A driver that is stuck blocks whoever reads its files, and no signal ends that: past
/// the deadline its part is left out, and left out at once until that reading has come back. Not safe for concurrent use.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="deadline">Longest wait for a part.</param>
internal sealed class PartReader(TimeProvider time, TimeSpan deadline)
{
    private readonly Dictionary<SkippedPart, Task> _stuck = [];
    private readonly List<SkippedPart> _skipped = [];

    /// <summary>True while a reading of this part has not come back.</summary>
    public bool IsStuck(string what, string? device = null) => _stuck.TryGetValue(new SkippedPart(what, device), out Task? before) && !before.IsCompleted;

    /// <summary>What was left out since it was asked last.</summary>
    public IReadOnlyList<SkippedPart> TakeSkipped()
    {
        SkippedPart[] skipped = [.. _skipped.Distinct()];
        _skipped.Clear();
        return skipped;
    }

    /// <summary>Notes that a part is missing for another reason.</summary>
    public void Skip(string what, string? device = null) => _skipped.Add(new SkippedPart(what, device));

    /// <summary>Reads a part.</summary>
    /// <param name="what">What is read, in a word for the metric.</param>
    /// <param name="device">The PF it is of; null for a part of the machine.</param>
    /// <param name="read">Reads it; null for what cannot be read.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Null where it is left out.</returns>
    public async Task<T?> ReadAsync<T>(string what, string? device, Func<Task<T?>> read, CancellationToken cancel)
        where T : class
    {
        SkippedPart part = new(what, device);
        T? result = null;
        if (!IsStuck(what, device))
        {
            _stuck.Remove(part);
            Task<T?> reading = Task.Run(read, CancellationToken.None);
            try
            {
                result = await reading.WaitAsync(deadline, time, cancel).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The metric tells.
            }
            finally
            {
                // Also where whoever asked went away: the next one neither waits for it nor begins a second one.
                if (!reading.IsCompleted)
                    _stuck[part] = reading;
            }
        }
        if (result is null)
            _skipped.Add(part);
        return result;
    }
}

/// <summary>A part of a reading that is missing.</summary>
/// <param name="What">What it is.</param>
/// <param name="Device">Address of the PF it is of; null for the machine.</param>
public readonly record struct SkippedPart(string What, string? Device = null);
