using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Generic;

/// <summary>SIOCETHTOOL as far as it is simulated: driver information. Source: include/uapi/linux/ethtool.h.</summary>
internal static class EthtoolCommands
{
    private const uint GetDriverInfo = 3;
    private const int DriverInfoSize = 196;
    private const int Driver = 4, Version = 36, Firmware = 68, BusInfo = 100, TextSize = 32;

    /// <summary>Answers into <paramref name="data"/>; under the machine's gate.</summary>
    public static Errno Run(SimulatedLink link, byte[] data)
    {
        if (!MemoryMarshal.TryRead(data, out uint command))
            return Errno.EFAULT;
        if (command != GetDriverInfo || link.Device is not { } device)
            return Errno.EOPNOTSUPP;
        if (data.Length < DriverInfoSize)
            return Errno.EFAULT;
        NicTraits? traits = device.Traits;
        data.AsSpan(Driver).Clear();
        Put(data, Driver, device.Driver?.Name ?? traits?.PfDriver ?? "");
        Put(data, Version, traits?.DriverVersion ?? "");
        Put(data, Firmware, device is PciDevice { IsVirtual: true } ? "" : traits?.FirmwareVersion ?? "");
        Put(data, BusInfo, device.Name);
        return Errno.None;
    }

    private static void Put(byte[] data, int at, string text) =>
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, TextSize - 1)), data.AsSpan(at, TextSize));
}
