using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Repair;

/// <summary>The state a VF's owner got it in, and where.</summary>
public sealed record HeldState
{
    /// <summary>The VF as it is called.</summary>
    public required string Vf { get; init; }

    /// <summary>Driver, settings, interface name and MTU. The interface's own address is its owner's to change.</summary>
    public required Baseline State { get; init; }

    /// <summary>Path of the namespace it has to be in; null for this process's own, and for a VF without interface.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>Addresses that are put on again where the interface was lost.</summary>
    public IReadOnlyList<IPNetworkAddress> Addresses { get; init; } = [];

    /// <summary>What differs, in words; empty for a VF that is as it has to be.</summary>
    /// <param name="kernel">Opens namespaces, whose paths may differ although they are the same.</param>
    /// <param name="vf">The VF as it was read, its settings included.</param>
    public IReadOnlyList<string> Differences(IKernel kernel, VirtualFunction vf)
    {
        List<string> found = [];
        if (vf.Driver != State.Driver)
            found.Add($"driver {vf.Driver ?? "none"} instead of {State.Driver ?? "none"}");
        else if (State.Name is not null && vf.Link is null)
            found.Add(vf.IsInterfaceElsewhere ? "its interface is in a namespace that cannot be found" : "its interface is gone");
        if (State.Name is { } name && vf.Link is { } link)
        {
            if (!IsSame(kernel, vf.NamespacePath, NamespacePath))
                found.Add($"namespace {vf.NamespacePath ?? "of the host"} instead of {NamespacePath ?? "the host's"}");
            if (link.Name != name)
                found.Add($"name {link.Name} instead of {name}");
            if (State.Mtu is { } mtu && link.Mtu != mtu)
                found.Add($"MTU {link.Mtu} instead of {mtu}");
        }
        found.AddRange(CleanState.SettingsDifferences(vf, State));
        return found;
    }

    internal static bool IsSame(IKernel kernel, string? one, string? other)
    {
        if (one == other)
            return true;
        if (one is null || other is null || kernel.OpenNamespace(one).Or(null) is not { } first)
            return false;
        using (first)
        {
            if (kernel.OpenNamespace(other).Or(null) is not { } second)
                return false;
            using (second)
                return first.Inode == second.Inode && first.Inode != 0;
        }
    }
}
