using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Settings;

/// <summary>VLAN trunks, which only some vendors' own drivers have, as a file per VF below the PF's sysfs directory.</summary>
internal static class TrunkFiles
{
    /// <summary>Equivalent to <c>echo add RANGES &gt; /sys/class/net/PF/device/sriov/N/trunk</c>.</summary>
    public static Outcome<Unit> Write(IFileTree files, VirtualFunction vf, VlanTrunk trunk)
    {
        string path = $"{vf.Pf.SysfsPath}/sriov/{vf.Index}/trunk";
        if (!files.Exists(path))
            return DriverLimits.Cannot(vf.Pf.Driver, "a VLAN trunk", vf.Label);
        Outcome<Unit> written = files.WriteText(path, $"add {trunk}");
        return written.Fault is null ? written : written.Fault with { Error = $"{vf.Label}: {written.Fault.Error}", Target = vf.Label };
    }
}
