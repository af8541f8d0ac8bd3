using System.Text.Json;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Config;

/// <summary>
/// A network's configuration as the runtime gives it on standard input. Keys and rules are those of today's plugin; docs/cni.md lists ours.
/// </summary>
internal sealed record NetworkConfig
{
    /// <summary>The largest configuration that is read, in bytes.</summary>
    public const int Largest = 1 << 20;

    /// <summary>What was read, for the address plugin.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The version its results are written for.</summary>
    public required string CniVersion { get; init; }

    /// <summary>The network's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>PCI address of the VF; null where the pool's next free one is wanted.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The pool; null for whatever pool the VF is in.</summary>
    public string? Pool { get; init; }

    /// <summary>Whom the VF is charged to; null where nobody says.</summary>
    public string? Tenant { get; init; }

    /// <summary>What the VF is set to.</summary>
    public VfSettings Settings { get; init; } = new();

    /// <summary>MTU of the interface in bytes; null leaves it.</summary>
    public int? Mtu { get; init; }

    /// <summary>The interface receives frames for every group.</summary>
    public bool AllMulticast { get; init; }

    /// <summary>Two VFs on two PFs as one interface; null for one VF.</summary>
    public BondSettings? Bond { get; init; }

    /// <summary>Name of the address plugin; null for none.</summary>
    public string? IpamType { get; init; }

    /// <summary>The result of ADD, where CHECK is given it.</summary>
    public JsonElement? Previous { get; init; }

    /// <summary>GC: attachments that live on.</summary>
    public IReadOnlySet<(string ContainerId, string InterfaceName)> Valid { get; init; } = new HashSet<(string, string)>();

    /// <summary>True where GC was given the list at all.</summary>
    public bool HasValid { get; init; }

    /// <summary>Directory of the ledger; null for the usual one.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>File that lines are appended to; null for standard error.</summary>
    public string? LogFile { get; init; }

    /// <summary>Which lines are wanted; null for what is usual where they go.</summary>
    public CniLogLevel? LogLevel { get; init; }
}
