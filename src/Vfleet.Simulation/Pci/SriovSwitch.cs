using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Pci;

/// <summary>Creates and destroys VFs as sriov_numvfs does. Called without the machine's gate: it takes time.</summary>
internal sealed class SriovSwitch(SimulatedMachine machine)
{
    /// <summary>Equivalent to <c>echo COUNT &gt; sriov_numvfs</c>.</summary>
    public Errno Set(PciDevice pf, int count)
    {
        if (count > pf.Sriov!.Total)
            return Errno.ERANGE;
        pf.Guard.Wait();
        try
        {
            Errno refusal;
            lock (machine.Gate)
                refusal = Check(pf, count);
            if (refusal != Errno.None || count == pf.Sriov.Enabled)
                return refusal;
            return count == 0 ? Disable(pf) : Enable(pf, count);
        }
        finally
        {
            pf.Guard.Release();
        }
    }

    /// <summary>Takes a PF and its VFs away, as when a card is pulled. Under the gate.</summary>
    public void Unplug(PciDevice pf)
    {
        foreach (PciDevice vf in Enumerable.Reverse(pf.Sriov?.Functions ?? []).ToArray())
            machine.Pci.Remove(vf);
        pf.Sriov?.Functions.Clear();
        machine.Pci.Remove(pf);
    }

    private Errno Check(PciDevice pf, int count)
    {
        if (pf.Removed)
            return Errno.ENODEV;
        if (count == pf.Sriov!.Enabled)
            return Errno.None;
        if (pf.Driver is not FunctionDriver)
            return Errno.ENOENT;
        if (count > 0 && pf.Sriov.Enabled > 0 || machine.Faults.IsHit(SimulatedFault.Busy, pf.Name))
            return Errno.EBUSY;
        if (machine.Faults.IsHit(SimulatedFault.MsixExhausted, pf.Name))
            return Errno.ENOSPC;
        return machine.Faults.IsHit(SimulatedFault.OutOfMemory, pf.Name) ? Errno.ENOMEM : Errno.None;
    }

    private Errno Enable(PciDevice pf, int count)
    {
        SriovState sriov = pf.Sriov!;
        lock (machine.Gate)
        {
            sriov.Settings = VfSettings.Fresh(count, pf.Traits);
            if (pf.Traits is { RestartsForVfs: true })
                machine.Cables.Restart(pf, machine.Timing.Carrier);
        }
        machine.Wait(machine.Timing.VfCreation * count);
        for (int index = 0; index < count; index++)
        {
            PciDevice vf;
            lock (machine.Gate)
            {
                UnpluggedDevices.Touch(machine, pf);
                if (pf.Removed)
                    return Errno.ENODEV;
                vf = NewFunction(pf, index);
                sriov.Functions.Add(vf);
                machine.Pci.Add(vf);
            }
            machine.Driving.Introduce(vf);
            // pci_iov_add_virtfn: the links virtfnN and physfn come last.
            lock (machine.Gate)
                machine.Events.DeviceChanged(vf, "change");
        }
        lock (machine.Gate)
        {
            sriov.Enabled = count;
            machine.Events.DeviceChanged(pf, "change");
        }
        return Errno.None;
    }

    private Errno Disable(PciDevice pf)
    {
        machine.Wait(machine.Timing.VfRemoval * pf.Sriov!.Enabled);
        lock (machine.Gate)
        {
            foreach (PciDevice vf in pf.Sriov.Functions.ToArray())
                machine.Pci.Remove(vf);
            pf.Sriov.Functions.Clear();
            pf.Sriov.Settings = [];
            pf.Sriov.Enabled = 0;
        }
        return Errno.None;
    }

    private PciDevice NewFunction(PciDevice pf, int index)
    {
        SriovState sriov = pf.Sriov!;
        PciAddress address = pf.Address.VirtualFunction(index, sriov.Offset, sriov.Stride)
            ?? throw new InvalidOperationException($"VF {index} of {pf.Name} has no address");
        // A VF takes class and subsystem from its PF and its id from the capability (SR-IOV specification, 3.4.1).
        return new PciDevice(address, pf.Identity with { Device = sriov.VfDevice })
        {
            PhysicalFunction = pf,
            VfIndex = index,
            Bridge = pf.Bridge,
            NumaNode = pf.NumaNode,
            Traits = pf.Traits,
            Wire = pf.Wire,
            IommuGroup = machine.Iommu ? machine.Pci.NextGroup() : null,
            SupportedResetMethods = ["flr"],
            ResetMethods = ["flr"],
            MsixVectors = sriov.VfMsix,
            Link = pf.Link,
        };
    }
}
