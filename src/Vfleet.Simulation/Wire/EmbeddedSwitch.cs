using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Wire;

/// <summary>
/// The switch inside a NIC (VEB), extended over the wire: a frame reaches the interfaces of its VLAN on every port of the wire,
/// by MAC or as broadcast, never its sender. Runs under the machine's gate.
/// </summary>
internal static class EmbeddedSwitch
{
    /// <summary>Who gets the frame, and how it looks there.</summary>
    public static List<(SimulatedLink To, byte[] Frame)> Forward(SimulatedMachine machine, SimulatedLink from, byte[] frame)
    {
        List<(SimulatedLink To, byte[] Frame)> receivers = [];
        if (!from.IsRunning || from.Device is not { } port)
            return receivers;
        VfSettings? sender = SettingsOf(from);
        if (sender is not null && IsForged(sender, from, frame))
        {
            from.Counters.TxDropped++;
            sender.Counters.TxDropped++;
            return receivers;
        }
        CountSent(from, sender, frame.Length);
        bool tagged = sender is not { Vlan: > 0 } && EthernetFrame.Vlan(frame) > 0;
        int vlan = sender is { Vlan: > 0 } ? sender.Vlan : EthernetFrame.Vlan(frame);
        byte[] bare = tagged ? EthernetFrame.WithoutTag(frame) : frame;
        foreach (SimulatedLink to in machine.Devices.Where(device => device.Wire == port.Wire).SelectMany(device => device.Links).ToArray())
        {
            if (to == from || !to.IsRunning || !WantsAddress(to, EthernetFrame.Destination(frame)))
                continue;
            VfSettings? receiver = SettingsOf(to);
            if (!WantsVlan(to, receiver, vlan))
                continue;
            bool stripped = receiver is { Vlan: > 0 };
            CountReceived(to, receiver, frame);
            receivers.Add((to, stripped ? bare : frame));
        }
        return receivers;
    }

    /// <summary>
    /// Spoof check, where the hardware really does it: a source address that is not the VF's, and a VLAN tag it was not given.
    /// </summary>
    private static bool IsForged(VfSettings sender, SimulatedLink from, ReadOnlySpan<byte> frame)
    {
        if (!sender.SpoofCheck || from.Device!.Traits is not { DropsForgedFrames: true })
            return false;
        int tag = EthernetFrame.Vlan(frame);
        MacAddress own = sender.Mac.IsZero ? from.Mac : sender.Mac;
        return EthernetFrame.Source(frame) != own || (tag > 0 && !sender.Trunk.Contains(tag));
    }

    private static bool WantsAddress(SimulatedLink to, MacAddress destination) =>
        destination.IsMulticast || destination == to.Mac || (to.Flags & SimulatedLink.FlagPromiscuous) != 0;

    /// <summary>A VF with a VLAN hears that VLAN alone; others hear untagged frames and their trunk, a promiscuous PF everything.</summary>
    private static bool WantsVlan(SimulatedLink to, VfSettings? receiver, int vlan) => receiver switch
    {
        { Vlan: > 0 } => vlan == receiver.Vlan,
        _ when vlan == 0 => true,
        null => (to.Flags & SimulatedLink.FlagPromiscuous) != 0,
        _ => receiver.Trunk.Contains(vlan),
    };

    private static VfSettings? SettingsOf(SimulatedLink link) =>
        link.Device is PciDevice { PhysicalFunction.Sriov: { } sriov } vf && vf.VfIndex < sriov.Settings.Length
            ? sriov.Settings[vf.VfIndex]
            : null;

    private static void CountSent(SimulatedLink from, VfSettings? sender, int length)
    {
        foreach (LinkCounters counters in CountersOf(from, sender))
        {
            counters.TxPackets++;
            counters.TxBytes += (ulong)length;
        }
    }

    private static void CountReceived(SimulatedLink to, VfSettings? receiver, ReadOnlySpan<byte> frame)
    {
        MacAddress destination = EthernetFrame.Destination(frame);
        foreach (LinkCounters counters in CountersOf(to, receiver))
        {
            counters.RxPackets++;
            counters.RxBytes += (ulong)frame.Length;
            if (destination == MacAddress.Broadcast)
                counters.Broadcast++;
            else if (destination.IsMulticast)
                counters.Multicast++;
        }
    }

    private static IEnumerable<LinkCounters> CountersOf(SimulatedLink link, VfSettings? settings) =>
        settings is null ? [link.Counters] : [link.Counters, settings.Counters];
}
