namespace Vfleet.Bench.Measurement;

/// <summary>Runs the sides of a comparison in turns, so that a busy machine is busy for all of them.</summary>
internal static class Interleaved
{
    /// <summary>After a turn of each side that is not counted, which compiles, loads and fills caches.</summary>
    /// <param name="rounds">How often each side runs and counts.</param>
    /// <param name="sides">Each returns one sample.</param>
    /// <returns>The samples of each side.</returns>
    public static async Task<double[][]> RunAsync(int rounds, params Func<Task<double>>[] sides)
    {
        foreach (Func<Task<double>> side in sides)
            _ = await side().ConfigureAwait(false);
        return await RunColdAsync(rounds, sides).ConfigureAwait(false);
    }

    /// <summary>The same without turns that do not count: for work of seconds, which a first time changes little.</summary>
    /// <param name="rounds">How often each side runs.</param>
    /// <param name="sides">Each returns one sample.</param>
    /// <returns>The samples of each side.</returns>
    public static async Task<double[][]> RunColdAsync(int rounds, params Func<Task<double>>[] sides)
    {
        double[][] samples = [.. sides.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int side = 0; side < sides.Length; side++)
                samples[side][round] = await sides[side]().ConfigureAwait(false);
        }
        return samples;
    }
}
