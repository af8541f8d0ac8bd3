namespace Vfleet.Simulation.Nodes;

/// <summary>Numbers that are the same for a seed on every machine (SplitMix64: Steele, Lea and Flood, 2014).</summary>
/// <param name="seed">The seed.</param>
public sealed class SeededNumbers(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)(Next() % (uint)limit);

    /// <summary>Fills a buffer.</summary>
    public void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
            b = (byte)Next();
    }

    /// <summary>True once in <paramref name="times"/>.</summary>
    public bool OneIn(int times) => Below(times) == 0;
}
