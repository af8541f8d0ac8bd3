namespace Vfleet.Linux.Tests.Netlink;

/// <summary>Datagrams of kernel objects.</summary>
internal static class Uevents
{
    public const string Added =
        "add@/devices/pci0000:00/0000:00:03.0/0000:01:10.0\0ACTION=add\0DEVPATH=/devices/pci0000:00/0000:00:03.0/0000:01:10.0\0" +
        "SUBSYSTEM=pci\0PCI_ID=8086:10CA\0PCI_SLOT_NAME=0000:01:10.0\0MODALIAS=pci:v00008086d000010CA\0SEQNUM=4242\0";
}
