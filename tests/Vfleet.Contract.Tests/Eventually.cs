using System.Diagnostics;

namespace Vfleet.Contract.Tests;

/// <summary>Waits for what the real kernel does in its own time; the simulated one does it at once.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Asks until the answer is there.</summary>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask)
        where T : class
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await ask() is { } answer)
                return answer;
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, $"{what}: not within {Deadline.TotalSeconds} s");
            await Task.Delay(10);
        }
    }

    /// <summary>Asks until it is so.</summary>
    public static Task IsAsync(string what, Func<Task<bool>> ask) => GetAsync(what, async () => await ask() ? "yes" : null);
}
