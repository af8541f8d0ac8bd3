using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Netlink;

/// <summary>IFLA_VFINFO_LIST of a request: the settings of VFs, carried out in the order of the kernel's do_setvfinfo.</summary>
internal static class VfChanges
{
    private const ushort HighestType = 13;

    /// <summary>The kernel's order; a VLAN list after the plain VLAN, the plain rate before the pair.</summary>
    private static readonly ushort[] Order =
    [
        VfAttribute.Mac, VfAttribute.Vlan, VfAttribute.VlanList, VfAttribute.TxRate, VfAttribute.Rate, VfAttribute.SpoofCheck,
        VfAttribute.LinkState, VfAttribute.RssQuery, VfAttribute.Trust, VfAttribute.NodeGuid, VfAttribute.PortGuid,
    ];

    public static Refusal Apply(SimulatedMachine machine, SimulatedLink pf, ReadOnlySpan<byte> list)
    {
        AttributeReader vfs = new(list);
        while (vfs.Read())
        {
            if (vfs.Type != VfAttribute.Info)
                return Errno.EINVAL;
            Refusal refusal = One(machine, pf, vfs.AsNested());
            if (refusal.IsRefused)
                return refusal;
        }
        return vfs.Malformed ? Errno.EINVAL : Refusal.None;
    }

    private static Refusal One(SimulatedMachine machine, SimulatedLink pf, AttributeReader reader)
    {
        byte[]?[] found = new byte[HighestType + 1][];
        while (reader.Read())
        {
            if (reader.Type <= HighestType)
                found[reader.Type] = reader.Value.ToArray();
        }
        Refusal last = Errno.EINVAL;
        foreach (ushort type in Order)
        {
            if (found[type] is not { } value)
                continue;
            last = pf.Device is { Traits: not null } and not PciDevice { IsVirtual: true }
                ? Dispatch(new VfOperations(machine, pf), type, value)
                : Errno.EOPNOTSUPP;
            if (last.IsRefused)
                return last;
        }
        return last;
    }

    private static Refusal Dispatch(VfOperations driver, ushort type, ReadOnlySpan<byte> value)
    {
        if (type == VfAttribute.VlanList)
            return VlanList(driver, value);
        if (!MemoryMarshal.TryRead(value, out VfSettingMessage head))
            return Errno.EINVAL;
        if (head.Vf >= int.MaxValue)
            return Errno.EINVAL;
        int vf = (int)head.Vf;
        return type switch
        {
            VfAttribute.Mac when value.Length >= 36 => driver.SetMac(vf, MacAddress.Read(value[sizeof(uint)..])!.Value),
            VfAttribute.Vlan when value.Length >= 12 =>
                driver.SetVlan(vf, head.Setting, MemoryMarshal.Read<uint>(value[8..]), VfSettings.Vlan8021Q),
            VfAttribute.TxRate => driver.SetMaximumRate(vf, head.Setting),
            VfAttribute.Rate when MemoryMarshal.TryRead(value, out VfRateMessage rate) =>
                driver.SetRate(vf, rate.MinimumTx, rate.MaximumTx),
            VfAttribute.SpoofCheck => driver.SetSpoofCheck(vf, head.Setting != 0),
            VfAttribute.LinkState => driver.SetLinkState(vf, head.Setting),
            VfAttribute.RssQuery => driver.SetRssQuery(vf, head.Setting != 0),
            VfAttribute.Trust => driver.SetTrust(vf, head.Setting != 0),
            VfAttribute.NodeGuid or VfAttribute.PortGuid when MemoryMarshal.TryRead(value, out VfGuidMessage guid) =>
                driver.SetGuid(vf, guid.Guid, type == VfAttribute.PortGuid),
            _ => Errno.EINVAL,
        };
    }

    private static Refusal VlanList(VfOperations driver, ReadOnlySpan<byte> value)
    {
        AttributeReader reader = new(value);
        int count = 0;
        VfVlanMessage vlan = default;
        while (reader.Read())
        {
            if (reader.Type != VfAttribute.VlanInfo || reader.Value.Length < 16)
                return Errno.EINVAL;
            if (count++ > 0)
                return Errno.EOPNOTSUPP;
            vlan = reader.AsStruct<VfVlanMessage>();
        }
        if (count == 0 || vlan.Vf >= int.MaxValue)
            return Errno.EINVAL;
        return driver.SetVlan((int)vlan.Vf, vlan.Vlan, vlan.Qos, BinaryPrimitives.ReverseEndianness(vlan.Protocol));
    }
}
