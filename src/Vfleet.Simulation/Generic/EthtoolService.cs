using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Netlink;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Generic;

/// <summary>ethtool's netlink family as far as it is simulated: speed and channels. Source: net/ethtool/linkmodes.c, channels.c.</summary>
internal static class EthtoolService
{
    private const uint SpeedUnknown = uint.MaxValue;
    private const byte DuplexFull = 1, DuplexUnknown = 0xff;

    public static Refusal Handle(Reply reply, GenericRequest request)
    {
        if (request.Command is not (EthtoolCommand.LinkModesGet or EthtoolCommand.ChannelsGet))
            return Errno.EOPNOTSUPP;
        if (request.IsDump)
        {
            reply.BeginDump();
            foreach (SimulatedLink link in reply.Within.Links.Values.Where(link => link.Device is not null))
                Write(reply, link, request.Command);
            return Refusal.None;
        }
        if (AttributeSet.Parse(request.Attributes.Bytes(EthtoolAttribute.Header)) is not { } header)
            return Errno.EINVAL;
        SimulatedLink? found = header.Number(EthtoolAttribute.HeaderIndex) is { } index
            ? reply.Within.Links.GetValueOrDefault((int)index)
            : header.Text(EthtoolAttribute.HeaderName) is { } name ? reply.Within.ByName(name) : null;
        if (found is null)
            return new Refusal(Errno.ENODEV, "no device matches name");
        if (found.Device is null)
            return Errno.EOPNOTSUPP;
        Write(reply, found, request.Command);
        return Refusal.None;
    }

    private static void Write(Reply reply, SimulatedLink link, byte command)
    {
        bool isSpeed = command == EthtoolCommand.LinkModesGet;
        MessageWriter writer = GenericService.BeginEthtool(reply, isSpeed ? EthtoolCommand.LinkModesReply : EthtoolCommand.ChannelsReply);
        int header = writer.BeginNest(EthtoolAttribute.Header, true);
        writer.Put(EthtoolAttribute.HeaderIndex, link.Index);
        writer.Put(EthtoolAttribute.HeaderName, link.Name);
        writer.EndNest(header);
        if (isSpeed)
            WriteSpeed(writer, link);
        else
            WriteChannels(writer, link);
        reply.Add(writer);
    }

    private static void WriteSpeed(MessageWriter writer, SimulatedLink link)
    {
        writer.Put(EthtoolAttribute.LinkModesAutoneg, (byte)1);
        writer.Put(EthtoolAttribute.LinkModesSpeed, link.IsRunning ? (uint)link.SpeedMbps : SpeedUnknown);
        writer.Put(EthtoolAttribute.LinkModesDuplex, link.IsRunning ? DuplexFull : DuplexUnknown);
    }

    /// <summary>One vector serves the device itself, the others a pair of queues each.</summary>
    private static void WriteChannels(MessageWriter writer, SimulatedLink link)
    {
        uint queues = link.Device is PciDevice device ? (uint)Math.Max(1, device.MsixVectors - 1) : 1;
        writer.Put(EthtoolAttribute.ChannelsOtherMax, 1u);
        writer.Put(EthtoolAttribute.ChannelsCombinedMax, queues);
        writer.Put(EthtoolAttribute.ChannelsOther, 1u);
        writer.Put(EthtoolAttribute.ChannelsCombined, queues);
    }
}
