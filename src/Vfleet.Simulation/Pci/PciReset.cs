using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Files;

namespace Vfleet.Simulation.Pci;

/// <summary>Resets of one function. Called without the machine's gate: a reset takes time.</summary>
internal static class PciReset
{
    /// <summary>
    /// Equivalent to <c>echo 1 &gt; reset</c>; functions under one port wait for each other, as the kernel's bridge lock has it.
    /// </summary>
    public static Errno Write(SimulatedMachine machine, PciDevice device, string text)
    {
        if (KernelNumber.Parse(text) != 1)
            return Errno.EINVAL;
        SemaphoreSlim guard = (device.Bridge ?? device).Guard;
        guard.Wait();
        try
        {
            return Carry(machine, device);
        }
        finally
        {
            guard.Release();
        }
    }

    /// <summary>A function-level reset by whoever may: sysfs or VFIO.</summary>
    public static Errno Carry(SimulatedMachine machine, PciDevice device)
    {
        if (machine.Faults.IsHit(SimulatedFault.ResetFailure, device.Name) || machine.Faults.IsHit(SimulatedFault.LostVf, device.Name))
            return Errno.ENOTTY;
        machine.Wait(machine.Timing.Reset);
        lock (machine.Gate)
        {
            if (device.Removed)
                return Errno.ENODEV;
            device.Resets++;
            return Errno.None;
        }
    }

    /// <summary>Equivalent to <c>echo METHODS &gt; reset_method</c>.</summary>
    public static Errno Choose(SimulatedMachine machine, PciDevice device, string text)
    {
        string wanted = text.Trim();
        string[] methods = wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        lock (machine.Gate)
        {
            if (wanted == "default")
                device.ResetMethods = device.SupportedResetMethods;
            else if (methods.All(device.SupportedResetMethods.Contains))
                device.ResetMethods = methods;
            else
                return Errno.EINVAL;
            return Errno.None;
        }
    }
}
