using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Netlink;

namespace Vfleet.Simulation.Generic;

/// <summary>
/// ethtool's netlink family as far as it is simulated: speed, channels, rings, coalescing. Source: net/ethtool, one file per command.
/// </summary>
internal static class EthtoolService
{
    private const uint SpeedUnknown = uint.MaxValue;
    private const byte DuplexFull = 1, DuplexUnknown = 0xff;

    public static Refusal Handle(SimulatedMachine machine, Reply reply, GenericRequest request)
    {
        bool isChange = request.Command is EthtoolCommand.RingsSet or EthtoolCommand.ChannelsSet or EthtoolCommand.CoalesceSet;
        if (!isChange && request.Command is not (
            EthtoolCommand.LinkModesGet or EthtoolCommand.ChannelsGet or EthtoolCommand.RingsGet or EthtoolCommand.CoalesceGet))
            return Errno.EOPNOTSUPP;
        if (isChange && !machine.Privileged)
            return Errno.EPERM;
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
        return isChange ? EthtoolTuning.Change(found, request) : Write(reply, found, request.Command);
    }

    private static Refusal Write(Reply reply, SimulatedLink link, byte command)
    {
        if (command != EthtoolCommand.LinkModesGet && !EthtoolTuning.Has(link, command))
            return Errno.EOPNOTSUPP;
        // Replies have the number of the change that belongs to them.
        byte answer = command == EthtoolCommand.LinkModesGet ? EthtoolCommand.LinkModesReply : (byte)(command + 1);
        MessageWriter writer = GenericService.BeginEthtool(reply, answer);
        int header = writer.BeginNest(EthtoolAttribute.Header, true);
        writer.Put(EthtoolAttribute.HeaderIndex, link.Index);
        writer.Put(EthtoolAttribute.HeaderName, link.Name);
        writer.EndNest(header);
        if (command == EthtoolCommand.LinkModesGet)
            WriteSpeed(writer, link);
        else
            EthtoolTuning.Write(writer, link, command);
        reply.Add(writer);
        return Refusal.None;
    }

    private static void WriteSpeed(MessageWriter writer, SimulatedLink link)
    {
        writer.Put(EthtoolAttribute.LinkModesAutoneg, (byte)1);
        writer.Put(EthtoolAttribute.LinkModesSpeed, link.IsRunning ? (uint)link.SpeedMbps : SpeedUnknown);
        writer.Put(EthtoolAttribute.LinkModesDuplex, link.IsRunning ? DuplexFull : DuplexUnknown);
    }
}
