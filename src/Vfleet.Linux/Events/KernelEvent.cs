namespace Vfleet.Linux.Events;

/// <summary>
/// What a stream of events delivers: an event, or the news that events were lost (the consumer must read the state anew), or the
/// fault that ended the stream.
/// </summary>
/// <typeparam name="T">The event's type.</typeparam>
public readonly record struct KernelEvent<T>
    where T : class
{
    /// <summary>The event; null where there is none.</summary>
    public T? Value { get; init; }

    /// <summary>True when the kernel dropped events because they were not read in time (ENOBUFS): read the state anew.</summary>
    public bool IsOverrun { get; init; }

    /// <summary>Why the stream ended; nothing follows it.</summary>
    public Fault? Fault { get; init; }
}
