using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Scrape;

/// <summary>
/// Answers to whoever scrapes: however many ask at once, one reading is made, and whoever asks within a second gets it too. Bytes are
/// made once for each format.
/// </summary>
/// <param name="read">Reads all metrics.</param>
/// <param name="time">Clock.</param>
public sealed class SharedScrape(Func<CancellationToken, Task<Outcome<IReadOnlyList<MetricFamily>>>> read, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<ExpositionFormat, byte[]> _texts = [];
    private IReadOnlyList<MetricFamily>? _families;
    private long _at;

    /// <summary>The metrics as text.</summary>
    /// <param name="format">The format.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Why the machine could not be read; the next caller tries again.</returns>
    public async Task<Outcome<byte[]>> TakeAsync(ExpositionFormat format, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_families is null || time.GetElapsedTime(_at) >= Longest)
            {
                Outcome<IReadOnlyList<MetricFamily>> made = await read(cancel).ConfigureAwait(false);
                if (!made.Try(out IReadOnlyList<MetricFamily>? families, out Fault? fault))
                    return fault;
                (_families, _at) = (families, time.GetTimestamp());
                _texts.Clear();
            }
            if (!_texts.TryGetValue(format, out byte[]? text))
                _texts[format] = text = ExpositionWriter.Write(_families, format);
            return text;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}
