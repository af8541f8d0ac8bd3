using Vfleet.Linux;

namespace Vfleet.Host.Inventory;

/// <summary>Which driver has which PCI function, from one directory listing per driver instead of one link per function.</summary>
internal sealed class DriverMap
{
    private const string Drivers = "/sys/bus/pci/drivers";
    private readonly Dictionary<PciAddress, string> _drivers = [];

    public static DriverMap Read(IFileTree files)
    {
        DriverMap map = new();
        foreach (string driver in files.List(Drivers).Or([]) ?? [])
        {
            // A driver whose module is being removed has no directory any more, and no devices.
            foreach (string entry in files.List($"{Drivers}/{driver}").Or([]) ?? [])
            {
                if (PciAddress.TryParse(entry, out PciAddress address))
                    map._drivers[address] = driver;
            }
        }
        return map;
    }

    public string? Of(PciAddress address) => _drivers.GetValueOrDefault(address);
}
