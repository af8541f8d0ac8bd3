using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Faults;

namespace Vfleet.Simulation.Pci;

/// <summary>
/// Brings functions and drivers together, as drivers/base/dd.c does. Called without the machine's gate: probes may take time.
/// </summary>
internal sealed class DriverBinder(SimulatedMachine machine)
{
    /// <summary>Equivalent to <c>echo BDF &gt; /sys/bus/pci/drivers/DRIVER/bind</c>.</summary>
    public Errno Bind(SimulatedDriver driver, string name)
    {
        PciDevice? device;
        lock (machine.Gate)
        {
            device = machine.Pci.Find(name);
            if (device is null || !driver.Matches(device))
                return Errno.ENODEV;
        }
        return Guarded(device, () => Probe(driver, device));
    }

    /// <summary>Equivalent to <c>echo BDF &gt; /sys/bus/pci/drivers/DRIVER/unbind</c>.</summary>
    public Errno Unbind(SimulatedDriver driver, string name)
    {
        PciDevice? device;
        lock (machine.Gate)
            device = machine.Pci.Find(name);
        if (device is null)
            return Errno.ENODEV;
        return Guarded(device, () =>
        {
            lock (machine.Gate)
            {
                if (device.Driver != driver)
                    return Errno.ENODEV;
                if (machine.Faults.IsHit(SimulatedFault.Busy, device.Name))
                    return Errno.EBUSY;
                machine.Pci.Detach(device);
                return Errno.None;
            }
        });
    }

    /// <summary>Equivalent to <c>echo BDF &gt; /sys/bus/pci/drivers_probe</c>; no driver is no error.</summary>
    public Errno ProbeAny(string name)
    {
        PciDevice? device;
        lock (machine.Gate)
            device = machine.Pci.Find(name);
        if (device is null)
            return Errno.ENODEV;
        Guarded(device, () => AttachAny(device));
        return Errno.None;
    }

    /// <summary>A new function looks for its driver; the caller holds no guard of it.</summary>
    public void Introduce(PciDevice device) => Guarded(device, () => AttachAny(device));

    /// <summary>A new driver looks for its devices.</summary>
    public void Introduce(SimulatedDriver driver)
    {
        PciDevice[] free;
        lock (machine.Gate)
            free = [.. machine.Pci.Devices.Where(device => device.Driver is null && driver.Matches(device))];
        foreach (PciDevice device in free)
            Guarded(device, () => Probe(driver, device));
    }

    private Errno AttachAny(PciDevice device)
    {
        SimulatedDriver[] candidates;
        lock (machine.Gate)
        {
            if (device.Driver is not null)
                return Errno.None;
            candidates = [.. machine.Pci.Drivers.Where(driver => driver.Matches(device))];
        }
        foreach (SimulatedDriver driver in candidates)
        {
            if (Probe(driver, device) == Errno.None)
                return Errno.None;
        }
        return Errno.ENODEV;
    }

    private Errno Probe(SimulatedDriver driver, PciDevice device)
    {
        bool native = driver is FunctionDriver && device.IsVirtual;
        lock (machine.Gate)
        {
            if (device.Removed)
                return Errno.ENODEV;
            if (device.Driver is not null)
                return Errno.EBUSY;
            if (!device.MayProbe)
                return Errno.ENODEV;
            if (native)
                device.NativeProbes++;
        }
        if (native)
            machine.Wait(machine.Timing.VfProbe);
        if (machine.Faults.Hit(SimulatedFault.SlowProbe, device.Name) is { } slow)
            machine.Wait(slow.Delay);
        lock (machine.Gate)
            return device.Removed ? Errno.ENODEV : Attach(driver, device, native);
    }

    private Errno Attach(SimulatedDriver driver, PciDevice device, bool native)
    {
        if (machine.Faults.IsHit(SimulatedFault.Busy, device.Name))
            return Errno.EBUSY;
        if (native && machine.Faults.IsHit(SimulatedFault.MsixExhausted, device.Name))
            return Errno.ENOSPC;
        if (machine.Faults.IsHit(SimulatedFault.LostVf, device.Name))
            return Errno.EIO;
        Errno refusal = driver.Probe(machine, device);
        if (refusal != Errno.None)
            return refusal;
        device.Driver = driver;
        machine.Events.DeviceChanged(device, "bind");
        return Errno.None;
    }

    private static Errno Guarded(PciDevice device, Func<Errno> work)
    {
        device.Guard.Wait();
        try
        {
            return work();
        }
        finally
        {
            device.Guard.Release();
        }
    }
}
