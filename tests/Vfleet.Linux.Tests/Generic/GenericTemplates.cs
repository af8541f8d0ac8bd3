using System.Text;
using Vfleet.Linux.Generic;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Generic;

/// <summary>Valid messages of generic netlink, as the kernel sends them.</summary>
internal static class GenericTemplates
{
    public const ushort FamilyId = 0x21;

    public static byte[] Family(string name, string group, uint groupId) => Message(ControlCommand.NewFamily, request => request
        .Put(ControlAttribute.FamilyName, name).Put(ControlAttribute.FamilyId, FamilyId).Put(ControlAttribute.Version, 1u)
        .Nest(ControlAttribute.Groups, list => list.Nest(1, entry =>
            entry.Put(ControlAttribute.GroupId, groupId).Put(ControlAttribute.GroupName, group))), GenericClient.ControllerId);

    public static byte[] Device() => Devlink(DevlinkCommand.New, request => request.Put(DevlinkAttribute.ReloadFailed, (byte)0));

    public static byte[] Info() => Devlink(DevlinkCommand.InfoGet, request => request
        .Put(DevlinkAttribute.InfoDriverName, "ice").Put(DevlinkAttribute.InfoSerialNumber, "00-01-02").Put(DevlinkAttribute.InfoBoardSerialNumber, "B1")
        .Nest(DevlinkAttribute.InfoVersionFixed, version => Version(version, "board.id", "K1"))
        .Nest(DevlinkAttribute.InfoVersionRunning, version => Version(version, "fw.mgmt", "7.1"))
        .Nest(DevlinkAttribute.InfoVersionRunning, version => Version(version, "fw.undi", "1.2"))
        .Nest(DevlinkAttribute.InfoVersionStored, version => Version(version, "fw.mgmt", "7.2")));

    public static byte[] Eswitch() => Devlink(DevlinkCommand.EswitchGet, request => request
        .Put(DevlinkAttribute.EswitchMode, (ushort)1).Put(DevlinkAttribute.EswitchInlineMode, (byte)2).Put(DevlinkAttribute.EswitchEncapMode, (byte)1));

    public static byte[] Reload() => Devlink(DevlinkCommand.Reload, request =>
        request.Put(DevlinkAttribute.ReloadActionsPerformed, new BitField32(6, 6)));

    public static byte[] Port() => Devlink(DevlinkCommand.PortNew, request => request
        .Put(DevlinkAttribute.PortIndex, 65537u).Put(DevlinkAttribute.PortType, (ushort)2).Put(DevlinkAttribute.PortNetdevIndex, 9u)
        .Put(DevlinkAttribute.PortNetdevName, "eth0_1").Put(DevlinkAttribute.PortFlavour, (ushort)4).Put(DevlinkAttribute.PortControllerNumber, 0u)
        .Put(DevlinkAttribute.PortPciPfNumber, (ushort)0).Put(DevlinkAttribute.PortPciVfNumber, (ushort)3).Put(DevlinkAttribute.PortExternal, (byte)0)
        .Nest(DevlinkAttribute.PortFunction, function => function
            .Put(PortFunctionAttribute.HardwareAddress, (ReadOnlySpan<byte>)[2, 0, 0, 0, 0, 3]).Put(PortFunctionAttribute.State, (byte)1)
            .Put(PortFunctionAttribute.OperationalState, (byte)0).Put(PortFunctionAttribute.Capabilities, new BitField32(1, 3))));

    public static byte[] Reporter() => Devlink(DevlinkCommand.HealthReporterGet, request => request
        .Nest(DevlinkAttribute.HealthReporter, reporter => reporter
            .Put(DevlinkAttribute.HealthReporterName, "fw").Put(DevlinkAttribute.HealthReporterState, (byte)1)
            .Put(DevlinkAttribute.HealthReporterErrorCount, 3ul).Put(DevlinkAttribute.HealthReporterRecoverCount, 2ul)
            .Put(DevlinkAttribute.HealthReporterGracefulPeriod, 60000ul).Put(DevlinkAttribute.HealthReporterAutoRecover, (byte)1)));

