namespace Vfleet.Linux.Generic.Devlink;

/// <summary>A device that has devlink.</summary>
/// <param name="Handle">Its name.</param>
/// <param name="ReloadFailed">True while the last reload left it unusable.</param>
public sealed record DevlinkDevice(DevlinkHandle Handle, bool ReloadFailed);

/// <summary>What a device says of itself.</summary>
public sealed record DevlinkInfo
{
    /// <summary>The device.</summary>
    public required DevlinkHandle Handle { get; init; }

    /// <summary>Kernel driver; null where the driver does not say.</summary>
    public string? Driver { get; init; }

    /// <summary>Serial number of the device; null where the driver does not say.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>Serial number of the board; null where the driver does not say.</summary>
    public string? BoardSerialNumber { get; init; }

    /// <summary>Versions that never change, such as <c>board.id</c>.</summary>
    public IReadOnlyList<DevlinkVersion> Fixed { get; init; } = [];

    /// <summary>Versions that run now.</summary>
    public IReadOnlyList<DevlinkVersion> Running { get; init; } = [];

    /// <summary>Versions in flash, which run after the next reset or reload.</summary>
    public IReadOnlyList<DevlinkVersion> Stored { get; init; } = [];
}

/// <summary>A version of one part of a device.</summary>
/// <param name="Name">The part, such as <c>fw</c>, <c>fw.mgmt</c>, <c>fw.bundle_id</c>.</param>
/// <param name="Value">Its version.</param>
public sealed record DevlinkVersion(string Name, string Value);
