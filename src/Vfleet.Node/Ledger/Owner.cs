namespace Vfleet.Node.Ledger;

/// <summary>Whom a VF is for: the name people know, and an identity that survives reuse of paths and numbers.</summary>
public sealed record Owner
{
    /// <summary>The name people know: a container, a pod <c>namespace/name</c>, a VM, a service. 1 to 253 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public OwnerKind Kind { get; init; } = OwnerKind.Name;

    /// <summary>The boot it lives on; owners other than names end with it.</summary>
    public string? BootId { get; init; }

    /// <summary>Path of its network namespace when it was last seen.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>SO_NETNS_COOKIE of its network namespace: never used twice on one boot (socket(7)); null where the kernel has none.</summary>
    public ulong? NamespaceCookie { get; init; }

    /// <summary>Inode of that namespace, for kernels without cookies.</summary>
    public ulong? NamespaceInode { get; init; }

    /// <summary>Its process.</summary>
    public int? ProcessId { get; init; }

    /// <summary>When that process started, in clock ticks since boot (proc_pid_stat(5), field 22): a reused number has another.</summary>
    public long? ProcessStart { get; init; }

    /// <summary>The front door's own words for it, such as a container's id.</summary>
    public string? Workload { get; init; }
}

/// <summary>What an owner is, and so how to ask whether it lives.</summary>
public enum OwnerKind
{
    /// <summary>A name and nothing else: it lives until it is released.</summary>
    Name,

    /// <summary>A process.</summary>
    Process,

    /// <summary>A network namespace.</summary>
    Namespace,

    /// <summary>A workload its front door asks for.</summary>
    Workload,
}
