using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Usage;

/// <summary>
/// Marks of a program that gives VFs away beside this one, such as the CNI plugin before ours: a VF on vfio-pci shows nothing else of its owner until a
/// program opens it. A mark whose namespace is gone is stale; one that is empty, as when the machine failed while it was written, is not known to be.
/// </summary>
/// <param name="kernel">Opens namespaces.</param>
/// <param name="folder">A file per PCI address, with the path of a namespace in it; null for none.</param>
internal sealed class ForeignMarks(IKernel kernel, string? folder)
{
    /// <summary>Who has a VF by its mark, in words; null where it has none, or a stale one.</summary>
    public Outcome<string?> HolderOf(VirtualFunction vf)
    {
        if (folder is null || vf.Address is not { } address)
            return Outcome<string?>.Of(null);
        string mark = Path.Combine(folder, address.ToString());
        try
        {
            string path = File.ReadAllText(mark).Trim();
            if (path.Length == 0)
                return Outcome<string?>.Of($"{mark} is empty: another program gave it away, to whom is unknown; remove the file when that has ended");
            Outcome<NetworkNamespace> opened = kernel.OpenNamespace(path);
            if (opened.Try(out NetworkNamespace? space, out Fault? fault))
            {
                space.Dispose();
                return Outcome<string?>.Of($"{mark} says that another program gave it to {path}");
            }
            return fault.Kind is FaultKind.NotFound or FaultKind.Usage ? Outcome<string?>.Of(null) : fault;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The file system's only ways to say that there is none.
            return Outcome<string?>.Of(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be looked at is not free.
            return Fault.Unsupported($"whether another program has {vf.Label} cannot be known: {mark} cannot be read", e.Message, null, vf.Label);
        }
    }
}
