using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Netlink;

/// <summary>Sends what happens to those who joined a multicast group. Runs under the machine's gate.</summary>
internal sealed class EventHub
{
    private readonly List<SimulatedNetlinkSocket> _listeners = [];
    private ulong _sequence;

    public void Join(SimulatedNetlinkSocket socket) => _listeners.Add(socket);

    public void Leave(SimulatedNetlinkSocket socket) => _listeners.Remove(socket);

    public void DeviceAdded(PciDevice device) => Uevent("add", device.SysPath, "pci", $"PCI_SLOT_NAME={device.Name}");

    public void DeviceRemoved(PciDevice device) => Uevent("remove", device.SysPath, "pci", $"PCI_SLOT_NAME={device.Name}");

    public void DeviceChanged(SimulatedDevice device, string action) =>
        Uevent(action, device.SysPath, device.Bus, $"PCI_SLOT_NAME={device.Name}");

    public void LinkAdded(SimulatedLink link)
    {
        LinkUevent("add", link, link.Index);
        LinkChanged(link);
    }

    public void LinkRemoved(SimulatedLink link, SimulatedNamespace from, int index)
    {
        LinkUevent("remove", link, index);
        Notify(from, () => LinkMessages.Notification(link, Linux.Route.RouteMessage.DeleteLink, index));
    }

    public void LinkChanged(SimulatedLink link) =>
        Notify(link.Namespace, () => LinkMessages.Notification(link, Linux.Route.RouteMessage.NewLink, link.Index));

    private void Notify(SimulatedNamespace space, Func<byte[]> message)
    {
        byte[]? bytes = null;
        foreach (SimulatedNetlinkSocket socket in _listeners)
        {
            if (socket.Hears(Linux.Netlink.NetlinkProtocol.Route, SimulatedNetlinkSocket.GroupLink) && socket.Within == space)
                socket.Deliver(bytes ??= message());
        }
    }

    private void LinkUevent(string action, SimulatedLink link, int index)
    {
        string parent = link.Device?.SysPath ?? "/sys/devices/virtual";
        Uevent(action, $"{parent}/net/{link.Name}", "net", $"INTERFACE={link.Name}", $"IFINDEX={index}");
    }

    private void Uevent(string action, string sysPath, string subsystem, params ReadOnlySpan<string> properties)
    {
        byte[]? bytes = null;
        _sequence++;
        foreach (SimulatedNetlinkSocket socket in _listeners)
        {
            if (socket.Hears(Linux.Netlink.NetlinkProtocol.KobjectUevent, SimulatedNetlinkSocket.GroupKernel))
                socket.Deliver(bytes ??= UeventMessage.Write(action, sysPath["/sys".Length..], subsystem, properties, _sequence));
        }
    }
}
