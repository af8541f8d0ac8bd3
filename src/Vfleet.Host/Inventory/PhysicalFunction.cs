using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Inventory;

/// <summary>A device that can have VFs. What the kernel does not tell is null, never a made-up value.</summary>
public sealed record PhysicalFunction
{
    /// <summary>Directory of the device in sysfs.</summary>
    public required string SysfsPath { get; init; }

    /// <summary>PCI address; null for a device on another bus (netdevsim).</summary>
    public PciAddress? Address { get; init; }

    /// <summary>Name of the device on its bus: the PCI address, or <c>netdevsim1</c>.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Network interface; null for other classes of device, and while no driver is bound.</summary>
    public string? Name { get; init; }

    /// <summary>Interface index; 0 without an interface.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>Alternative interface names.</summary>
    public IReadOnlyList<string> AltNames { get; init; } = [];

    /// <summary>Driver bound.</summary>
    public string? Driver { get; init; }

    /// <summary>PCI vendor id.</summary>
    public ushort? VendorId { get; init; }

    /// <summary>PCI device id.</summary>
    public ushort? DeviceId { get; init; }

    /// <summary>PCI device id of its VFs, whose vendor id is the PF's; null where the kernel does not say.</summary>
    public ushort? VfDeviceId { get; init; }

    /// <summary>VFs the device allows; null where the kernel does not say.</summary>
    public int? TotalVfs { get; init; }

    /// <summary>VFs that exist.</summary>
    public int NumVfs { get; init; }

    /// <summary>Routing id of VF 0 less the PF's.</summary>
    public int? VfOffset { get; init; }

    /// <summary>Distance of consecutive VFs' routing ids.</summary>
    public int? VfStride { get; init; }

    /// <summary>True when new VFs are offered to drivers at once.</summary>
    public bool? Autoprobe { get; init; }

    /// <summary>NUMA node.</summary>
    public int? NumaNode { get; init; }

    /// <summary>IOMMU group.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>Administratively up; null without an interface.</summary>
    public bool? IsUp { get; init; }

    /// <summary>The carrier is there; null without an interface.</summary>
    public bool? HasCarrier { get; init; }

    /// <summary><c>ether</c> or <c>infiniband</c>, as <c>ip link</c> calls them; null without an interface. Its VFs' links are of the same type.</summary>
    public string? LinkType { get; init; }

    /// <summary>Speed in Mbit/s; null while there is no link.</summary>
    public int? LinkSpeedMbps { get; init; }

    /// <summary>MAC address.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>MTU in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Firmware version.</summary>
    public string? FirmwareVersion { get; init; }

    /// <summary>Driver version.</summary>
    public string? DriverVersion { get; init; }

    /// <summary><c>legacy</c> or <c>switchdev</c>; null where the driver has no such modes.</summary>
    public string? EswitchMode { get; init; }

    /// <summary>
    /// True when a default route of this namespace, IPv4 or IPv6, leaves through it or through its bridge or bond; null without an interface, and
    /// where routes were not asked for.
    /// </summary>
    public bool? DefaultRoute { get; init; }

    /// <summary>False where its driver keeps no counters of each VF: the kernel then reports zeros, which are no readings.</summary>
    public bool CountsVfs => DriverLimits.HasCounters(Driver);

    /// <summary>How people call it: the interface, else the device.</summary>
    public string Label => Name ?? DeviceName;

    /// <summary><c>up</c>, <c>no-carrier</c>, <c>down</c>, or null without an interface.</summary>
    public string? LinkState => IsUp switch
    {
        null => null,
        false => "down",
        true => HasCarrier == true ? "up" : "no-carrier",
    };

    /// <summary>Settings of the VFs as the driver lists them, by index; empty for other classes of device.</summary>
    public IReadOnlyList<VfInfo> VfSettings { get; init; } = [];
}
