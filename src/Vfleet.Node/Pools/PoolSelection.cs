using System.Globalization;
using Vfleet.Host.Inventory;

namespace Vfleet.Node.Pools;

/// <summary>
/// Whether a selector means a VF. Source: the selectors of the SR-IOV network device plugin's config.json; ids are compared as numbers and
/// addresses as addresses, so that another spelling of the same means the same.
/// </summary>
internal static class PoolSelection
{
    /// <summary>True where the VF has a value of every list that is not empty.</summary>
    public static bool Matches(VfSelector selector, VirtualFunction vf) =>
        selector.Unanswerable.Count == 0
        && MatchesIds(selector.Vendors, vf.Pf.VendorId)
        && MatchesIds(selector.Devices, vf.Pf.VfDeviceId)
        && MatchesIds(selector.PfDevices, vf.Pf.DeviceId)
        && (selector.Drivers.Count == 0 || (vf.Driver is { } driver && selector.Drivers.Contains(driver, StringComparer.Ordinal)))
        && (selector.PciAddresses.Count == 0 || selector.PciAddresses.Any(text => IsAt(text, vf.Address)))
        && (selector.PfNames.Count == 0 || selector.PfNames.Any(part => part.Includes(vf.Index) && IsNamed(part, vf.Pf)))
        && (selector.RootDevices.Count == 0 || selector.RootDevices.Any(part => part.Includes(vf.Index) && IsDevice(part, vf.Pf)))
        // A VF that has no interface of its own, or has it elsewhere, is of its PF's type.
        && (selector.LinkTypes.Count == 0 || (vf.Pf.LinkType is { } type && selector.LinkTypes.Contains(type, StringComparer.Ordinal)));

    /// <summary>True where the PF has this name now, as its own or as an alternative one.</summary>
    public static bool IsNamed(PfPart part, PhysicalFunction pf) => IsNamed(part.Pf, pf);

    /// <summary>True where the PF has this name now, as its own or as an alternative one.</summary>
    public static bool IsNamed(string name, PhysicalFunction pf) =>
        string.Equals(pf.Name, name, StringComparison.OrdinalIgnoreCase) || pf.AltNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>True where the PF is at this address, or is the device of this name on another bus.</summary>
    public static bool IsDevice(PfPart part, PhysicalFunction pf) =>
        IsAt(part.Pf, pf.Address) || string.Equals(part.Pf, pf.DeviceName, StringComparison.Ordinal);

    private static bool IsAt(string text, PciAddress? address) =>
        address is { } place && PciAddress.TryParse(text, out PciAddress wanted) && wanted == place;

    private static bool MatchesIds(IReadOnlyList<string> wanted, ushort? id) =>
        wanted.Count == 0 || (id is { } known && wanted.Any(text => IsId(text, known)));

    private static bool IsId(string text, ushort id) =>
        ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value) && value == id;
}
