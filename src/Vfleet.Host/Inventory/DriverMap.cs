using Vfleet.Linux;

namespace Vfleet.Host.Inventory;

/// <summary>
/// Which driver has which PCI function: for many functions from one directory listing per driver instead of one link per function, for a few from
/// their links.
/// </summary>
internal sealed class DriverMap
{
    private const string Drivers = "/sys/bus/pci/drivers";

    /// <summary>A machine has some thirty drivers of PCI devices.</summary>
    private const int Few = 16;

    private readonly IFileTree _files;
    private readonly Dictionary<PciAddress, string>? _drivers;

    private DriverMap(IFileTree files, Dictionary<PciAddress, string>? drivers)
    {
        _files = files;
        _drivers = drivers;
    }

    /// <param name="files">The kernel's files.</param>
    /// <param name="functions">How many functions it is going to be asked of.</param>
    public static DriverMap Read(IFileTree files, int functions)
    {
        if (functions <= Few)
            return new DriverMap(files, null);
        Dictionary<PciAddress, string> drivers = [];
        foreach (string driver in files.List(Drivers).Or([]) ?? [])
        {
            // A driver whose module is being removed has no directory any more, and no devices.
            foreach (string entry in files.List($"{Drivers}/{driver}").Or([]) ?? [])
            {
                if (PciAddress.TryParse(entry, out PciAddress address))
                    drivers[address] = driver;
            }
        }
        return new DriverMap(files, drivers);
    }

    public string? Of(PciAddress address) => _drivers is not null
        ? _drivers.GetValueOrDefault(address)
        : _files.ReadLink($"{address.SysfsPath}/driver").Or(null) is { } link ? link[(link.LastIndexOf('/') + 1)..] : null;
}
