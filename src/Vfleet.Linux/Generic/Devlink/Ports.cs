using Vfleet.Linux.Route;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>What a port stands for (enum devlink_port_flavour).</summary>
public enum PortFlavour : ushort
{
    /// <summary>A connector on the outside.</summary>
    Physical = 0,

    /// <summary>A CPU's port of a switch chip.</summary>
    Cpu = 1,

    /// <summary>A link between switch chips.</summary>
    Dsa = 2,

    /// <summary>A PF.</summary>
    PciPf = 3,

    /// <summary>A VF.</summary>
    PciVf = 4,

    /// <summary>Another virtual port.</summary>
    Virtual = 5,

    /// <summary>Not in use.</summary>
    Unused = 6,

    /// <summary>A subfunction.</summary>
    PciSf = 7,
}

/// <summary>A port of a device.</summary>
public sealed record DevlinkPort
{
    /// <summary>The port.</summary>
    public required DevlinkPortHandle Handle { get; init; }

    /// <summary>What it stands for; null where the driver does not say.</summary>
    public PortFlavour? Flavour { get; init; }

    /// <summary>Interface of the port (a VF's representor); null where it has none.</summary>
    public string? NetdevName { get; init; }

    /// <summary>Index of that interface; null where it has none.</summary>
    public int? NetdevIndex { get; init; }

    /// <summary>RDMA device of the port; null where it has none.</summary>
    public string? RdmaName { get; init; }

    /// <summary>Number of a physical port.</summary>
    public uint? PhysicalNumber { get; init; }

    /// <summary>Controller of a PF, VF or subfunction; 0 is the device's own.</summary>
    public uint? Controller { get; init; }

    /// <summary>PF of a PF, VF or subfunction.</summary>
    public ushort? PfNumber { get; init; }

    /// <summary>VF number as the device counts it.</summary>
    public ushort? VfNumber { get; init; }

    /// <summary>Number of a subfunction.</summary>
    public uint? SfNumber { get; init; }

    /// <summary>True for a function of another host (a smart NIC's).</summary>
    public bool External { get; init; }

    /// <summary>The function behind the port; null where the driver does not manage it.</summary>
    public PortFunction? Function { get; init; }
}

/// <summary>The function behind a port; what its driver does not have is null.</summary>
/// <param name="Mac">Hardware address the function gets; null also where it is no Ethernet address.</param>
/// <param name="Active">Administrative state.</param>
/// <param name="Attached">Operational state: a driver is attached to the function.</param>
/// <param name="Roce">RoCE allowed.</param>
/// <param name="Migratable">Live migration allowed.</param>
public sealed record PortFunction(MacAddress? Mac, bool? Active, bool? Attached, bool? Roce, bool? Migratable);

/// <summary>What to change in a port's function; null leaves a property as it is.</summary>
public sealed record PortFunctionChange
{
    /// <summary>Hardware address; takes effect when the function's driver starts.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Administrative state; subfunctions only.</summary>
    public bool? Active { get; init; }

    /// <summary>RoCE allowed.</summary>
    public bool? Roce { get; init; }

    /// <summary>Live migration allowed.</summary>
    public bool? Migratable { get; init; }
}
