using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>What to hand out, where to, and how.</summary>
public sealed record AttachRequest
{
    /// <summary>The VF as people call it.</summary>
    public required string Vf { get; init; }

    /// <summary>
    /// Path of the network namespace, such as /run/netns/blue or /proc/4711/ns/net. Null where somebody else moves the interface: it is
    /// made ready on the host, down, without alternative names, and gets neither name nor addresses.
    /// </summary>
    public required string? NamespacePath { get; init; }

    /// <summary>Name of the interface there.</summary>
    public string InterfaceName { get; init; } = "eth0";

    /// <summary>How whoever asks was told that name, for the error where it is taken.</summary>
    public string NameWord { get; init; } = "--name";

    /// <summary>Addresses to put on it.</summary>
    public IReadOnlyList<IPNetworkAddress> Addresses { get; init; } = [];

    /// <summary>MTU in bytes; null leaves it.</summary>
    public int? Mtu { get; init; }

    /// <summary>The interface receives frames for every group, as long as it is there.</summary>
    public bool AllMulticast { get; init; }

    /// <summary>Settings of the VF.</summary>
    public VfSettings Settings { get; init; } = new();

    /// <summary>The allocation it is for, where a ledger hands VFs out; written into the record.</summary>
    public string? Allocation { get; init; }

    /// <summary>Overrides refusals that may be overridden; written into the record.</summary>
    public bool Force { get; init; }

    /// <summary>Writes down what is overridden, under the VF's lock and before the first change; else nothing is changed.</summary>
    public Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? WriteDown { get; init; }
}

/// <summary>What was handed out.</summary>
public sealed record AttachResult
{
    /// <summary>The VF.</summary>
    public required string Vf { get; init; }

    /// <summary>Where it is.</summary>
    public required string NamespacePath { get; init; }

    /// <summary>The VF as it is now, its settings and its interface there included; null where nothing was done.</summary>
    public VirtualFunction? Now { get; init; }

    /// <summary>Its interface there; null for a VF with a user-space driver.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>The interface's MAC.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The interface's MTU in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Addresses put on it.</summary>
    public IReadOnlyList<IPNetworkAddress> Addresses { get; init; } = [];

    /// <summary>Device nodes a program needs for a VF on vfio-pci.</summary>
    public IReadOnlyList<string> DeviceNodes { get; init; } = [];

    /// <summary>What the caller should know although it worked.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
