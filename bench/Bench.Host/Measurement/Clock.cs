using System.Diagnostics;

namespace Vfleet.Bench.Measurement;

/// <summary>Times pieces of work in nanoseconds.</summary>
internal static class Clock
{
    public static async Task<double> TimeAsync(Func<Task> work)
    {
        long started = Stopwatch.GetTimestamp();
        await work().ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started).TotalNanoseconds;
    }

    /// <summary>The mean of a short piece of work done many times.</summary>
    public static async Task<double> MeanAsync(int times, Func<Task> work)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
            await work().ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / times;
    }
}
