using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Profiles;

namespace Vfleet.Simulation.Drivers;

/// <summary>Kernel modules: which there are, which are loaded, and the drivers they bring. Called without the machine's gate.</summary>
internal sealed class ModuleTable(SimulatedMachine machine)
{
    private static readonly string[] WithoutDriver = ["vfio", "vfio_iommu_type1", "vfio_pci_core", "tun", "macvlan", "bonding"];

    private readonly SortedSet<string> _loaded = new(StringComparer.Ordinal);

    /// <summary>Loaded modules; under the gate.</summary>
    public IReadOnlyCollection<string> Loaded => _loaded;

    /// <summary>Equivalent to <c>modprobe NAME</c>; a module that needs others brings them.</summary>
    public Errno Load(string name)
    {
        string module = name.Replace('-', '_');
        bool isMissing = machine.Faults.IsHit(SimulatedFault.DriverMissing, name);
        if (isMissing || (name != module && machine.Faults.IsHit(SimulatedFault.DriverMissing, module)))
            return Errno.ENOENT;
        SimulatedDriver? driver = DriverOf(module);
        // netdevsim brings a bus of its own; Debian's kernels do not ship it, so only its own machine has it.
        bool isOwnBus = machine.Profile.Card is null && module == machine.Profile.Driver;
        if (driver is null && !isOwnBus && !WithoutDriver.Contains(module))
            return Errno.ENOENT;
        lock (machine.Gate)
        {
            if (!_loaded.Add(module))
                return Errno.None;
            if (module == "vfio_pci")
                _loaded.UnionWith(["vfio", "vfio_pci_core"]);
            if (driver is not null)
                machine.Pci.Register(driver);
        }
        if (driver is not null)
            machine.Driving.Introduce(driver);
        return Errno.None;
    }

    private SimulatedDriver? DriverOf(string module)
    {
        MachineProfile profile = machine.Profile;
        bool takesPfs = profile.Card is not null && module == profile.Driver;
        bool takesVfs = module == profile.Traits?.VfDriver || (takesPfs && profile.Traits is null);
        if (takesPfs || takesVfs)
            return new FunctionDriver(module, profile.Traits, takesPfs, takesVfs);
        return module switch
        {
            "vfio_pci" => new VfioDriver(),
            "pcieport" => new HoldingDriver("pcieport", "pcieport", device => device.Identity.Class == 0x060400),
            "uio_pci_generic" => new HoldingDriver("uio_pci_generic", "uio_pci_generic", _ => false),
            _ => null,
        };
    }
}
