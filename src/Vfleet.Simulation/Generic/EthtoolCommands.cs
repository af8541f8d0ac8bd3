using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Generic;

/// <summary>SIOCETHTOOL as far as it is simulated: driver information and the driver's own counters. Source: include/uapi/linux/ethtool.h.</summary>
internal static class EthtoolCommands
{
    private const uint GetDriverInfo = 3;
    private const int DriverInfoSize = 196;
    private const int Driver = 4, Version = 36, Firmware = 68, BusInfo = 100, TextSize = 32, StatisticCount = 180;

    /// <summary>Answers into <paramref name="data"/>; under the machine's gate.</summary>
    public static Errno Run(SimulatedLink link, byte[] data)
    {
        if (!MemoryMarshal.TryRead(data, out uint command))
            return Errno.EFAULT;
        if (link.Device is not { } device)
            return Errno.EOPNOTSUPP;
        if (command is DriverStatistics.NamesCommand or DriverStatistics.ValuesCommand)
            return Counters(device, command, data);
        if (command != GetDriverInfo)
            return Errno.EOPNOTSUPP;
        if (data.Length < DriverInfoSize)
            return Errno.EFAULT;
        NicTraits? traits = device.Traits;
        data.AsSpan(Driver).Clear();
        Put(data, Driver, device.Driver?.Name ?? traits?.PfDriver ?? "");
        Put(data, Version, traits?.DriverVersion ?? "");
        Put(data, Firmware, device is PciDevice { IsVirtual: true } ? "" : traits?.FirmwareVersion ?? "");
        Put(data, BusInfo, device.Name);
        MemoryMarshal.Write(data.AsSpan(StatisticCount), device.DriverCounters.Count);
        return Errno.None;
    }

    /// <summary>struct ethtool_gstrings, struct ethtool_stats. Source: net/ethtool/ioctl.c, ethtool_get_strings, ethtool_get_stats.</summary>
    private static Errno Counters(SimulatedDevice device, uint command, byte[] data)
    {
        if (device.DriverCounters.Count == 0)
            return Errno.EOPNOTSUPP;
        bool isNames = command == DriverStatistics.NamesCommand;
        int at = isNames ? DriverStatistics.NamesHeader : DriverStatistics.ValuesHeader;
        int size = isNames ? DriverStatistics.NameSize : sizeof(ulong);
        if (data.Length < at + (device.DriverCounters.Count * size))
            return Errno.EFAULT;
        MemoryMarshal.Write(data.AsSpan(isNames ? 8 : 4), device.DriverCounters.Count);
        foreach ((string name, ulong value) in device.DriverCounters)
        {
            if (isNames)
                Put(data, at, name);
            else
                MemoryMarshal.Write(data.AsSpan(at), value);
            at += size;
        }
        return Errno.None;
    }

    private static void Put(byte[] data, int at, string text) =>
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, TextSize - 1)), data.AsSpan(at, TextSize));
}
