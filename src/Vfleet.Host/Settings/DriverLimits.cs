using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Settings;

/// <summary>
/// What PF drivers are known not to do, so that a wish is refused before anything is touched. A driver that is not listed is asked.
/// Source: the drivers' ndo tables (drivers/net/ethernet/…), checked against igb and netdevsim in the lab.
/// </summary>
internal static class DriverLimits
{
    /// <summary>The refusal for a wish the driver cannot fulfil, or null.</summary>
    public static Fault? Check(string? driver, VfSettings wanted, string vf) => driver switch
    {
        "igb" when wanted.LinkState is not null => Cannot(driver, "link state", vf),
        "igb" when wanted.MinTxRateMbps > 0 => Cannot(driver, "min rate", vf),
        "igb" or "ixgbe" or "i40e" when wanted.VlanProtocol == VlanProtocol.Dot1Ad => Cannot(driver, "802.1ad VLANs", vf),
        "ixgbe" or "i40e" when wanted.MinTxRateMbps > 0 => Cannot(driver, "min rate", vf),
        "igb" or "ixgbe" or "i40e" or "ice" or "netdevsim" when wanted.NodeGuid is not null || wanted.PortGuid is not null =>
            Cannot(driver, "GUIDs", vf),
        _ => null,
    };

    /// <summary>The refusal of a setting a driver does not have.</summary>
    public static Fault Cannot(string? driver, string setting, string vf) =>
        Fault.Unsupported(
            $"{vf}: driver {driver ?? "(none)"} cannot set {setting} of a VF",
            $"driver {driver ?? "(none)"} has no such operation",
            "leave this setting out, or use a NIC whose driver has it; docs/drivers.md lists them",
            vf);

    /// <summary>True where the VF's driver reads the address only when it is bound, as long as the VF is not trusted.</summary>
    public static bool TakesMacOnlyAtProbe(string? pfDriver) => pfDriver == "igb";

    /// <summary>
    /// The settings that bring a VF back to its baseline. igb lists a VF's own address as if it had been set through the PF; writing it
    /// back would bind the VF to it, so the choice is given back instead (zero), and the interface is given its address afterwards. Where
    /// the address never changed it stays: zero would take it off the VF's receive filter, and nobody would put it there again. An address that is
    /// known to have been set by hand is no choice of the VF.
    /// </summary>
    public static VfSettings ForRestore(string? pfDriver, Baseline baseline, VfInfo now)
    {
        VfSettings settings = baseline.Settings();
        bool isOwnChoice = TakesMacOnlyAtProbe(pfDriver) && !baseline.IsMacPinned && baseline.Mac is not null && baseline.Mac == baseline.AdminMac;
        return isOwnChoice && settings.Mac != now.Mac ? settings with { Mac = MacAddress.Zero } : settings;
    }

    /// <summary>
    /// True where the PF was given the choice back and knows no address of a VF that has the right one already, as after an attach that
    /// ended half way: only a driver that is bound anew tells the PF its address again.
    /// </summary>
    public static bool HasForgotten(VirtualFunction vf, VfInfo? settings, Baseline baseline) =>
        TakesMacOnlyAtProbe(vf.Pf.Driver) && settings?.Mac?.IsZero == true && baseline.AdminMac == baseline.Mac && vf.Link?.Mac?.ToString() == baseline.Mac;

    /// <summary>False for drivers without VF counters: the kernel then reports zeros, which are no readings.</summary>
    public static bool HasCounters(string? pfDriver) => pfDriver is not ("igb" or "netdevsim");
}
