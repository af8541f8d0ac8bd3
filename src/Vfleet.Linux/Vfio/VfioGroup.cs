using Microsoft.Win32.SafeHandles;
using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Vfio;

/// <summary>Looks at VFIO groups without touching their devices.</summary>
internal static class VfioGroup
{
    /// <summary>
    /// Opens and closes the group: the kernel lets one opener in at a time. Nothing is reset. Equivalent to
    /// <c>exec 3&lt;&gt;/dev/vfio/N</c>.
    /// </summary>
    /// <returns>True when another process holds it; NotFound when no device of the group is bound to a vfio driver.</returns>
    public static Outcome<bool> IsOpen(int group)
    {
        if (VfioNative.Open(PciPath.VfioGroup(group)).Try(out SafeFileHandle? file, out Fault? fault))
        {
            file.Dispose();
            return false;
        }

        return fault.Errno is Errno.EBUSY ? true : fault;
    }
}
