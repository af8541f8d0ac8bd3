namespace Vfleet.Telemetry.Capture;

/// <summary>What to capture and how much of it.</summary>
public sealed record CaptureOrder
{
    /// <summary>The file that is written.</summary>
    public required string File { get; init; }

    /// <summary>How long, from when the interface is listened to.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long the file may become, bytes.</summary>
    public long MostBytes { get; init; } = 100_000_000;

    /// <summary>Which packets, in the words of pcap-filter(7); null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>How much of each packet is kept, bytes: 1 to 262144.</summary>
    public int SnapLength { get; init; } = LongestPacket;

    /// <summary>Which of the device's own time stamps packets get, as <see cref="Tcpdump.HardwareStampAsync"/> told; null for the kernel's.</summary>
    public string? StampType { get; init; }

    /// <summary>A file that is there is replaced.</summary>
    public bool Replaces { get; init; }

    /// <summary>Longest packet that tcpdump keeps, bytes (its default snapshot length).</summary>
    public const int LongestPacket = 262_144;
}

/// <summary>Why a capture ended.</summary>
public enum CaptureEnd
{
    /// <summary>The time was over.</summary>
    Time,

    /// <summary>The file would have become longer than it may.</summary>
    Size,

    /// <summary>The file system has no more room than has to stay free.</summary>
    Disk,

    /// <summary>Whoever asked for it ended it.</summary>
    Signal,

    /// <summary>tcpdump ended by itself, as when the interface goes.</summary>
    Interface,
}

/// <summary>What was captured until now.</summary>
/// <param name="Packets">Packets in the file.</param>
/// <param name="Bytes">The file's length.</param>
/// <param name="Left">Time that is left; never negative.</param>
public readonly record struct CaptureProgress(long Packets, long Bytes, TimeSpan Left);

/// <summary>A capture that ended with a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Packets">Packets in it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="From">When the interface was first listened to.</param>
/// <param name="To">When that ended.</param>
/// <param name="Ended">Why.</param>
/// <param name="Lost">Packets the kernel had no room for; null where tcpdump did not say.</param>
/// <param name="Problem">What went wrong although there is a file; null for nothing.</param>
public sealed record CaptureResult(
    string File, long Packets, long Bytes, DateTimeOffset From, DateTimeOffset To, CaptureEnd Ended, long? Lost, Fault? Problem);
