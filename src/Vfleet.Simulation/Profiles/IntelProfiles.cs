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
        Identity = new(Intel, 0x10c9, Intel, 0xa02c, Ethernet, 1),
        Addresses = [new(0, 0x0100), new(0, 0x0200)],
        TotalVfs = 7,
        HardwareTotalVfs = 8,
        Offsets = [128],
        Stride = 2,
        VfDevice = 0x10ca,
        Link = new(1, 1, 1, 4),
        Timing = MachineTiming.OfMilliseconds(creation: 15, removal: 400, probe: 50, reset: 105, carrier: 1000),
        Traits = new()
        {
            PfDriver = "igb",
            VfDriver = "igbvf",
            SpeedMbps = 1000,
            FirmwareVersion = "0. 0. 1",
            MinimumRate = MinimumRate.Refused,
            RateNeedsLink = true,
            RateIsCapped = true,
            DropsForgedFrames = false,
            VfNeedsPfAtProbe = true,
            RestartsForVfs = true,
            ForeignMacRefusal = Errno.EADDRNOTAVAIL,
        },
    };
}
