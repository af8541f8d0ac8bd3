using Vfleet.Simulation.Drivers;

namespace Vfleet.Simulation.Profiles;

/// <summary>NVIDIA's NICs, an NVMe controller, and the kernel's own simulated NIC.</summary>
internal static class OtherProfiles
{
    private const ushort Mellanox = 0x15b3, RedHat = 0x1b36;

    /// <summary>ConnectX-6 Dx with two ports; one driver has PFs and VFs.</summary>
    public static MachineProfile Mlx5 { get; } = new()
    {
        Name = "mlx5",
        Driver = "mlx5_core",
        TotalVfs = 127,
        Timing = MachineTiming.OfMilliseconds(creation: 220, removal: 200, probe: 250, reset: 105, carrier: 500),
        Card = new()
        {
            Identity = new(Mellanox, 0x101d, Mellanox, 0x0017, 0x020000, 0),
            Addresses = [new(0, 0x8100), new(0, 0x8101)],
            // Each port has the addresses of 128 VFs to itself.
            Offsets = [2, 128],
            Stride = 1,
            VfDevice = 0x101e,
            MsixVectors = 64,
            VfMsixVectors = 12,
            VfTotalMsix = 1024,
            Link = new(4, 16, 4, 16),
        },
        Traits = new()
        {
            PfDriver = "mlx5_core",
            VfDriver = "mlx5_core",
            SpeedMbps = 100_000,
            FirmwareVersion = "22.41.1000 (MT_0000000359)",
            FirmwareComponent = "fw.version",
            PhysicalPortName = "p0",
            SetsLinkState = true,
            MinimumRate = MinimumRate.Accepted,
            Statistics = true,
            Guids = true,
            MsixCount = true,
            Devlink = true,
            Switchdev = true,
            RefusesTrustInSwitchdev = true,
            RefusesRateInSwitchdev = true,
            SpoofCheckByDefault = false,
            PfLearnsVfMac = false,
            Trunk = TrunkStyle.Ranges,
        },
    };

    /// <summary>The lab's NVMe controller: PCI functions without an interface, 127 of them.</summary>
    public static MachineProfile Nvme { get; } = new()
    {
        Name = "nvme",
        Driver = "nvme",
        TotalVfs = 127,
        Timing = MachineTiming.OfMilliseconds(creation: 12, removal: 55, probe: 10, reset: 105, carrier: 0),
        Card = new()
        {
            Identity = new(RedHat, 0x0010, 0x1af4, 0x1100, 0x010802, 2),
            Addresses = [new(0, 0x0300)],
            Offsets = [1],
            Stride = 1,
            VfDevice = 0x0010,
            MsixVectors = 65,
            VfMsixVectors = 1,
            Link = new(1, 1, 1, 1),
        },
    };

    /// <summary>netdevsim: no PCI device, no VF interfaces, no packets; as many VFs as its max_vfs says.</summary>
    public static MachineProfile Netdevsim { get; } = new()
    {
        Name = "netdevsim",
        Driver = "netdevsim",
        TotalVfs = 4,
        Traits = new()
        {
            PfDriver = "netdevsim",
            FirmwareVersion = "10.20.30",
            SpeedMbps = 10_000,
            PhysicalPortName = "p1",
            SetsLinkState = true,
            MinimumRate = MinimumRate.Accepted,
            Qinq = true,
            RssQuery = true,
            Devlink = true,
            Switchdev = true,
            RefusesRateInSwitchdev = true,
            SpoofCheckByDefault = false,
        },
    };
}
