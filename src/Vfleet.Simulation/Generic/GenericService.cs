using Vfleet.Linux.Generic;
using Vfleet.Linux.Netlink;
using Vfleet.Simulation.Netlink;

namespace Vfleet.Simulation.Generic;

/// <summary>Generic netlink: the controller, devlink and ethtool. Source: net/netlink/genetlink.c.</summary>
internal static class GenericService
{
    private const ushort DevlinkId = 20, EthtoolId = 21;

    private static readonly (string Name, ushort Id, byte Version)[] Families =
        [("nlctrl", GenericClient.ControllerId, 2), ("devlink", DevlinkId, 1), ("ethtool", EthtoolId, 1)];

    public static Refusal Handle(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (message.Payload.Length < GenericMessage.HeaderSize)
            return Errno.EINVAL;
        if (AttributeSet.Parse(message.Payload[GenericMessage.HeaderSize..]) is not { } attributes)
            return Errno.EINVAL;
        bool isDump = (message.Flags & NetlinkFlags.Dump) == NetlinkFlags.Dump;
        GenericRequest request = new(message.Payload[0], isDump, attributes);
        return message.Type switch
        {
            GenericClient.ControllerId => Control(reply, request),
            DevlinkId => DevlinkService.Handle(machine, reply, request),
            EthtoolId => EthtoolService.Handle(machine, reply, request),
            _ => Errno.ENOENT,
        };
    }

    /// <summary>Begins a message of a family.</summary>
    public static MessageWriter Begin(Reply reply, ushort family, byte command)
    {
        MessageWriter writer = reply.Begin(family);
        writer.Struct(new GenericHeader { Command = command, Version = 1 });
        return writer;
    }

    public static MessageWriter BeginDevlink(Reply reply, byte command) => Begin(reply, DevlinkId, command);

    public static MessageWriter BeginEthtool(Reply reply, byte command) => Begin(reply, EthtoolId, command);

    private static Refusal Control(Reply reply, GenericRequest request)
    {
        if (request.Command != ControlCommand.GetFamily)
            return Errno.EOPNOTSUPP;
        if (request.IsDump)
            reply.BeginDump();
        string? wanted = request.Attributes.Text(ControlAttribute.FamilyName);
        int found = 0;
        foreach ((string name, ushort id, byte version) in Families)
        {
            if (!request.IsDump && name != wanted && id != request.Attributes.ShortNumber(ControlAttribute.FamilyId))
                continue;
            MessageWriter writer = Begin(reply, GenericClient.ControllerId, ControlCommand.NewFamily);
            writer.Put(ControlAttribute.FamilyName, name);
            writer.Put(ControlAttribute.FamilyId, id);
            writer.Put(ControlAttribute.Version, (uint)version);
            reply.Add(writer);
            found++;
        }
        return found == 0 ? Errno.ENOENT : Refusal.None;
    }
}

/// <summary>A generic netlink request.</summary>
/// <param name="Command">The family's command.</param>
/// <param name="IsDump">True where every object is asked for.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record GenericRequest(byte Command, bool IsDump, AttributeSet Attributes);
