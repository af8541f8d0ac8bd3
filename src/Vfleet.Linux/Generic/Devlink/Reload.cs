namespace Vfleet.Linux.Generic.Devlink;

/// <summary>What a reload does (enum devlink_reload_action).</summary>
public enum ReloadAction : byte
{
    /// <summary>
    /// The driver lets go of the device and starts it again with the parameters set meanwhile. Destroys VFs on most drivers.
    /// </summary>
    DriverReinit = 1,

    /// <summary>The firmware in flash starts to run.</summary>
    FirmwareActivate = 2,
}

/// <summary>What a reload did; a driver may do more than it was asked for.</summary>
/// <param name="Handle">The device.</param>
/// <param name="DriverReinitialized">The driver started anew.</param>
/// <param name="FirmwareActivated">The stored firmware runs.</param>
public sealed record ReloadResult(DevlinkHandle Handle, bool DriverReinitialized, bool FirmwareActivated);
