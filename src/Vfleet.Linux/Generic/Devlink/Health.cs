namespace Vfleet.Linux.Generic.Devlink;

/// <summary>A health reporter of a device or of one of its ports.</summary>
public sealed record HealthReporter
{
    /// <summary>The device.</summary>
    public required DevlinkHandle Device { get; init; }

    /// <summary>The port it belongs to; null for the device's own.</summary>
    public uint? Port { get; init; }

    /// <summary>Such as <c>fw</c>, <c>tx</c>, <c>rx</c>.</summary>
    public required string Name { get; init; }

    /// <summary>True in state <c>healthy</c>, false in state <c>error</c>.</summary>
    public bool Healthy { get; init; }

    /// <summary>Errors since the driver started.</summary>
    public ulong Errors { get; init; }

    /// <summary>Recoveries since the driver started.</summary>
    public ulong Recoveries { get; init; }

    /// <summary>Least time between automatic recoveries, in milliseconds; null where it cannot recover.</summary>
    public ulong? GracePeriodMilliseconds { get; init; }

    /// <summary>True when it recovers by itself; null where it cannot.</summary>
    public bool? AutoRecover { get; init; }

    /// <summary>True when it keeps a dump of each error by itself; null where it cannot.</summary>
    public bool? AutoDump { get; init; }
}
