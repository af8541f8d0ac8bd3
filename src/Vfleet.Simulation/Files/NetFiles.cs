using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Files;

/// <summary>/sys/class/net and the directories behind it: interfaces of the initial namespace only.</summary>
internal static class NetFiles
{
    private static readonly FileTable<SimulatedLink> Table = new(
    [
        new("address", link => Content.Line(link.Mac.ToString())),
        new("broadcast", link => Content.Line((link.IsLoopback ? default : MacAddress.Broadcast).ToString())),
        new("addr_len", _ => Content.Line(MacAddresses.Size)),
        new("mtu", link => Content.Line(link.Mtu)),
        new("ifindex", link => Content.Line(link.Index)),
        new("flags", link => Content.Line($"0x{link.Flags:x}")),
        new("type", link => Content.Line(link.IsLoopback ? 772 : 1)),
        new("operstate", link => Content.Line(link.OperState switch { 6 => "up", 2 => "down", _ => "unknown" })),
        // Without the interface up, the kernel does not know.
        new("carrier", link => link.IsUp ? Content.Line(link.Carrier ? 1 : 0) : Errno.EINVAL),
        new("carrier_changes", link => Content.Line(link.CarrierUpCount + link.CarrierDownCount)),
        new("speed", link => link.IsUp && !link.IsLoopback ? Content.Line(link.Carrier ? link.SpeedMbps : -1) : Errno.EINVAL),
        new("duplex", link => link.IsUp && !link.IsLoopback ? Content.Line(link.Carrier ? "full" : "unknown") : Errno.EINVAL),
        new("ifalias", link => Content.Line(link.Alias)),
        new("phys_port_name", link => link.PhysicalPortName is { } name ? Content.Line(name) : Errno.EOPNOTSUPP),
        new("phys_switch_id", _ => Errno.EOPNOTSUPP),
        new("dev_port", _ => Content.Line(0)),
        new("dev_id", _ => Content.Line("0x0")),
        new("tx_queue_len", _ => Content.Line(1000)),
        new("uevent", link => Content.Of($"INTERFACE={link.Name}\nIFINDEX={link.Index}\n")),
    ]);

    private static readonly FileTable<LinkCounters> Statistics = new(
    [
        new("rx_packets", counters => Content.Line((long)counters.RxPackets)),
        new("tx_packets", counters => Content.Line((long)counters.TxPackets)),
        new("rx_bytes", counters => Content.Line((long)counters.RxBytes)),
        new("tx_bytes", counters => Content.Line((long)counters.TxBytes)),
        new("rx_dropped", counters => Content.Line((long)counters.RxDropped)),
        new("tx_dropped", counters => Content.Line((long)counters.TxDropped)),
        new("multicast", counters => Content.Line((long)counters.Multicast)),
        new("rx_errors", _ => Content.Line(0)),
        new("tx_errors", _ => Content.Line(0)),
    ]);

    /// <summary>/sys/class/net: a link for each interface.</summary>
    public static DirectoryNode Class(SimulatedMachine machine) => new(
        name => Visible(machine, name) is { } link ? Node.Link(PathOf(link)) : null,
        () => machine.Namespaces.Initial.Links.Values.Select(link => link.Name));

    /// <summary>/sys/devices/virtual/net: loopback.</summary>
    public static DirectoryNode Virtual(SimulatedMachine machine) => new(
        name => Visible(machine, name) is { Device: null } link ? Directory(link) : null,
        () => machine.Namespaces.Initial.Links.Values.Where(link => link.Device is null).Select(link => link.Name));

    /// <summary>The net directory of a device; it stays, empty, while the interface is in another namespace.</summary>
    public static DirectoryNode Of(SimulatedMachine machine, Pci.SimulatedDevice device) => new(
        name => Visible(machine, name) is { } link && link.Device == device ? Directory(link) : null,
        () => device.Links.Where(link => link.Namespace == machine.Namespaces.Initial).Select(link => link.Name));

    private static string PathOf(SimulatedLink link) => $"{link.Device?.SysPath ?? "/sys/devices/virtual"}/net/{link.Name}";

    /// <summary>Alternative names have no directory.</summary>
    private static SimulatedLink? Visible(SimulatedMachine machine, string name) =>
        machine.Namespaces.Initial.ByName(name) is { } link && link.Name == name ? link : null;

    private static DirectoryNode Directory(SimulatedLink link) => new(
        name => name switch
        {
            "device" when link.Device is { } device => Node.Link(device.SysPath),
            "statistics" => new DirectoryNode(file => Statistics.Find(link.Counters, file), () => Statistics.Names(link.Counters)),
            "subsystem" => Node.Link("/sys/class/net"),
            _ => Table.Find(link, name),
        },
        () => Table.Names(link).Concat(link.Device is null ? ["statistics", "subsystem"] : ["device", "statistics", "subsystem"]));
}
