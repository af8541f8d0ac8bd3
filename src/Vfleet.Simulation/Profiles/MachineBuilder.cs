using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Profiles;

/// <summary>Puts a machine together.</summary>
internal static class MachineBuilder
{
    private const int MostFunctions = 64;

    private static readonly PciIdentity RootPort = new(0x1b36, 0x000c, 0, 0, 0x060400, 0);

    public static Outcome<SimulatedMachine> Build(MachineProfile profile, SimulationOptions options)
    {
        int count = options.PhysicalFunctions ?? profile.PhysicalFunctions;
        int total = options.TotalVfs ?? profile.TotalVfs;
        if (count is < 1 or > MostFunctions)
            return Fault.Usage($"a simulated machine has 1 to {MostFunctions} PFs, not {count}");
        if (total is < 0 or > ushort.MaxValue)
            return Fault.Usage($"a simulated PF has 0 to {ushort.MaxValue} VFs, not {total}");
        if (options.InitialVfs < 0 || options.InitialVfs > total)
            return Fault.Usage($"{options.InitialVfs} initial VFs are more than the {total} a PF can have");
        SimulatedMachine machine = new(profile, options);
        if (profile.Card is { } card && !Plug(machine, card, count, total))
            return Fault.Usage($"{count} PFs of {total} VFs each do not fit on the buses of one machine");
        Start(machine, profile, options);
        if (profile.Card is null)
            AddNetdevsim(machine, count, total);
        foreach (string module in options.Modules ?? DefaultModules(profile))
            machine.Modules.Load(module);
        if (options.LinksUp)
            BringUp(machine);
        CreateVfs(machine, options.InitialVfs);
        return machine;
    }

    private static bool Plug(SimulatedMachine machine, PciCard card, int count, int total)
    {
        SlotPlan plan = new(card, total);
        for (int index = 0; index < count; index++)
        {
            if (plan.Next(index) is not { } slot)
                return false;
            lock (machine.Gate)
                AddFunction(machine, card, slot.Address, slot.Offset, total);
        }
        return true;
    }

    /// <summary>Adds the function that the machine's card has at an address; null where it has none there, or still has it.</summary>
    internal static PciDevice? PlugAgain(SimulatedMachine machine, PciAddress address)
    {
        lock (machine.Gate)
        {
            if (machine.Profile.Card is not { } card || machine.Pci.Find(address) is not null)
                return null;
            int total = machine.Profile.TotalVfs;
            SlotPlan plan = new(card, total);
            for (int index = 0; plan.Next(index) is { } slot; index++)
            {
                if (slot.Address != address)
                    continue;
                AddFunction(machine, card, slot.Address, slot.Offset, total);
                return machine.Pci.Find(address);
            }
            return null;
        }
    }

    private static void AddFunction(SimulatedMachine machine, PciCard card, PciAddress address, int offset, int total)
    {
        PciDevice port = PortAbove(machine, card, address);
        machine.Pci.Add(new PciDevice(address, card.Identity)
        {
            Bridge = port,
            Traits = machine.Profile.Traits,
            NumaNode = port.NumaNode,
            IommuGroup = machine.Iommu ? machine.Pci.NextGroup() : null,
            SupportedResetMethods = card.ResetMethods,
            ResetMethods = card.ResetMethods,
            MsixVectors = card.MsixVectors,
            Link = card.Link,
            Sriov = new SriovState
            {
                HardwareTotal = total == 0 ? 0 : Math.Max(total, card.HardwareTotalVfs ?? total),
                Total = total,
                Offset = offset,
                Stride = card.Stride,
                VfDevice = card.VfDevice,
                VfMsix = card.VfMsixVectors,
                VfTotalMsix = card.VfTotalMsix,
            },
        });
    }

    /// <summary>The root port of a bus; the PFs of one card share it. Cards sit on the two NUMA nodes in turn.</summary>
    private static PciDevice PortAbove(SimulatedMachine machine, PciCard card, PciAddress address)
    {
        PciDevice? sibling = machine.Pci.Devices.FirstOrDefault(device => device.Bridge is not null && device.Address.Bus == address.Bus);
        if (sibling is not null)
            return sibling.Bridge!;
        int number = machine.Pci.Below(null).Count();
        PciDevice port = new(new PciAddress(0, (ushort)((((number % 31) + 1) << 3) | (number / 31))), RootPort)
        {
            IommuGroup = machine.Iommu ? machine.Pci.NextGroup() : null,
            SupportedResetMethods = [],
            NumaNode = number % 2,
            Link = card.Link,
        };
        machine.Pci.Add(port);
        return port;
    }

    private static void Start(SimulatedMachine machine, MachineProfile profile, SimulationOptions options)
    {
        if (profile.Card is not null)
            machine.Modules.Load("pcieport");
        if (options.DriverLoaded)
            machine.Modules.Load(profile.Driver);
    }

    private static void AddNetdevsim(SimulatedMachine machine, int count, int total)
    {
        for (int number = 0; number < count; number++)
            machine.Netdevsim.Add($"{number} 1 1");
        foreach (NetdevsimDevice device in machine.Netdevsim.Devices)
            device.MaximumVfs = (uint)total;
    }

    private static void CreateVfs(SimulatedMachine machine, int count)
    {
        if (count == 0)
            return;
        foreach (NetdevsimDevice device in machine.Netdevsim.Devices)
            machine.Netdevsim.SetCount(device, count);
        foreach (PciDevice pf in machine.Pci.Devices.Where(device => device.Sriov is not null).ToArray())
        {
            pf.Sriov!.AutoProbe = false;
            machine.Sriov.Set(pf, count);
            pf.Sriov.AutoProbe = true;
        }
    }

    private static IEnumerable<string> DefaultModules(MachineProfile profile)
    {
        if (profile.Traits?.VfDriver is { } native && native != profile.Driver)
            yield return native;
        if (profile.Card is null)
            yield break;
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
