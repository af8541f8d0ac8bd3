namespace Vfleet.Cni;

/// <summary>How the plugin behaves.</summary>
public sealed record CniOptions
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long an address plugin may take.</summary>
    public TimeSpan IpamDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a pass over the kernel's files may take. Without end: the runtime waits for the end of this process, which comes no sooner for giving
    /// up what the kernel does not give back.
    /// </summary>
    public TimeSpan ReadDeadline { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Directory of the ledger, where the configuration names none.</summary>
    public string StateDirectory { get; init; } = "/var/lib/vfleet";

    /// <summary>Where today's plugin keeps what it needs for DEL.</summary>
    public string OldCache { get; init; } = "/var/lib/cni/sriov";

    /// <summary>Where it marks the VFs it gave away: a file per PCI address.</summary>
    public string OldMarks => Path.Combine(OldCache, "pci");

    /// <summary>Number of the calling process.</summary>
    public int ProcessId { get; init; } = Environment.ProcessId;
}
