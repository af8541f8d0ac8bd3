namespace Vfleet.Linux.Pci.Config;

/// <summary>Puts a <see cref="ConfigSpace"/> together: header, both lists, then the capabilities that are known.</summary>
internal static class ConfigParser
{
    public static ConfigSpace Parse(ReadOnlySpan<byte> bytes)
    {
        ConfigBytes config = new(bytes.Length > ConfigSpace.ExtendedSize ? bytes[..ConfigSpace.ExtendedSize] : bytes);
        CapabilityList capabilities = CapabilityList.Walk(config);
        ExtendedCapabilityList extended = ExtendedCapabilityList.Walk(config, capabilities);
        ConfigSpace space = new()
        {
            Length = config.Length,
            Header = ConfigHeader.Parse(config),
            Capabilities = capabilities.Items,
            ExtendedCapabilities = extended.Items,
            IsMalformed = capabilities.IsMalformed || extended.IsMalformed,
            PowerManagement = PowerManagementCapability.Parse(config, capabilities.Find(CapabilityId.PowerManagement)),
            Msi = MsiCapability.Parse(config, capabilities.Find(CapabilityId.Msi)),
            Msix = MsixCapability.Parse(config, capabilities.Find(CapabilityId.Msix)),
            Express = ExpressCapability.Parse(config, capabilities.Find(CapabilityId.Express)),
            Sriov = SriovCapability.Parse(config, extended.Find(ExtendedCapabilityId.Sriov)),
            Ari = AriCapability.Parse(config, extended.Find(ExtendedCapabilityId.Ari)),
            Acs = AcsCapability.Parse(config, extended.Find(ExtendedCapabilityId.Acs)),
            Ats = AtsCapability.Parse(config, extended.Find(ExtendedCapabilityId.Ats)),
            Aer = AerCapability.Parse(config, extended.Find(ExtendedCapabilityId.Aer)),
        };
        return space with { IsComplete = !capabilities.IsCut && !extended.IsCut };
    }
}
