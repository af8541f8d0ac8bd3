namespace Vfleet.Linux.Pci.Config;

/// <summary>Access control services, as bits of both registers (7.7.8.2, 7.7.8.3).</summary>
[Flags]
public enum AcsServices : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The bus number of a request is checked.</summary>
    SourceValidation = 0x0001,

    /// <summary>Requests that claim to be translated are blocked.</summary>
    TranslationBlocking = 0x0002,

    /// <summary>Requests from function to function go up to the IOMMU.</summary>
    RequestRedirect = 0x0004,

    /// <summary>So do their completions.</summary>
    CompletionRedirect = 0x0008,

    /// <summary>What comes from below goes up, never straight to a neighbour.</summary>
    UpstreamForwarding = 0x0010,

    /// <summary>Peer accesses are allowed port by port.</summary>
    EgressControl = 0x0020,

    /// <summary>Translated requests may go straight to a neighbour.</summary>
    DirectTranslated = 0x0040,

    /// <summary>
    /// What Linux asks of a path before it puts devices into groups of their own (REQ_ACS_FLAGS in drivers/iommu/iommu.c).
    /// </summary>
    Isolation = SourceValidation | RequestRedirect | CompletionRedirect | UpstreamForwarding,
}

/// <summary>Access control services (7.7.8): whether functions can reach each other behind the IOMMU's back.</summary>
/// <param name="Supported">Register 0x04.</param>
/// <param name="Enabled">Register 0x06.</param>
public sealed record AcsCapability(AcsServices Supported, AcsServices Enabled)
{
    private const int Size = 8;
    private const ushort ServiceMask = 0x007f;

    /// <summary>
    /// Services of <see cref="AcsServices.Isolation"/> that are there but off. One that a function does not implement does not apply to it,
    /// as pci_acs_flags_enabled in drivers/pci/pci.c has it.
    /// </summary>
    public AcsServices Missing => AcsServices.Isolation & Supported & ~Enabled;

    internal static AcsCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers)
            ? new AcsCapability(
                (AcsServices)((registers.Word(0x04) ?? 0) & ServiceMask),
                (AcsServices)((registers.Word(0x06) ?? 0) & ServiceMask))
            : null;
}
