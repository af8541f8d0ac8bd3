using System.Net;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>One end of a probe: an interface of a VF, with an IPv4 address on it.</summary>
/// <param name="Within">The namespace it is in; null for this process's own. Stays the caller's.</param>
/// <param name="InterfaceName">Its name there.</param>
/// <param name="Ip">Its IPv4 address.</param>
public sealed record ProbeEnd(NetworkNamespace? Within, string InterfaceName, IPAddress Ip)
{
    /// <summary>What the device says about the VF: the promises that are measured. Null where nothing is known.</summary>
    public VfInfo? Says { get; init; }

    /// <summary>The VLAN the device says the VF is on; 0 for none.</summary>
    public int Vlan => Says?.Vlan ?? 0;
}

/// <summary>How probes wait.</summary>
public sealed record ProbeOptions
{
    /// <summary>Longest wait for one packet; what has not come by then counts as lost.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Frames of each sort.</summary>
    public int Frames { get; init; } = 3;

    /// <summary>Clock and timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A number that tells this probe's frames from those of an earlier one.</summary>
    internal uint NextRun() => unchecked((uint)Time.GetTimestamp());
}
