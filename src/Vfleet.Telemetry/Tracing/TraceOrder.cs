using Vfleet.Host.Inventory;
using Vfleet.Linux.Pci;
using Vfleet.Telemetry.Capture;

namespace Vfleet.Telemetry.Tracing;

/// <summary>What is traced.</summary>
public enum TraceKind
{
    /// <summary>How long packets take from the interrupt to the socket.</summary>
    Latency,

    /// <summary>Packets the kernel drops, with its reasons.</summary>
    Drops,

    /// <summary>The VF's interrupts, by vector.</summary>
    Interrupts,
}

/// <summary>The VF that is traced, told so that no other is meant: names of interfaces are alike in two namespaces, numbers are not.</summary>
/// <param name="Interface">Its interface; null for none.</param>
/// <param name="InterfaceIndex">That interface's index; 0 for none.</param>
/// <param name="NamespaceInode">Inode of the namespace it is in; 0 for none.</param>
/// <param name="Vectors">Numbers of its interrupts, as <c>msi_irqs</c> lists them.</param>
public sealed record TraceTarget(string? Interface, int InterfaceIndex, ulong NamespaceInode, IReadOnlyList<int> Vectors)
{
    private const string OwnNamespace = "/proc/self/ns/net";

    /// <summary>True where it has an interface on this machine.</summary>
    public bool HasInterface => InterfaceIndex > 0 && NamespaceInode > 0;

    /// <summary>Finds a VF's interface and interrupts.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="vf">The VF as it was read just now.</param>
    public static Outcome<TraceTarget> Of(IKernel kernel, VirtualFunction vf)
    {
        IReadOnlyList<int> vectors = [];
        if (vf.Address is { } address && !new PciInterrupts(kernel.Files).Vectors(address).Try(out vectors!, out Fault? fault))
            return fault;
        if (CapturePoint.OwnInterface(vf).Or(null) is not { } point)
            return new TraceTarget(null, 0, 0, vectors);
        if (!kernel.OpenNamespace(point.NamespacePath ?? OwnNamespace).Try(out NetworkNamespace? within, out fault))
            return fault;
        using (within)
            return new TraceTarget(point.Interface, point.InterfaceIndex, within.Inode, vectors);
    }
}
