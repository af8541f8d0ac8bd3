using Vfleet.Host.Inventory;
using Vfleet.Host.State;

namespace Vfleet.Host;

/// <summary>Where the host keeps things and how long it waits.</summary>
public sealed record HostOptions
{
    /// <summary>Directory of records that must survive a crash.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Clock and timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for one pass over the kernel's files; only a stuck driver takes that long.</summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest wait for a VF to be bound and to show its interface.</summary>
    public TimeSpan ReadyDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a PF's carrier; a cable that is out is no error.</summary>
    public TimeSpan CarrierDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for the kernel to create or remove VFs.</summary>
    public TimeSpan CountDeadline { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Longest wait for resets that were asked for together.</summary>
    public TimeSpan ResetDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the packet counters of interfaces that are up are watched before they count as idle.</summary>
    public TimeSpan TrafficSample { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Longest wait for the kernel to bring an interface back from a namespace that ended.</summary>
    public TimeSpan ReturnDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for another process that works on the same VF.</summary>
    public TimeSpan LockDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where attachment records are kept; files of <see cref="StateDirectory"/> when null.</summary>
    public IAttachmentStore? Attachments { get; init; }

    /// <summary>The store in force.</summary>
    public IAttachmentStore AttachmentsOrFiles => Attachments ?? new AttachmentStore(StateDirectory);

    /// <summary>
    /// Folder in which another program notes the VFs it gave away, as the CNI plugin before this one does: a file per PCI address, with the path of the
    /// namespace in it. Null for none.
    /// </summary>
    public string? ForeignMarks { get; init; }

    internal ReadTimer ReadTimer => new(Time, ReadDeadline);

    /// <summary>Path of the namespace this process and its VFs live in.</summary>
    public string OwnNamespacePath { get; init; } = "/proc/self/ns/net";
}
