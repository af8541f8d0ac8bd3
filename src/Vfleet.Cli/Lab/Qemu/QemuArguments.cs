using System.Globalization;
using Vfleet.Cli.Lab.Image;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>The virtual machine as QEMU's command line.</summary>
internal static class QemuArguments
{
    /// <summary>
    /// More would move the VFs' BARs above 4 GB, where QEMU 10.0 maps them wrongly: every igbvf probe then waits two seconds
    /// for a mailbox that never answers.
    /// </summary>
    internal const int MemoryMegabytes = 2800;

    /// <summary>
    /// Linux distrusts an emulated time stamp counter and would read the HPET instead, where each look at the clock is an access to a
    /// device. Both emulated processors read the host's counter, so they agree.
    /// </summary>
    private const string EmulatedClock = "clocksource=tsc tsc=reliable ";

    /// <summary>
    /// Both processors on one thread. With a thread each, QEMU 10.0 aborts (iotlb_to_section) when one of them accesses a device while the
    /// other moves a VF's registers, as every reset does: 127 VFs reset side by side ended most machines.
    /// </summary>
    private const string Emulation = "tcg,thread=single";

    /// <summary>Bus numbers far enough apart for each port's VFs; the first port gets the lower one.</summary>
    private static readonly (int Node, int Bus)[] Ports = [(0, 0x40), (1, 0x80)];

    /// <summary>The whole command line of the lab.</summary>
    internal static IReadOnlyList<string> ForLab(
        LabPaths paths, LabImage image, BootSettings boot, string scratch, Accelerator accelerator) =>
    [
        .. Machine(accelerator),
        .. Boot(image, accelerator, boot.ToKernelParameter()),
        "-name", "vfleet-lab", "-pidfile", paths.PidFile,
        "-chardev", $"file,id=console,path={Escape(paths.ConsoleLog)}", "-serial", "chardev:console",
        "-qmp", $"unix:{Escape(paths.ControlSocket)},server=on,wait=off",
        .. HostFiles(paths.Share),
        "-blockdev", $"driver=file,node-name=scratch,filename={Escape(scratch)},cache.direct=off,cache.no-flush=on,discard=unmap",
        "-device", "virtio-blk-pci,bus=pcie.0,drive=scratch",
        "-device", "virtio-rng-pci,bus=pcie.0",
        .. Channels(paths),
        .. NetworkPorts(),
        .. NvmeController(),
    ];

    /// <summary>The same machine without devices, to see whether an accelerator survives booting the lab's kernel.</summary>
    internal static IReadOnlyList<string> ForProbe(LabImage image, Accelerator accelerator, string console) =>
    [
        .. Machine(accelerator),
        .. Boot(image, accelerator, "vfleet.probe"),
        "-chardev", $"file,id=console,path={Escape(console)}", "-serial", "chardev:console",
    ];

    private static IEnumerable<string> Machine(Accelerator accelerator)
    {
        string half = string.Create(CultureInfo.InvariantCulture, $"{MemoryMegabytes / 2}M");
        return
        [
            "-accel", accelerator == Accelerator.Kvm ? "kvm" : Emulation,
            "-machine", $"q35,kernel-irqchip={(accelerator == Accelerator.Kvm ? "split" : "off")}",
            "-cpu", "max",
            "-smp", "2,sockets=2",
            "-m", string.Create(CultureInfo.InvariantCulture, $"{MemoryMegabytes}M"),
            "-object", $"memory-backend-ram,id=memory0,size={half}",
            "-object", $"memory-backend-ram,id=memory1,size={half}",
            "-numa", "node,nodeid=0,cpus=0,memdev=memory0",
            "-numa", "node,nodeid=1,cpus=1,memdev=memory1",
            "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none",
            "-monitor", "none",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-device", "intel-iommu,intremap=on,caching-mode=on",
        ];
    }

    private static IEnumerable<string> Boot(LabImage image, Accelerator accelerator, string parameter) =>
    [
        "-kernel", image.Kernel.Image,
        "-initrd", image.Initramfs,
        "-append", $"console=ttyS0 panic=-1 quiet intel_iommu=on iommu=pt {(accelerator == Accelerator.Tcg ? EmulatedClock : "")}{parameter}",
    ];

    private static IEnumerable<string> HostFiles(string share) =>
    [
        "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
        "-device", "virtio-9p-pci,bus=pcie.0,fsdev=host,mount_tag=host",
        "-fsdev", $"local,id=share,path={Escape(share)},security_model=none,multidevs=remap",
        "-device", "virtio-9p-pci,bus=pcie.0,fsdev=share,mount_tag=share",
    ];

    private static IEnumerable<string> Channels(LabPaths paths)
    {
        yield return "-device";
        yield return "virtio-serial-pci,bus=pcie.0";
        for (int i = 0; i < LabPaths.ChannelCount; i++)
        {
            yield return "-chardev";
            yield return $"socket,id=channel{i},path={Escape(paths.ChannelSocket(i))},server=on,wait=off";
            yield return "-device";
            yield return $"virtserialport,chardev=channel{i},name=vfleet.{i}";
        }
    }

    /// <summary>Two SR-IOV ports on one wire, each on a host bridge of its own because that is what gives it a NUMA node.</summary>
    private static IEnumerable<string> NetworkPorts()
    {
        // The guest finds the bridges last first; in this order eth0 is the port on the lower bus.
        foreach ((int node, int bus) in Enumerable.Reverse(Ports))
        {
            yield return "-device";
            yield return $"pxb-pcie,id=bridge{node},bus=pcie.0,bus_nr={bus},numa_node={node}";
        }

        foreach ((int node, int _) in Ports)
        {
            yield return "-netdev";
            yield return $"hubport,hubid=1,id=wire{node}";
            yield return "-device";
            yield return $"pcie-root-port,id=slot{node},bus=bridge{node},slot={node + 1},chassis={node + 1}";
            yield return "-device";
            yield return $"igb,bus=slot{node},netdev=wire{node},mac=52:54:00:76:66:0{node + 1}";
        }
    }

    private static IEnumerable<string> NvmeController() =>
    [
        "-device", "pcie-root-port,id=slot9,bus=pcie.0,slot=9,chassis=9",
        "-device", "nvme-subsys,id=subsystem",
        "-device", "nvme,serial=vfleet-lab,subsys=subsystem,bus=slot9,"
            + "sriov_max_vfs=127,max_ioqpairs=512,msix_qsize=512,sriov_vq_flexible=254,sriov_vi_flexible=127",
    ];

    /// <summary>In an option's value a comma is written twice.</summary>
    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
