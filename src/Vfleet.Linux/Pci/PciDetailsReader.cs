using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Pci;

/// <summary>Reads everything about one function: some 20 files and the configuration space. For lists take <see cref="PciBus"/>.</summary>
/// <param name="files">The kernel's files.</param>
public sealed class PciDetailsReader(IFileTree files)
{
    /// <summary>Reads a function. Equivalent to <c>lspci -vvv -s BDF</c>.</summary>
    /// <returns>NotFound when there is no such function.</returns>
    public Outcome<PciDetails> Read(PciAddress address)
    {
        if (!new PciBus(files).Read(address).Try(out PciDevice? device, out Fault? fault))
            return fault;
        Outcome<ConfigSpace> config = new ConfigReader(files).Read(address);
        return new PciDetails(device)
        {
            Revision = (byte?)files.HexOrNull(PciPath.Attribute(address, "revision")),
            DriverOverride = Override(files.TextOrNull(PciPath.Attribute(address, "driver_override"))),
            MsixVectors = config.Or(null)?.Msix?.Vectors,
            Resources = files.TextOrNull(PciPath.Attribute(address, "resource")) is string resources ? PciResource.Parse(resources) : null,
            Link = PciLink.Read(files, address),
            PowerState = Power(files.TextOrNull(PciPath.Attribute(address, "power_state"))),
            CorrectableErrors = PciErrorCounters.Read(files, address, "aer_dev_correctable"),
            NonFatalErrors = PciErrorCounters.Read(files, address, "aer_dev_nonfatal"),
            FatalErrors = PciErrorCounters.Read(files, address, "aer_dev_fatal"),
            ResetMethods = files.TextOrNull(PciPath.Attribute(address, "reset_method"))?
                .Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            VirtualFunctions = VirtualFunctions(device),
            Config = config.Or(null),
            ConfigFault = config.Fault,
        };
    }

    // Kernels print an unset override as (null) or as an empty line.
    internal static string? Override(string? text) => text?.Trim() is { Length: > 0 } name && name != "(null)" ? name : null;

    private static string? Power(string? text) => text?.Trim() is { Length: > 0 } state and not ("unknown" or "error") ? state : null;

    private List<PciAddress>? VirtualFunctions(PciDevice device)
    {
        List<PciAddress> found = [];
        for (int index = 0; index < (device.NumVfs ?? 0); index++)
        {
            if (files.LinkAddressOrNull(PciPath.VirtualFunction(device.Address, index)) is not PciAddress address)
                return null;
            found.Add(address);
        }

        return found;
    }
}
