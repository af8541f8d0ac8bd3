namespace Vfleet.Agent.Api;

/// <summary>What one caller of the API may take of the agent, so that others are served all the same.</summary>
public sealed record ApiLimits
{
    /// <summary>
    /// What a scrape may take: Prometheus gives one up after 10 s by default, and the web server adds the time of the whole answer at the
    /// slowest rate to its patience.
    /// </summary>
    public static ApiLimits ForMetrics { get; } = new()
    {
        MostConnections = 256, CallTime = TimeSpan.FromSeconds(10), SlowestRate = 32 * 1024, LongestBody = 0,
    };

    /// <summary>Connections at once, 1 or more; further ones are closed.</summary>
    public int MostConnections { get; init; } = 64;

    /// <summary>Longest body of a request, bytes.</summary>
    public int LongestBody { get; init; } = 64 * 1024;

    /// <summary>Longest headers of a request together, bytes.</summary>
    public int LongestHeaders { get; init; } = 32 * 1024;

    /// <summary>Longest first line of a request, bytes.</summary>
    public int LongestLine { get; init; } = 8 * 1024;

    /// <summary>How long a request may take from its first byte to the end of its headers.</summary>
    public TimeSpan HeadersTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may be idle between requests, or before the first one.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a body may come, or an answer go, slower than <see cref="SlowestRate"/>; more than a second. A stream of events on which
    /// nothing is to be sent has no such limit.
    /// </summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Slowest rate of a body or an answer, bytes each second.</summary>
    public double SlowestRate { get; init; } = 240;

    /// <summary>How long an operation may take; a stream of events has no limit.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromMinutes(5);
}