    /// <summary>An object with a value, a list of objects and bytes.</summary>
    public static byte[] Formatted() => Message(DevlinkCommand.HealthReporterDiagnose, request => request
        .Nest(DevlinkAttribute.Fmsg, message =>
        {
            message.Flag(DevlinkAttribute.FmsgObjectNestStart);
            Pair(message, "syndrome", 3, BitConverter.GetBytes(7u));
            message.Flag(DevlinkAttribute.FmsgPairNestStart).Put(DevlinkAttribute.FmsgObjectName, "queues").Flag(DevlinkAttribute.FmsgArrayNestStart);
            for (byte i = 0; i < 2; i++)
            {
                message.Flag(DevlinkAttribute.FmsgObjectNestStart);
                Pair(message, "sqn", 1, [i]);
                Pair(message, "stopped", 6, [1]);
                message.Flag(DevlinkAttribute.FmsgNestEnd);
            }
            message.Flag(DevlinkAttribute.FmsgNestEnd).Flag(DevlinkAttribute.FmsgNestEnd);
            Pair(message, "raw", 11, [0xde, 0xad]);
            message.Flag(DevlinkAttribute.FmsgNestEnd);
        }));

    public static byte[] Parameter(ParameterType type, byte[]? value) => Devlink(DevlinkCommand.ParamGet, request => request
        .Nest(DevlinkAttribute.Param, param => param
            .Put(DevlinkAttribute.ParamName, "max_macs").Flag(DevlinkAttribute.ParamGeneric).Put(DevlinkAttribute.ParamType, (byte)type)
            .Nest(DevlinkAttribute.ParamValuesList, list => list.Nest(DevlinkAttribute.ParamValue, entry =>
            {
                entry.Put(DevlinkAttribute.ParamValueCmode, (byte)ParameterMode.DriverInit);
                if (value is not null)
                    entry.Put(DevlinkAttribute.ParamValueData, (ReadOnlySpan<byte>)value);
            }))));

    public static byte[] RateLeaf() => Devlink(DevlinkCommand.RateNew, request => request
        .Put(DevlinkAttribute.RateType, (ushort)0).Put(DevlinkAttribute.PortIndex, 2u).Put(DevlinkAttribute.RateTxShare, 125_000ul)
        .Put(DevlinkAttribute.RateTxMax, 1_250_000ul).Put(DevlinkAttribute.RateTxPriority, 1u).Put(DevlinkAttribute.RateTxWeight, 5u)
        .Put(DevlinkAttribute.RateParentNodeName, "gold"));

    public static byte[] RateNode() => Devlink(DevlinkCommand.RateNew, request => request
        .Put(DevlinkAttribute.RateType, (ushort)1).Put(DevlinkAttribute.RateNodeName, "gold").Put(DevlinkAttribute.RateTxShare, 0ul)
        .Put(DevlinkAttribute.RateTxMax, 0ul));

    public static byte[] Flash(byte command, ulong done) => Devlink(command, request => request
        .Put(DevlinkAttribute.FlashStatusMessage, "Flashing").Put(DevlinkAttribute.FlashComponent, "fw.mgmt")
        .Put(DevlinkAttribute.FlashStatusDone, done).Put(DevlinkAttribute.FlashStatusTotal, 100ul).Put(DevlinkAttribute.FlashStatusTimeout, 30ul));

    public static byte[] LinkModes() => Ethtool(EthtoolCommand.LinkModesReply, request => request
        .Put(EthtoolAttribute.LinkModesAutoneg, (byte)1).Put(EthtoolAttribute.LinkModesSpeed, 25000u)
        .Put(EthtoolAttribute.LinkModesDuplex, (byte)1).Put(EthtoolAttribute.LinkModesLanes, 1u));

    public static byte[] Numbers(byte command, int from, int to) => Ethtool(command, request =>
    {
        for (int i = from; i <= to; i++)
            request.Put(i, (uint)(i * 10));
    });

    public static byte[] Coalescing() => Ethtool(EthtoolCommand.CoalesceReply, request => request
        .Put(EthtoolAttribute.CoalesceRxMicroseconds, 50u).Put(EthtoolAttribute.CoalesceTxMicroseconds, 60u)
        .Put(EthtoolAttribute.CoalesceAdaptiveRx, (byte)1).Put(23, 9u));

    public static byte[] Features() => Ethtool(EthtoolCommand.FeaturesReply, request => request
        .Nest(EthtoolAttribute.FeaturesHardware, set => Bits(set, mask: true, (0, "tx-scatter-gather", true), (1, "tx-checksum-ipv4", false)))
        .Nest(EthtoolAttribute.FeaturesActive, set => Bits(set, mask: false, (0, "tx-scatter-gather", true), (1, "tx-checksum-ipv4", true)))
        .Nest(EthtoolAttribute.FeaturesNoChange, set => Bits(set, mask: false, (1, "tx-checksum-ipv4", true))));

