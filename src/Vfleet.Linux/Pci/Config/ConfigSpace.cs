namespace Vfleet.Linux.Pci.Config;

/// <summary>
/// A function's configuration space, parsed as far as its bytes reach. Any bytes parse; what is not there is null.
/// Section numbers here and beside are those of the PCI Express Base Specification 5.0, unless said otherwise.
/// </summary>
public sealed record ConfigSpace
{
    /// <summary>Bytes an unprivileged reader gets: the header (7.5.1).</summary>
    public const int HeaderSize = 64;

    /// <summary>Bytes of a conventional configuration space.</summary>
    public const int ConventionalSize = 256;

    /// <summary>Bytes of a PCI Express configuration space (7.2).</summary>
    public const int ExtendedSize = 4096;

    /// <summary>Bytes that were parsed.</summary>
    public required int Length { get; init; }

    /// <summary>The common header; null when fewer than 64 bytes are at hand.</summary>
    public ConfigHeader? Header { get; init; }

    /// <summary>The capability list, in list order.</summary>
    public IReadOnlyList<Capability> Capabilities { get; init; } = [];

    /// <summary>The extended capability list, in list order.</summary>
    public IReadOnlyList<ExtendedCapability> ExtendedCapabilities { get; init; } = [];

    /// <summary>False where the bytes end before the lists do: a capability that is null may be there all the same.</summary>
    public bool IsComplete { get; init; }

    /// <summary>True where a list runs in a circle or points to where no capability can be; what came before is kept.</summary>
    public bool IsMalformed { get; init; }

    /// <summary>Power management, capability 0x01.</summary>
    public PowerManagementCapability? PowerManagement { get; init; }

    /// <summary>MSI, capability 0x05.</summary>
    public MsiCapability? Msi { get; init; }

    /// <summary>MSI-X, capability 0x11.</summary>
    public MsixCapability? Msix { get; init; }

    /// <summary>PCI Express, capability 0x10.</summary>
    public ExpressCapability? Express { get; init; }

    /// <summary>SR-IOV, extended capability 0x0010: only PFs have it.</summary>
    public SriovCapability? Sriov { get; init; }

    /// <summary>Alternative routing id, extended capability 0x000e.</summary>
    public AriCapability? Ari { get; init; }

    /// <summary>Access control services, extended capability 0x000d.</summary>
    public AcsCapability? Acs { get; init; }

    /// <summary>Address translation services, extended capability 0x000f.</summary>
    public AtsCapability? Ats { get; init; }

    /// <summary>Advanced error reporting, extended capability 0x0001.</summary>
    public AerCapability? Aer { get; init; }

    /// <summary>Parses up to 4096 bytes; never throws.</summary>
    public static ConfigSpace Parse(ReadOnlySpan<byte> bytes) => ConfigParser.Parse(bytes);

    /// <summary>
    /// True where every byte is 0xff: no function answers (2.3.2). A VF's vendor and device id alone read 0xffff (9.3.4.1.1),
    /// the rest of its header does not.
    /// </summary>
    public static bool IsAbsent(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0xff) < 0;
}
