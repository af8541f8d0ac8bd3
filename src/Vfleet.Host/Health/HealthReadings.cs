using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Health;

/// <summary>One look at every PF and VF of a machine.</summary>
/// <param name="Pfs">The PFs.</param>
/// <param name="Vfs">Their VFs.</param>
public sealed record MachineHealthReading(IReadOnlyList<PfHealthReading> Pfs, IReadOnlyList<VfHealthReading> Vfs);

/// <summary>What the kernel tells of a function now; what it does not is null. Counters are since the device or driver began.</summary>
public abstract record FunctionHealthReading
{
    /// <summary>How people call it.</summary>
    public required string Label { get; init; }

    /// <summary>PCI address; null for a device on another bus.</summary>
    public PciAddress? Address { get; init; }

    /// <summary>Driver bound.</summary>
    public string? Driver { get; init; }

    /// <summary>Index of its interface: another one says that the driver was bound anew and counts from zero; null without one.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>Administratively up; null without an interface.</summary>
    public bool? IsUp { get; init; }

    /// <summary>The carrier is there; null without an interface.</summary>
    public bool? HasCarrier { get; init; }

    /// <summary>How often the carrier went (IFLA_CARRIER_DOWN_COUNT).</summary>
    public ulong? CarrierLosses { get; init; }

    /// <summary>PCIe errors that were corrected (aer_dev_correctable).</summary>
    public ulong? CorrectableErrors { get; init; }

    /// <summary>PCIe errors that lost a transfer (aer_dev_nonfatal).</summary>
    public ulong? NonFatalErrors { get; init; }

    /// <summary>PCIe errors that lost the link (aer_dev_fatal).</summary>
    public ulong? FatalErrors { get; init; }

    /// <summary>Frames that were dropped for a forged source address, where the PF's driver counts them.</summary>
    public ulong? SpoofedPackets { get; init; }

    /// <summary>Counters of the interface, which must never go down.</summary>
    public LinkStatistics? Statistics { get; init; }
}

/// <summary>What the kernel tells of a PF.</summary>
public sealed record PfHealthReading : FunctionHealthReading
{
    /// <summary>devlink's health reporters of the device and its ports; empty without devlink.</summary>
    public IReadOnlyList<ReporterReading> Reporters { get; init; } = [];
}

/// <summary>What the kernel tells of a VF.</summary>
public sealed record VfHealthReading : FunctionHealthReading
{
    /// <summary>How people call its PF.</summary>
    public required string Pf { get; init; }

    /// <summary>
    /// True where its interface ought to have a carrier: it is up, its PF has one or the VF does without, and the PF does not hold it down.
    /// </summary>
    public bool IsCarrierExpected { get; init; }
}

/// <summary>A devlink health reporter.</summary>
/// <param name="Name">Such as <c>fw</c>; of a port with its index, such as <c>tx of port 1</c>.</param>
/// <param name="Healthy">False while the driver has not recovered from an error.</param>
/// <param name="Errors">Errors since the driver began.</param>
public sealed record ReporterReading(string Name, bool Healthy, ulong Errors);