    public static byte[] Statistics() => Message(EthtoolCommand.StatsReply, request => request
        .Nest(EthtoolAttribute.StatsHeader, header => header.Put(EthtoolAttribute.HeaderIndex, 7u).Put(EthtoolAttribute.HeaderName, "eth0"))
        .Nest(EthtoolAttribute.StatsGroup, group => group.Put(EthtoolAttribute.GroupId, 1u).Put(3, 18u)
            .Nest(EthtoolAttribute.GroupStat, stat => stat.Put(0, 11ul)).Nest(EthtoolAttribute.GroupStat, stat => stat.Put(3, 22ul)))
        .Nest(EthtoolAttribute.StatsGroup, group => group.Put(EthtoolAttribute.GroupId, 3u).Put(3, 20u)
            .Nest(EthtoolAttribute.GroupHistogramRx, bucket => bucket
                .Put(EthtoolAttribute.BucketLow, 64u).Put(EthtoolAttribute.BucketHigh, 127u).Put(EthtoolAttribute.BucketValue, 33ul))));

    public static byte[] DriverInfo(int counters)
    {
        byte[] data = new byte[Linux.Generic.Ethtool.DriverInfo.Size];
        BitConverter.TryWriteBytes(data, Linux.Generic.Ethtool.DriverInfo.Command);
        Encoding.ASCII.GetBytes("igb", data.AsSpan(4));
        Encoding.ASCII.GetBytes("6.12.95", data.AsSpan(36));
        Encoding.ASCII.GetBytes("N/A", data.AsSpan(68));
        Encoding.ASCII.GetBytes("0000:01:00.0", data.AsSpan(100));
        BitConverter.TryWriteBytes(data.AsSpan(180), counters);
        return data;
    }

    public static byte[] CounterNames(params string[] names)
    {
        byte[] data = new byte[DriverStatistics.NamesHeader + (names.Length * DriverStatistics.NameSize)];
        BitConverter.TryWriteBytes(data, DriverStatistics.NamesCommand);
        BitConverter.TryWriteBytes(data.AsSpan(8), names.Length);
        for (int i = 0; i < names.Length; i++)
            Encoding.ASCII.GetBytes(names[i], data.AsSpan(DriverStatistics.NamesHeader + (i * DriverStatistics.NameSize)));
        return data;
    }

    private static byte[] Message(byte command, Action<NetlinkRequest> write, ushort family = FamilyId) => Templates.Build(family, request =>
    {
        request.Struct(new GenericHeader { Command = command, Version = 1 });
        write(request);
    });

    private static byte[] Devlink(byte command, Action<NetlinkRequest> write) => Message(command, request =>
        write(request.Put(DevlinkAttribute.BusName, "pci").Put(DevlinkAttribute.DevName, "0000:01:00.0")));

    private static byte[] Ethtool(byte command, Action<NetlinkRequest> write) => Message(command, request =>
        write(request.Nest(EthtoolAttribute.Header, header =>
            header.Put(EthtoolAttribute.HeaderIndex, 7u).Put(EthtoolAttribute.HeaderName, "eth0"))));

    private static void Version(NetlinkRequest request, string name, string value) =>
        request.Put(DevlinkAttribute.InfoVersionName, name).Put(DevlinkAttribute.InfoVersionValue, value);

    private static void Pair(NetlinkRequest message, string name, byte type, byte[] value) => message
        .Flag(DevlinkAttribute.FmsgPairNestStart).Put(DevlinkAttribute.FmsgObjectName, name)
        .Put(DevlinkAttribute.FmsgObjectValueType, type).Put(DevlinkAttribute.FmsgObjectValueData, (ReadOnlySpan<byte>)value)
        .Flag(DevlinkAttribute.FmsgNestEnd);

    private static void Bits(NetlinkRequest set, bool mask, params (uint Index, string Name, bool On)[] bits)
    {
        if (!mask)
            set.Flag(EthtoolAttribute.BitsetNoMask);
        set.Put(EthtoolAttribute.BitsetSize, 64u).Nest(EthtoolAttribute.BitsetBits, list =>
        {
            foreach ((uint index, string name, bool on) in bits)
            {
                list.Nest(1, bit =>
                {
                    bit.Put(EthtoolAttribute.BitIndex, index).Put(EthtoolAttribute.BitName, name);
                    if (mask && on)
                        bit.Flag(EthtoolAttribute.BitValue);
                });
            }
        });
    }
}
