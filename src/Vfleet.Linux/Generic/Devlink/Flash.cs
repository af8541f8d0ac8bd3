namespace Vfleet.Linux.Generic.Devlink;

/// <summary>A firmware image to write.</summary>
public sealed record FlashRequest
{
    /// <summary>Path below the kernel's firmware folder, /lib/firmware; at most 255 bytes.</summary>
    public required string File { get; init; }

    /// <summary>The part of the device it is for, by its name in <see cref="DevlinkInfo"/>; null for the whole device.</summary>
    public string? Component { get; init; }

    /// <summary>Overwrite the settings kept in the device too.</summary>
    public bool OverwriteSettings { get; init; }

    /// <summary>Overwrite serial numbers, MAC addresses and such too.</summary>
    public bool OverwriteIdentifiers { get; init; }
}

/// <summary>How far a flash update is.</summary>
/// <param name="Device">The device.</param>
/// <param name="Status">What the driver does now, such as <c>Flashing</c>; null where it does not say.</param>
/// <param name="Component">The part of the device it does it to; null where it does not say.</param>
/// <param name="Done">Units written.</param>
/// <param name="Total">Units in all; 0 where the driver does not know.</param>
/// <param name="TimeoutSeconds">Longest time this step may take; null where the driver does not say.</param>
public sealed record FlashProgress(
    DevlinkHandle Device, string? Status, string? Component, ulong Done, ulong Total, ulong? TimeoutSeconds)
{
    /// <summary>True for the last report.</summary>
    public bool IsEnd { get; init; }
}
