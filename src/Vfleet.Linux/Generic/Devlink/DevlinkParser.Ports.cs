using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Ports and their functions.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>DEVLINK_CMD_PORT_NEW. Source: net/devlink/port.c devlink_nl_port_fill.</summary>
    public DevlinkPort? Port(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.PortNew, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        PortFields port = default;
        while (reader.Read())
            Take(ref reader, ref handle, ref port);
        if (!TryEnd(reader, handle, out DevlinkHandle found) || port.Index is not { } index)
            return null;
        return new DevlinkPort
        {
            Handle = new DevlinkPortHandle(found, index),
            Flavour = port.Flavour,
            NetdevName = port.NetdevName,
            NetdevIndex = port.NetdevIndex,
            RdmaName = port.RdmaName,
            PhysicalNumber = port.PhysicalNumber,
            Controller = port.Controller,
            PfNumber = port.PfNumber,
            VfNumber = port.VfNumber,
            SfNumber = port.SfNumber,
            External = port.External,
            Function = port.Function,
        };
    }

    private void Take(ref AttributeReader reader, ref HandleFields handle, ref PortFields port)
    {
        switch (reader.Type)
        {
            case DevlinkAttribute.PortIndex: port.Index = reader.AsUInt32(); break;
            case DevlinkAttribute.PortFlavour: port.Flavour = (PortFlavour)reader.AsUInt16(); break;
            case DevlinkAttribute.PortNetdevName: port.NetdevName = reader.AsText(); break;
            case DevlinkAttribute.PortNetdevIndex: port.NetdevIndex = (int)reader.AsUInt32(); break;
            case DevlinkAttribute.PortIbdevName: port.RdmaName = reader.AsText(); break;
            case DevlinkAttribute.PortNumber: port.PhysicalNumber = reader.AsUInt32(); break;
            case DevlinkAttribute.PortControllerNumber: port.Controller = reader.AsUInt32(); break;
            case DevlinkAttribute.PortPciPfNumber: port.PfNumber = reader.AsUInt16(); break;
            case DevlinkAttribute.PortPciVfNumber: port.VfNumber = reader.AsUInt16(); break;
            case DevlinkAttribute.PortPciSfNumber: port.SfNumber = reader.AsUInt32(); break;
            case DevlinkAttribute.PortExternal: port.External = reader.AsByte() != 0; break;
            case DevlinkAttribute.PortFunction: port.Function = Function(reader.AsNested()); break;
            default: Take(ref reader, ref handle); break;
        }
    }

    private static PortFunction? Function(AttributeReader reader)
    {
        MacAddress? mac = null;
        bool? active = null;
        bool? attached = null;
        BitField32 capabilities = default;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case PortFunctionAttribute.HardwareAddress: mac = reader.Value.Length == 6 ? MacAddress.Read(reader.Value) : null; break;
                case PortFunctionAttribute.State: active = reader.AsByte() != 0; break;
                case PortFunctionAttribute.OperationalState: attached = reader.AsByte() != 0; break;
                case PortFunctionAttribute.Capabilities: capabilities = reader.AsStruct<BitField32>(); break;
            }
        }
        return reader.Malformed ? null : new PortFunction(mac, active, attached,
            capabilities.Switch(PortFunctionAttribute.CapabilityRoce), capabilities.Switch(PortFunctionAttribute.CapabilityMigratable));
    }

    private struct PortFields
    {
        public uint? Index;
        public PortFlavour? Flavour;
        public string? NetdevName;
        public int? NetdevIndex;
        public string? RdmaName;
        public uint? PhysicalNumber;
        public uint? Controller;
        public ushort? PfNumber;
        public ushort? VfNumber;
        public uint? SfNumber;
        public bool External;
        public PortFunction? Function;
    }
}
