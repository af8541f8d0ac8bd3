using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Pci;

/// <summary>A place between a device and the root where neighbours can reach each other behind the IOMMU's back.</summary>
/// <param name="Address">The bridge, or the device itself.</param>
/// <param name="Missing">Services that are there but off; <see cref="AcsServices.None"/> when there is no ACS capability at all.</param>
public sealed record AcsGap(PciAddress Address, AcsServices Missing)
{
    /// <summary>The gap in words.</summary>
    public override string ToString() => Missing == AcsServices.None
        ? $"{Address} has no ACS capability"
        : $"{Address} has ACS services switched off: {Missing}";
}

/// <summary>
/// Looks for the reason why devices share an IOMMU group. Source: pci_acs_enabled and pci_acs_path_enabled in drivers/pci/pci.c.
/// </summary>
/// <param name="files">The kernel's files.</param>
public sealed class AcsPath(IFileTree files)
{
    /// <summary>
    /// The bridges above a device, the nearest first, from the place of its directory. Equivalent to
    /// <c>readlink /sys/bus/pci/devices/BDF</c>.
    /// </summary>
    /// <returns>NotFound when there is no such device.</returns>
    public Outcome<IReadOnlyList<PciAddress>> BridgesAbove(PciAddress address)
    {
        if (!files.ReadLink(address.SysfsPath).Try(out string? target, out Fault? fault))
            return fault.Kind == FaultKind.NotFound ? PciBus.NoSuchDevice(address) : fault;
        List<PciAddress> bridges = [];
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (PciAddress.TryParse(part, out PciAddress found) && found != address)
                bridges.Insert(0, found);
        }

        return bridges;
    }

    /// <summary>
    /// Every gap from the device to the root, as far as configuration spaces tell. The kernel knows some devices to be safe without
    /// the capability (quirks), so a gap explains a shared group but does not prove one.
    /// </summary>
    /// <returns>NotPermitted where a configuration space may not be read whole.</returns>
    public Outcome<IReadOnlyList<AcsGap>> Gaps(PciAddress address)
    {
        if (!BridgesAbove(address).Try(out IReadOnlyList<PciAddress>? bridges, out Fault? fault))
            return fault;
        List<AcsGap> gaps = [];
        ConfigReader reader = new(files);
        foreach (PciAddress place in bridges.Prepend(address))
        {
            if (!reader.Read(place).Try(out ConfigSpace? config, out fault))
                return fault;
            if (!config.IsComplete)
                return new Fault(FaultKind.NotPermitted, $"the configuration space of {place} may not be read whole")
                {
                    Remedy = "run as root",
                    Target = place.ToString(),
                };
            if (Gap(place, config) is AcsGap gap)
                gaps.Add(gap);
        }

        return gaps;
    }

    private static AcsGap? Gap(PciAddress address, ConfigSpace config)
    {
        if (!Matters(config))
            return null;
        if (config.Acs is null)
            return new AcsGap(address, AcsServices.None);
        return config.Acs.Missing is var missing and not AcsServices.None ? new AcsGap(address, missing) : null;
    }

    // Upstream ports pass nothing sideways; a single-function endpoint has nobody to reach. VFs and PFs count as one device's functions.
    private static bool Matters(ConfigSpace config) => config.Express?.PortType switch
    {
        ExpressPortType.RootPort or ExpressPortType.DownstreamPort => true,
        ExpressPortType.Endpoint or ExpressPortType.LegacyEndpoint or ExpressPortType.RootComplexEndpoint =>
            config.Header is { IsMultiFunction: true },
        ExpressPortType.UpstreamPort => config.Header is { IsMultiFunction: true },
        _ => config.Header is { IsBridge: true },
    };
}
