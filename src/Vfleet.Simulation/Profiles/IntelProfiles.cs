using Vfleet.Simulation.Drivers;

namespace Vfleet.Simulation.Profiles;

/// <summary>Intel's NICs.</summary>
internal static class IntelProfiles
{
    private const ushort Intel = 0x8086;
    private const uint Ethernet = 0x020000;

    /// <summary>82576 as the lab emulates it: two single-port cards on two NUMA nodes, one wire between them.</summary>
    public static MachineProfile Igb { get; } = new()
    {
        Name = "igb",
        Driver = "igb",
        TotalVfs = 7,
        Timing = MachineTiming.OfMilliseconds(creation: 15, removal: 400, probe: 50, reset: 105, carrier: 1000),
        Card = new()
        {
            Identity = new(Intel, 0x10c9, Intel, 0xa02c, Ethernet, 1),
            Addresses = [new(0, 0x0100), new(0, 0x0200)],
            HardwareTotalVfs = 8,
            Offsets = [128],
            Stride = 2,
            VfDevice = 0x10ca,
            Link = new(1, 1, 1, 4),
        },
        Traits = new()
        {
            PfDriver = "igb",
            VfDriver = "igbvf",
            SpeedMbps = 1000,
            FirmwareVersion = "0. 0. 1",
            RateNeedsLink = true,
            RateCap = RateCap.Always,
            DropsForgedFrames = false,
            VfNeedsPfAtProbe = true,
            RestartsForVfs = true,
            ForeignMacRefusal = Errno.EADDRNOTAVAIL,
        },
    };

    /// <summary>82599 with two ports.</summary>
    public static MachineProfile Ixgbe { get; } = new()
    {
        Name = "ixgbe",
        Driver = "ixgbe",
        TotalVfs = 63,
        Timing = MachineTiming.OfMilliseconds(creation: 10, removal: 50, probe: 900, reset: 105, carrier: 2000),
        Card = new()
        {
            Identity = new(Intel, 0x10fb, Intel, 0x0003, Ethernet, 1),
            Addresses = [new(0, 0x0500), new(0, 0x0501)],
            HardwareTotalVfs = 64,
            Offsets = [128],
            Stride = 2,
            VfDevice = 0x10ed,
            MsixVectors = 64,
            Link = new(2, 8, 2, 8),
        },
        Traits = new()
        {
            PfDriver = "ixgbe",
            VfDriver = "ixgbevf",
            SpeedMbps = 10_000,
            FirmwareVersion = "0x800003df",
            SetsLinkState = true,
            IgnoresLinkStateEnable = true,
            RateNeedsLink = true,
            RateFloor = 10,
            RateCap = RateCap.Always,
            RssQuery = true,
            Statistics = true,
            VfNeedsPfAtProbe = true,
            RestartsForVfs = true,
            ForeignMacRefusal = Errno.EPERM,
        },
    };

    /// <summary>XL710 with two ports; the second port's VFs lie behind the first one's.</summary>
    public static MachineProfile I40e { get; } = new()
    {
        Name = "i40e",
        Driver = "i40e",
        TotalVfs = 64,
        Timing = MachineTiming.OfMilliseconds(creation: 340, removal: 20, probe: 100, reset: 105, carrier: 1000),
        Card = new()
        {
            Identity = new(Intel, 0x1583, Intel, 0x0002, Ethernet, 2),
            Addresses = [new(0, 0x1800), new(0, 0x1801)],
            Offsets = [16, 79],
            Stride = 1,
            VfDevice = 0x154c,
            MsixVectors = 129,
            VfMsixVectors = 5,
        },
        Traits = new()
        {
            PfDriver = "i40e",
            VfDriver = "iavf",
            SpeedMbps = 40_000,
            FirmwareVersion = "9.20 0x8000d8c5 1.3353.0",
            SetsLinkState = true,
            RateCap = RateCap.WhileUp,
            Statistics = true,
            MacIsTakenLive = true,
            Devlink = true,
            ForeignMacRefusal = Errno.EACCES,
            Trunk = TrunkStyle.List,
        },
    };

    /// <summary>Two E810-C, one port each: 256 VFs that run over the end of the PF's bus.</summary>
    public static MachineProfile Ice { get; } = new()
    {
        Name = "ice",
        Driver = "ice",
        TotalVfs = 256,
        Timing = MachineTiming.OfMilliseconds(creation: 15, removal: 20, probe: 60, reset: 105, carrier: 1000),
        Card = new()
        {
            Identity = new(Intel, 0x1592, Intel, 0x0002, Ethernet, 2),
            Addresses = [new(0, 0x3b00), new(0, 0x5e00)],
            Offsets = [8],
            Stride = 1,
            VfDevice = 0x1889,
            MsixVectors = 1024,
            VfMsixVectors = 17,
            VfTotalMsix = 1024,
            Link = new(4, 16, 4, 16),
        },
        Traits = new()
        {
            PfDriver = "ice",
            VfDriver = "iavf",
            SpeedMbps = 100_000,
            FirmwareVersion = "4.40 0x8001c967 1.3534.0",
            SetsLinkState = true,
            MinimumRate = MinimumRate.Checked,
            RateCap = RateCap.Always,
            Qinq = true,
            Statistics = true,
            MsixCount = true,
            Devlink = true,
            Switchdev = true,
            SwitchdevNeedsNoVfs = true,
            RefusesTrustInSwitchdev = true,
            MacIsTakenLive = true,
            ForeignMacRefusal = Errno.EACCES,
        },
    };
}
