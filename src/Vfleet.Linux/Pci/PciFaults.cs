namespace Vfleet.Linux.Pci;

/// <summary>Refusals that more than one operation on a function has.</summary>
internal static class PciFaults
{
    /// <summary>Another process holds the function's VFIO group.</summary>
    public static Fault InUse(PciAddress address, int group) => Fault.Refused(
        $"{address} is in use: another process holds VFIO group {group}",
        "the operation would pull the device from under its user",
        "end the virtual machine or program that uses it",
        address.ToString()) with { Errno = Errno.EBUSY };
}
