using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vfleet.Linux.Vfio;

/// <summary>The system calls VFIO needs. Structures and numbers: include/uapi/linux/vfio.h.</summary>
internal static partial class VfioNative
{
    /// <summary>VFIO_GET_API_VERSION, on a container.</summary>
    public const nuint GetApiVersion = Base + 0;

    /// <summary>VFIO_CHECK_EXTENSION, on a container.</summary>
    public const nuint CheckExtension = Base + 1;

    /// <summary>VFIO_SET_IOMMU, on a container with a group.</summary>
    public const nuint SetIommu = Base + 2;

    /// <summary>VFIO_GROUP_GET_STATUS.</summary>
    public const nuint GroupGetStatus = Base + 3;

    /// <summary>VFIO_GROUP_SET_CONTAINER.</summary>
    public const nuint GroupSetContainer = Base + 4;

    /// <summary>VFIO_GROUP_GET_DEVICE_FD.</summary>
    public const nuint GroupGetDeviceFd = Base + 6;

    /// <summary>VFIO_DEVICE_GET_INFO.</summary>
    public const nuint DeviceGetInfo = Base + 7;

    /// <summary>VFIO_DEVICE_RESET.</summary>
    public const nuint DeviceReset = Base + 11;

    /// <summary>VFIO_API_VERSION.</summary>
    public const int ApiVersion = 0;

    /// <summary>VFIO_TYPE1_IOMMU.</summary>
    public const nint Type1Iommu = 1;

    /// <summary>VFIO_TYPE1v2_IOMMU.</summary>
    public const nint Type1V2Iommu = 3;

    // _IO(';', 100): no direction, no size, the type in bits 15:8 (include/uapi/asm-generic/ioctl.h).
    private const nuint Base = (';' << 8) + 100;

    private const int ReadWrite = 0x2;
    private const int CloseOnExec = 0x80000;

    /// <summary>Opens a VFIO character device. See open(2).</summary>
    public static Outcome<SafeFileHandle> Open(string path)
    {
        int descriptor = NativeOpen(path, ReadWrite | CloseOnExec);
        return descriptor < 0
            ? Fault.FromErrno((Errno)Marshal.GetLastPInvokeError(), $"open {path}", path)
            : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>An ioctl whose argument is a number or nothing. See ioctl(2).</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, nint argument);

    /// <summary>An ioctl whose argument is a descriptor, by reference.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, ref int argument);

    /// <summary>VFIO_GROUP_GET_STATUS.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, ref VfioGroupStatus argument);

    /// <summary>VFIO_DEVICE_GET_INFO.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, ref VfioDeviceInfo argument);

    /// <summary>VFIO_GROUP_GET_DEVICE_FD: the device's name goes in, its descriptor comes back.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Control(SafeFileHandle file, nuint request, string argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);
}

/// <summary>struct vfio_group_status.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VfioGroupStatus
{
    /// <summary>VFIO_GROUP_FLAGS_VIABLE.</summary>
    public const uint Viable = 1;

    /// <summary>Size of the structure, set by the caller.</summary>
    public uint ArgumentSize;

    /// <summary>What the kernel says.</summary>
    public uint Flags;
}

/// <summary>struct vfio_device_info.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VfioDeviceInfo
{
    /// <summary>VFIO_DEVICE_FLAGS_RESET.</summary>
    public const uint CanReset = 1;

    /// <summary>Size of the structure, set by the caller.</summary>
    public uint ArgumentSize;

    /// <summary>What the kernel says.</summary>
    public uint Flags;

    /// <summary>Highest region index + 1.</summary>
    public uint Regions;

    /// <summary>Highest interrupt index + 1.</summary>
    public uint Interrupts;

    /// <summary>Where capabilities start in the structure.</summary>
    public uint CapabilityOffset;

    /// <summary>The structure's tail padding in newer headers.</summary>
    public uint Padding;
}
