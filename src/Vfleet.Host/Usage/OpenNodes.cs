using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Usage;

/// <summary>
/// Programs that work on a VF through a device node which anybody may open, so that opening it tells nothing: uio's, and RDMA's. They are
/// found by their open files.
/// </summary>
/// <param name="files">The kernel's files.</param>
internal sealed class OpenNodes(IFileTree files)
{
    private readonly Lazy<Outcome<Dictionary<string, int>>> _open = new(() => Find(files));

    /// <summary>Who holds a node of the VF. Equivalent to <c>fuser /dev/uio0</c>.</summary>
    /// <returns>The reason in words, or null where nobody does; a fault where it cannot be known.</returns>
    public Outcome<string?> HolderOf(VirtualFunction vf)
    {
        // A VFIO group tells by itself; a function without driver has no nodes.
        string? kind = vf switch
        {
            { Address: null } or { Driver: null } => null,
            _ when KnownDrivers.IsVfio(vf.Driver) => null,
            _ => KnownDrivers.IsUserSpace(vf.Driver) ? "uio" : "infiniband_verbs",
        };
        if (kind is null)
            return Outcome<string?>.Of(null);
        if (!files.List($"{vf.Address!.Value.SysfsPath}/{kind}").Try(out IReadOnlyList<string>? nodes, out Fault? fault))
            return fault.Kind == FaultKind.NotFound ? Outcome<string?>.Of(null) : fault;
        if (nodes.Count == 0)
            return Outcome<string?>.Of(null);
        if (!_open.Value.Try(out Dictionary<string, int>? open, out fault))
            return fault;
        string? held = nodes.FirstOrDefault(open.ContainsKey);
        return Outcome<string?>.Of(held is null ? null : string.Create(CultureInfo.InvariantCulture, $"its device node {held} is open in process {open[held]}"));
    }

    /// <summary>Names of device nodes that are open, each with a process that has it. A container may know the node by another path, so only the name counts.</summary>
    private static Outcome<Dictionary<string, int>> Find(IFileTree files)
    {
        if (!files.List("/proc").Try(out IReadOnlyList<string>? entries, out Fault? fault))
            return fault;
        Dictionary<string, int> open = new(StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            if (!int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out int process))
                continue;
            if (!files.List($"/proc/{process}/fd").Try(out IReadOnlyList<string>? descriptors, out fault))
            {
                // A process that ended meanwhile holds nothing.
                if (fault.Kind == FaultKind.NotFound || fault.Errno == Errno.ESRCH)
                    continue;
                return fault;
            }
            foreach (string descriptor in descriptors)
            {
                if (files.ReadLink($"/proc/{process}/fd/{descriptor}").Or(null) is { } target && target.StartsWith('/'))
                    open.TryAdd(target[(target.LastIndexOf('/') + 1)..], process);
            }
        }
        return open;
    }
}
