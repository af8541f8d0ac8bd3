namespace Vfleet.Simulation.Drivers;

/// <summary>
/// What a driver lets be tuned on its interface. Sources: the ethtool_ops of Linux 6.12, drivers/net/ethernet and drivers/net/netdevsim.
/// </summary>
internal sealed record LinkLimits
{
    /// <summary>Bounds and start of the rings, in descriptors.</summary>
    public required (uint Smallest, uint Start, uint Largest) Ring { get; init; }

    /// <summary>Channels can be read and set.</summary>
    public bool Channels { get; init; } = true;

    /// <summary>tx-usecs can be set apart from rx-usecs.</summary>
    public bool TxMicroseconds { get; init; } = true;

    /// <summary>adaptive-rx and adaptive-tx can be set.</summary>
    public bool Adaptive { get; init; } = true;

    /// <summary>The driver of an interface; null for one whose limits are not known here, which refuses everything.</summary>
    public static LinkLimits? Of(string? driver) => driver switch
    {
        "igbvf" => new() { Ring = (80, 256, 4096), Channels = false, TxMicroseconds = false, Adaptive = false },
        "igb" => new() { Ring = (80, 256, 4096), Adaptive = false },
        "ixgbevf" => new() { Ring = (64, 512, 4096), Channels = false, Adaptive = false },
        "ixgbe" => new() { Ring = (64, 512, 4096), Adaptive = false },
        "iavf" => new() { Ring = (64, 512, 4096) },
        "i40e" or "ice" => new() { Ring = (64, 512, 8160) },
        "mlx5_core" => new() { Ring = (64, 1024, 8192) },
        "netdevsim" => new() { Ring = (0, 512, 4096) },
        _ => null,
    };
}
