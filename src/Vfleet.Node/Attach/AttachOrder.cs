using Vfleet.Host.Attach;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Attach;

/// <summary>Where an allocation's VFs go, and how.</summary>
public sealed record AttachOrder
{
    /// <summary>
    /// Path of the network namespace; null where an engine moves the interfaces itself: then where they are, and how they are called there,
    /// is the engine's affair, and no pass puts them back.
    /// </summary>
    public required string? NamespacePath { get; init; }

    /// <summary>Name of the interface there; several VFs get a number behind it, from 0.</summary>
    public string InterfaceName { get; init; } = "eth0";

    /// <summary>See <see cref="AttachRequest.NameWord"/>.</summary>
    public string NameWord { get; init; } = "--name";

    /// <summary>Addresses of the first VF's interface.</summary>
    public IReadOnlyList<IPNetworkAddress> Addresses { get; init; } = [];

    /// <summary>MTU in bytes; null leaves it.</summary>
    public int? Mtu { get; init; }

    /// <summary>The interfaces receive frames for every group, as long as they are there.</summary>
    public bool AllMulticast { get; init; }

    /// <summary>Settings of each VF.</summary>
    public VfSettings Settings { get; init; } = new();

    /// <summary>Overrides refusals that may be overridden.</summary>
    public bool Force { get; init; }

    /// <summary>Writes down what is overridden on a VF: see <see cref="AttachRequest.WriteDown"/>.</summary>
    public Func<string, IReadOnlyList<string>, Task<Outcome<Unit>>>? WriteDown { get; init; }

    /// <summary>The same for one VF, as the host is asked for it.</summary>
    /// <param name="vf">The VF.</param>
    public AttachRequest For(string vf) => For(null, vf, 0, 1);

    /// <summary>The same for one VF of the allocation.</summary>
    internal AttachRequest For(string? allocation, string vf, int place, int count) => new()
    {
        Allocation = allocation,
        Vf = vf,
        NamespacePath = NamespacePath,
        InterfaceName = count == 1 ? InterfaceName : $"{InterfaceName}{place}",
        NameWord = NameWord,
        Addresses = place == 0 ? Addresses : [],
        Mtu = Mtu,
        AllMulticast = AllMulticast,
        Settings = Settings,
        Force = Force,
        WriteDown = WriteDown is { } write ? overridden => write(vf, overridden) : null,
    };
}

/// <summary>What was attached.</summary>
/// <param name="Allocation">The allocation.</param>
/// <param name="Vfs">Its VFs, as the host handed them out.</param>
/// <param name="Warnings">What did not work out although the VFs are attached, such as tuning that a driver refuses.</param>
public sealed record NodeAttachment(LedgerAllocation Allocation, IReadOnlyList<AttachResult> Vfs, IReadOnlyList<string> Warnings);
