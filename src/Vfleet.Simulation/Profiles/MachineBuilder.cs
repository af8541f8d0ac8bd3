using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Profiles;

/// <summary>Puts a machine together.</summary>
internal static class MachineBuilder
{
    private static readonly PciIdentity RootPort = new(0x1b36, 0x000c, 0, 0, 0x060400, 0);

    public static Outcome<SimulatedMachine> Build(MachineProfile profile, SimulationOptions options)
    {
        int count = options.PhysicalFunctions ?? profile.Addresses.Count;
        int total = options.TotalVfs ?? profile.TotalVfs;
        if (count is < 1 or > 64)
            return Fault.Usage($"a simulated machine has 1 to 64 PFs, not {count}");
        if (total < 0 || total > 0xffff)
            return Fault.Usage($"a simulated PF has 0 to 65535 VFs, not {total}");
        if (options.InitialVfs < 0 || options.InitialVfs > total)
            return Fault.Usage($"{options.InitialVfs} initial VFs are more than the {total} a PF can have");
        SimulatedMachine machine = new(profile, options);
        SlotPlan plan = new(profile, total);
        for (int index = 0; index < count; index++)
        {
            if (plan.Next(index) is not { } slot)
                return Fault.Usage($"{count} PFs of {total} VFs each do not fit on the buses of one machine");
            lock (machine.Gate)
                AddFunction(machine, profile, slot.Address, slot.Offset, index, total);
        }
        Start(machine, profile, options);
        return machine;
    }

    private static void AddFunction(
        SimulatedMachine machine, MachineProfile profile, PciAddress address, int offset, int index, int total) =>
        machine.Pci.Add(new PciDevice(address, profile.Identity)
        {
            Bridge = PortAbove(machine, profile, address),
            Traits = profile.Traits,
            NumaNode = index % 2,
            IommuGroup = machine.Iommu ? machine.Pci.NextGroup() : null,
            SupportedResetMethods = profile.ResetMethods,
            ResetMethods = profile.ResetMethods,
            MsixVectors = profile.MsixVectors,
            Link = profile.Link,
            Sriov = new SriovState
            {
                HardwareTotal = total == 0 ? 0 : Math.Max(total, profile.HardwareTotalVfs ?? total),
                Total = total,
                Offset = offset,
                Stride = profile.Stride,
                VfDevice = profile.VfDevice,
                VfTotalMsix = profile.VfTotalMsix,
            },
        });

    /// <summary>The root port of a bus; ports of one card share it.</summary>
    private static PciDevice PortAbove(SimulatedMachine machine, MachineProfile profile, PciAddress address)
    {
        PciDevice? sibling = machine.Pci.Devices.FirstOrDefault(device => device.Bridge is not null && device.Address.Bus == address.Bus);
        if (sibling is not null)
            return sibling.Bridge!;
        int number = machine.Pci.Below(null).Count();
        PciDevice port = new(new PciAddress(0, (ushort)((((number % 31) + 1) << 3) | (number / 31))), RootPort)
        {
            IommuGroup = machine.Iommu ? machine.Pci.NextGroup() : null,
            SupportedResetMethods = [],
            Link = profile.Link,
        };
        machine.Pci.Add(port);
        return port;
    }

    private static void Start(SimulatedMachine machine, MachineProfile profile, SimulationOptions options)
    {
        machine.Modules.Load("pcieport");
        machine.Modules.Load(profile.Driver);
        if (options.LinksUp)
            BringUp(machine);
        foreach (PciDevice pf in machine.Pci.Devices.Where(device => device.Sriov is not null).ToArray())
        {
            if (options.InitialVfs == 0)
                break;
            pf.Sriov!.AutoProbe = false;
            machine.Sriov.Set(pf, options.InitialVfs);
            pf.Sriov.AutoProbe = true;
        }
        foreach (string module in options.Modules ?? DefaultModules(profile))
            machine.Modules.Load(module);
    }

    private static IEnumerable<string> DefaultModules(MachineProfile profile)
    {
        if (profile.Traits?.VfDriver is { } native && native != profile.Driver)
            yield return native;
        yield return "vfio_pci";
        yield return "vfio_iommu_type1";
    }

    private static void BringUp(SimulatedMachine machine)
    {
        lock (machine.Gate)
        {
            foreach (SimulatedLink link in machine.Devices.SelectMany(device => device.Links))
                link.Flags |= SimulatedLink.FlagUp;
            CarrierRules.RefreshAll(machine);
        }
    }
}
