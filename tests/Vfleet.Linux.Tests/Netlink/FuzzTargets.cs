using System.Text;
using Vfleet.Linux.Events;
using Vfleet.Linux.Generic;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Linux.Tests.Generic;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>Reads a whole datagram; returns what it found, to be compared.</summary>
internal delegate object? FuzzParser(ReadOnlySpan<byte> datagram);

/// <summary>A parser and a valid message for it.</summary>
/// <param name="Name">For the report of a failure.</param>
/// <param name="Valid">A message it takes.</param>
/// <param name="Parse">The parser.</param>
/// <param name="OneIn">Large messages are tried once in so many turns.</param>
internal sealed record FuzzTarget(string Name, byte[] Valid, FuzzParser Parse, int OneIn = 1);

/// <summary>Everything that reads bytes of the kernel. A new parser is one more line here.</summary>
internal static class FuzzTargets
{
    /// <summary>A set for one thread: parsers may keep state.</summary>
    public static List<FuzzTarget> Create()
    {
        DevlinkParser devlink = new();
        return
        [
            new("link", Templates.Link(3), Each(LinkParser.Parse)),
            new("link, wrapped VF list", Templates.Link(230), Each(LinkParser.Parse), OneIn: 60),
            new("link event", Templates.Link(0), Links),
            new("address", Templates.Address(2), Each(AddressParser.Parse)),
            new("address 6", Templates.Address(10), Each(AddressParser.Parse)),
            new("route", Templates.DefaultRoute(), Each(RouteParser.ParseDefault)),
            new("multipath route", Templates.MultipathRoute(), Each(RouteParser.ParseDefault)),
            new("uevent", Encoding.UTF8.GetBytes(Uevents.Added), datagram => Uevent.Parse(datagram)),
            new("refusal", Datagram.Error(1, Errno.EINVAL, "out of range"), Acknowledgements),
            new("refusal, echoed", Datagram.Error(1, Errno.EINVAL, "out of range", Templates.Address(2)), Acknowledgements),
            new("end of list", Datagram.Done(1, Errno.EMSGSIZE), Acknowledgements),
            new("family", GenericTemplates.Family("devlink", "config", 5), Each(GenericFamily.Parse)),
            new("devlink device", GenericTemplates.Device(), Each(devlink.Device)),
            new("devlink info", GenericTemplates.Info(), Each(devlink.Info)),
            new("devlink eswitch", GenericTemplates.Eswitch(), Each(devlink.Eswitch)),
            new("devlink reload", GenericTemplates.Reload(), Each(devlink.Reload)),
            new("devlink port", GenericTemplates.Port(), Each(devlink.Port)),
            new("devlink health", GenericTemplates.Reporter(), Each(devlink.Reporter)),
            new("devlink diagnosis", GenericTemplates.Formatted(), Diagnose),
            new("devlink param", GenericTemplates.Parameter(ParameterType.UInt32, [1, 0, 0, 0]), Each(devlink.Parameter)),
            new("devlink param flag", GenericTemplates.Parameter(ParameterType.Boolean, null), Each(devlink.Parameter)),
            new("devlink rate leaf", GenericTemplates.RateLeaf(), Each(devlink.Rate)),
            new("devlink rate node", GenericTemplates.RateNode(), Each(devlink.Rate)),
            new("devlink flash", GenericTemplates.Flash(DevlinkCommand.FlashUpdateStatus, 50), Each(devlink.Flash)),
            new("ethtool link modes", GenericTemplates.LinkModes(), Each(EthtoolParser.LinkModes)),
            new("ethtool channels", GenericTemplates.Numbers(EthtoolCommand.ChannelsReply, 2, 9), Each(EthtoolParser.Channels)),
            new("ethtool rings", GenericTemplates.Numbers(EthtoolCommand.RingsReply, 2, 13), Each(EthtoolParser.Rings)),
            new("ethtool coalescing", GenericTemplates.Coalescing(), Each(EthtoolParser.Coalescing)),
            new("ethtool features", GenericTemplates.Features(), Each(EthtoolParser.Features)),
            new("ethtool statistics", GenericTemplates.Statistics(), Each(EthtoolParser.Statistics)),
            new("ethtool driver", GenericTemplates.DriverInfo(3), data => DriverInfo.Parse("eth0", data)),
            new("ethtool counter names", GenericTemplates.CounterNames("rx_packets", "tx_packets"), data => DriverStatistics.ParseNames(data)),
            new("replies of a client", Datagram.Join(Datagram.Text(1, "abcd", NetlinkFlags.Multi), Datagram.Done(1)), new FuzzClient().Dump),
            new("acknowledgements of a client", Datagram.Join(Datagram.Ack(1), Datagram.Ack(2)), new FuzzClient().Execute),
        ];
    }

    private static FuzzParser Each<T>(MessageParser<T> parse)
        where T : class => datagram =>
    {
        object? found = null;
        NetlinkReader reader = new(datagram);
        while (reader.Read())
            found = parse(reader.Current) ?? found;
        return found;
    };

    private static List<LinkEvent> Links(ReadOnlySpan<byte> datagram)
    {
        List<LinkEvent> found = [];
        LinkEvent.ParseAll(datagram, found);
        return found;
    }

    private static object? Acknowledgements(ReadOnlySpan<byte> datagram)
    {
        NetlinkRequest request = new();
        object? found = null;
        NetlinkReader reader = new(datagram);
        while (reader.Read())
            found = Acknowledgement.Parse(reader.Current, request) ?? found;
        return found;
    }

    private static string? Diagnose(ReadOnlySpan<byte> datagram)
    {
        List<FormattedMessagePart> parts = [];
        NetlinkReader reader = new(datagram);
        while (reader.Read())
        {
            if (DevlinkParser.Formatted(reader.Current) is { } part)
                parts.Add(part);
        }
        return Diagnosis.Build(parts)?.ToString();
    }
}
