using System.Runtime.InteropServices;
using System.Text;

namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>
/// The driver's own counters of an interface. The names are asked for once; only values are read again.
/// Equivalent to <c>ethtool -S DEV</c>. Not safe for concurrent use.
/// </summary>
public sealed class DriverStatistics
{
    /// <summary>ETHTOOL_GSTRINGS and ETHTOOL_GSTATS.</summary>
    public const uint NamesCommand = 0x1b, ValuesCommand = 0x1d;

    /// <summary>ETH_SS_STATS: the set of names that belongs to the counters.</summary>
    public const uint StringSet = 1;

    /// <summary>sizeof(struct ethtool_gstrings), sizeof(struct ethtool_stats), ETH_GSTRING_LEN.</summary>
    public const int NamesHeader = 12, ValuesHeader = 8, NameSize = 32;

    /// <summary>
    /// Room beyond the counters that are known. The kernel writes as many as the driver has at that instant, whatever room it is told
    /// of, so a driver that gains counters between two calls writes into this; mlx5 and ice gain less than this per queue added.
    /// </summary>
    private const int Slack = 8192;

    private readonly IKernel _kernel;
    private readonly NetworkNamespace? _within;
    private readonly string _interface;
    private byte[] _command = [];

    private DriverStatistics(IKernel kernel, NetworkNamespace? within, string interfaceName, IReadOnlyList<string> names)
    {
        (_kernel, _within, _interface, Names) = (kernel, within, interfaceName, names);
    }

    /// <summary>Names of the counters, in the driver's order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Asks an interface's driver for the names; no netlink socket is needed.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="within">The namespace it is in; the caller's own when null. It has to stay open as long as values are read.</param>
    /// <param name="interfaceName">The interface.</param>
    /// <returns>NotFound where there is no such interface; no names where the driver has no counters.</returns>
    public static Outcome<DriverStatistics> Open(IKernel kernel, NetworkNamespace? within, string interfaceName) =>
        EthtoolClient.GetDriverInfo(kernel, within, interfaceName).Try(out DriverInfo? info, out Fault? fault)
            ? Open(kernel, within, info)
            : fault;

    /// <summary>The same counters with another handle of the namespace: the names are known already.</summary>
    /// <param name="within">The namespace the interface is in.</param>
    public DriverStatistics In(NetworkNamespace? within) => new(_kernel, within, _interface, Names);

    /// <summary>Asks for the names.</summary>
    /// <returns>NotFound where there is no such interface; an empty list where the driver has no counters.</returns>
    internal static Outcome<DriverStatistics> Open(IKernel kernel, NetworkNamespace? within, DriverInfo driver)
    {
        string name = driver.Interface;
        if (driver.StatisticCount == 0)
            return new DriverStatistics(kernel, within, name, []);
        if (driver.StatisticCount > ushort.MaxValue)
            return Fault.FromErrno(Errno.EOVERFLOW, $"ethtool -S {name}", name, $"the driver claims {driver.StatisticCount} counters");
        byte[] command = new byte[NamesHeader + ((driver.StatisticCount + Slack) * NameSize)];
        MemoryMarshal.Write(command, NamesCommand);
        MemoryMarshal.Write(command.AsSpan(4), StringSet);
        MemoryMarshal.Write(command.AsSpan(8), (uint)driver.StatisticCount);
        Outcome<byte[]> answer = kernel.EthtoolIoctl(name, command, within);
        if (!answer.Try(out byte[]? data, out Fault? fault))
            return fault;
        return new DriverStatistics(kernel, within, name, ParseNames(data));
    }

    /// <summary>Reads the values, in the order of <see cref="Names"/>.</summary>
    /// <param name="values">At least as long as <see cref="Names"/>.</param>
    /// <returns>Errno ESTALE where the driver's counters have changed: open anew.</returns>
    public Outcome<Unit> Read(Span<ulong> values)
    {
        if (Names.Count == 0)
            return Unit.Done;
        if (_command.Length == 0)
            _command = new byte[ValuesHeader + ((Names.Count + Slack) * sizeof(ulong))];
        MemoryMarshal.Write(_command, ValuesCommand);
        MemoryMarshal.Write(_command.AsSpan(4), (uint)Names.Count);
        if (!_kernel.EthtoolIoctl(_interface, _command, _within).Try(out byte[]? data, out Fault? fault))
            return fault;
        if (MemoryMarshal.Read<uint>(data.AsSpan(4)) != (uint)Names.Count)
            return Fault.FromErrno(Errno.ESTALE, $"ethtool -S {_interface}", _interface, "the driver's counters changed");
        MemoryMarshal.Cast<byte, ulong>(data.AsSpan(ValuesHeader, Names.Count * sizeof(ulong))).CopyTo(values);
        return Unit.Done;
    }

    /// <summary>Reads struct ethtool_gstrings. Source: include/uapi/linux/ethtool.h.</summary>
    internal static List<string> ParseNames(ReadOnlySpan<byte> data)
    {
        if (data.Length < NamesHeader)
            return [];
        int count = (int)Math.Min(MemoryMarshal.Read<uint>(data[8..]), (uint)((data.Length - NamesHeader) / NameSize));
        List<string> names = new(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> field = data.Slice(NamesHeader + (i * NameSize), NameSize);
            int end = field.IndexOf((byte)0);
            names.Add(Encoding.UTF8.GetString(end < 0 ? field : field[..end]).Trim());
        }
        return names;
    }
}
