using System.Globalization;
using System.Text;

namespace Vfleet.Linux.Tests.Pci;

/// <summary>The PCI side of one machine: an 82576 (igb) behind a root port, with VFs, as sysfs shows it.</summary>
internal static class Igb
{
    public static readonly PciAddress PhysicalFunction = new(0, 0x0100);

    public static readonly PciAddress RootPort = new(0, 0x0018);

    /// <summary>The tree with a number of VFs; without an IOMMU the groups are left out.</summary>
    public static MemoryTree Tree(int vfs = 0, bool iommu = true)
    {
        MemoryTree tree = new(Machine);
        tree.AddBytes("/sys/devices/pci0000:00/0000:00:03.0/config", ConfigBuilder.RootPort().Build());
        tree.AddBytes("/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/config", ConfigBuilder.IgbPhysicalFunction(vfs).Build());
        StringBuilder more = new();
        if (iommu)
        {
            more.AppendLine("/sys/class/iommu/dmar0 -> ../../devices/virtual/iommu/dmar0");
            Group(more, "0000:00:03.0", "0000:00:03.0", 1);
            Group(more, "0000:00:03.0/0000:01:00.0", "0000:01:00.0", 2);
        }

        for (int index = 0; index < vfs; index++)
            VirtualFunction(more, index, iommu);
        tree.Add(more.ToString());
        tree.Add($"/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/sriov_numvfs = {vfs}\\n");
        return tree;
    }

    /// <summary>Address of a VF.</summary>
    public static PciAddress VirtualFunction(int index) => PhysicalFunction.VirtualFunction(index, 128, 2)!.Value;

    private static void VirtualFunction(StringBuilder text, int index, bool iommu)
    {
        string name = VirtualFunction(index).ToString();
        string home = $"/sys/devices/pci0000:00/0000:00:03.0/{name}";
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            /sys/bus/pci/devices/{name} -> ../../../devices/pci0000:00/0000:00:03.0/{name}
            /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/virtfn{index} -> ../{name}
            {home}/physfn -> ../0000:01:00.0
            {home}/uevent = PCI_CLASS=20000\nPCI_ID=8086:10CA\nPCI_SUBSYS_ID=8086:A03C\nPCI_SLOT_NAME={name}\nMODALIAS=x\n
            {home}/class = 0x020000\n
            {home}/numa_node = 1\n
            {home}/driver_override = (null)\n
            {home}/reset =
            {home}/sriov_vf_msix_count =
            """);
        if (iommu)
            Group(text, $"0000:00:03.0/{name}", name, 10 + index);
    }

    private static void Group(StringBuilder text, string home, string name, int group) => text.AppendLine(CultureInfo.InvariantCulture, $"""
        /sys/devices/pci0000:00/{home}/iommu_group -> ../../../kernel/iommu_groups/{group}
        /sys/kernel/iommu_groups/{group}/devices/{name} -> ../../../../devices/pci0000:00/{home}
        """);

    private const string Machine = """
        # A root port.
        /sys/bus/pci/devices/0000:00:03.0 -> ../../../devices/pci0000:00/0000:00:03.0
        /sys/devices/pci0000:00/0000:00:03.0/uevent = DRIVER=pcieport\nPCI_CLASS=60400\nPCI_ID=1B36:000C\nPCI_SUBSYS_ID=1B36:0000\nPCI_SLOT_NAME=0000:00:03.0\n
        /sys/devices/pci0000:00/0000:00:03.0/class = 0x060400\n
        /sys/devices/pci0000:00/0000:00:03.0/driver -> ../../../bus/pci/drivers/pcieport
        /sys/devices/pci0000:00/0000:00:03.0/numa_node = -1\n
        # The PF behind it.
        /sys/bus/pci/devices/0000:01:00.0 -> ../../../devices/pci0000:00/0000:00:03.0/0000:01:00.0
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/uevent = DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SUBSYS_ID=8086:A03C\nPCI_SLOT_NAME=0000:01:00.0\nMODALIAS=pci:v00008086d000010C9\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/class = 0x020000\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/driver -> ../../../../bus/pci/drivers/igb
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/net/eth0/mtu = 1500\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/numa_node = 1\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/revision = 0x01\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/driver_override = (null)\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/power_state = D0\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/reset_method = flr bus\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/reset =
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/current_link_speed = 2.5 GT/s PCIe\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/current_link_width = 4\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/max_link_speed = 5.0 GT/s PCIe\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/max_link_width = 4\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/aer_dev_correctable = RxErr 1\nBadTLP 2\naer_dev_correctable_errs_bit[3] 4\nTOTAL_ERR_COR 7\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/resource = 0x00000000fe860000 0x00000000fe87ffff 0x0000000000040200\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x000000000000c000 0x000000000000c01f 0x0000000000040101\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x00000000fe800000 0x00000000fe81ffff 0x0000000000140204\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/sriov_totalvfs = 7\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/sriov_offset = 128\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/sriov_stride = 2\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/sriov_vf_device = 10ca\n
        /sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/sriov_drivers_autoprobe = 1\n
        # Drivers.
        /sys/bus/pci/drivers_probe =
        /sys/bus/pci/drivers/pcieport/bind =
        /sys/bus/pci/drivers/igb/0000:01:00.0 -> ../../../../devices/pci0000:00/0000:00:03.0/0000:01:00.0
        /sys/bus/pci/drivers/igb/bind =
        /sys/bus/pci/drivers/igb/unbind =
        /sys/bus/pci/drivers/igbvf/bind =
        /sys/bus/pci/drivers/igbvf/unbind =
        # The machine.
        /proc/cmdline = BOOT_IMAGE=/vmlinuz root=/dev/sda1 intel_iommu=on iommu=pt\n
        /sys/firmware/acpi/tables/DMAR =
        /sys/firmware/acpi/tables/FACP =
        """;
}
