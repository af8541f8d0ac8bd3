using System.Runtime.InteropServices;
using System.Text;

namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>Driver and firmware of an interface; null where the driver leaves a field empty or says <c>N/A</c>.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Driver">Kernel driver.</param>
/// <param name="Version">The driver's version; the kernel's release for drivers in the kernel.</param>
/// <param name="FirmwareVersion">The firmware's version.</param>
/// <param name="BusInfo">Address on the bus, such as <c>0000:01:00.0</c>.</param>
/// <param name="StatisticCount">Number of the driver's own counters.</param>
public sealed record DriverInfo(
    string Interface, string? Driver, string? Version, string? FirmwareVersion, string? BusInfo, int StatisticCount)
{
    /// <summary>ETHTOOL_GDRVINFO.</summary>
    public const uint Command = 3;

    /// <summary>sizeof(struct ethtool_drvinfo).</summary>
    public const int Size = 196;

    private const int DriverAt = 4, VersionAt = 36, FirmwareAt = 68, BusAt = 100, TextSize = 32, StatisticsAt = 180;

    /// <summary>Reads struct ethtool_drvinfo; null where it is short. Source: include/uapi/linux/ethtool.h.</summary>
    public static DriverInfo? Parse(string interfaceName, ReadOnlySpan<byte> data) => data.Length < Size
        ? null
        : new DriverInfo(interfaceName, Text(data, DriverAt), Text(data, VersionAt), Text(data, FirmwareAt), Text(data, BusAt),
            (int)Math.Min(MemoryMarshal.Read<uint>(data[StatisticsAt..]), int.MaxValue));

    private static string? Text(ReadOnlySpan<byte> data, int at)
    {
        ReadOnlySpan<byte> field = data.Slice(at, TextSize);
        int end = field.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(end < 0 ? field : field[..end]).Trim();
        return text.Length == 0 || text == "N/A" ? null : text;
    }
}
