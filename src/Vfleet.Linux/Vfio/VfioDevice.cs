using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Vfio;

/// <summary>
/// A device open through VFIO, in a container of its own, so that many may be opened side by side.
/// Source: Documentation/driver-api/vfio.rst; include/uapi/linux/vfio.h.
/// </summary>
internal sealed class VfioDevice : IVfioDevice
{
    private const string ContainerPath = "/dev/vfio/vfio";
    private readonly SafeFileHandle _container;
    private readonly SafeFileHandle _group;
    private readonly SafeFileHandle _device;
    private readonly string _name;

    private VfioDevice(SafeFileHandle container, SafeFileHandle group, SafeFileHandle device, string name)
    {
        _container = container;
        _group = group;
        _device = device;
        _name = name;
    }

    /// <summary>Opens container, group and device; the kernel resets the function on the way (vfio_pci_core_enable).</summary>
    /// <param name="address">A function bound to vfio-pci.</param>
    /// <param name="group">Its IOMMU group.</param>
    /// <returns>EBUSY when another process holds the group; Kernel when the function could not be reset, since its state is then
    /// unknown.</returns>
    public static Outcome<IVfioDevice> Open(PciAddress address, int group)
    {
        string name = address.ToString();
        SafeFileHandle? container = null, members = null, device = null;
        try
        {
            if (!OpenContainer().Try(out container, out Fault? fault)
                || !OpenGroup(group, name).Try(out members, out fault)
                || !Join(container, members, name).Try(out _, out fault)
                || !OpenDevice(members, name).Try(out device, out fault))
                return fault;
            VfioDevice opened = new(container, members, device, name);
            (container, members, device) = (null, null, null);
            return Outcome<IVfioDevice>.Of(opened);
        }
        finally
        {
            device?.Dispose();
            members?.Dispose();
            container?.Dispose();
        }
    }

    /// <inheritdoc/>
    public Outcome<Unit> Reset() => VfioNative.Control(_device, VfioNative.DeviceReset, 0) < 0
        ? Last("ioctl VFIO_DEVICE_RESET", _name)
        : Unit.Done;

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Dispose();
        _group.Dispose();
        _container.Dispose();
    }

    private static Outcome<SafeFileHandle> OpenContainer()
    {
        if (!VfioNative.Open(ContainerPath).Try(out SafeFileHandle? container, out Fault? fault))
            return fault.Errno is Errno.ENOENT or Errno.ENODEV
                ? fault with { Kind = FaultKind.Kernel, Cause = "VFIO is not loaded", Remedy = "modprobe vfio-pci" }
                : fault;
        if (VfioNative.Control(container, VfioNative.GetApiVersion, 0) is var version and not VfioNative.ApiVersion)
        {
            container.Dispose();
            return version < 0
                ? Last("ioctl VFIO_GET_API_VERSION", ContainerPath)
                : Fault.Unsupported(
                    $"VFIO speaks version {version.ToString(CultureInfo.InvariantCulture)}, we speak {VfioNative.ApiVersion}");
        }

        return container;
    }

    private static Outcome<SafeFileHandle> OpenGroup(int number, string name)
    {
        string path = PciPath.VfioGroup(number);
        if (!VfioNative.Open(path).Try(out SafeFileHandle? group, out Fault? fault))
            return Explain(fault, number, name);
        VfioGroupStatus status = new() { ArgumentSize = (uint)Unsafe.SizeOf<VfioGroupStatus>() };
        if (VfioNative.Control(group, VfioNative.GroupGetStatus, ref status) < 0)
            fault = Last("ioctl VFIO_GROUP_GET_STATUS", path);
        else if ((status.Flags & VfioGroupStatus.Viable) == 0)
            fault = Fault.Unsupported(
                $"IOMMU group {number} of {name} is not viable",
                "a device in the group is in the hands of a kernel driver",
                "bind the group's other devices to vfio-pci too, or leave them without a driver",
                name);
        if (fault is null)
            return group;
        group.Dispose();
        return fault;
    }

    private static Fault Explain(Fault fault, int group, string name) => fault.Errno switch
    {
        Errno.ENOENT or Errno.ENODEV => fault with
        {
            Cause = $"no device of IOMMU group {group} is bound to a vfio driver",
            Remedy = $"vfleet vf bind {name} vfio-pci",
            Target = name,
        },
        Errno.EBUSY => fault with { Cause = "another process holds the group", Target = name },
        _ => fault,
    };

    private static Outcome<Unit> Join(SafeFileHandle container, SafeFileHandle group, string name)
    {
        nint type = Supports(container, VfioNative.Type1V2Iommu) ? VfioNative.Type1V2Iommu : VfioNative.Type1Iommu;
        if (type == VfioNative.Type1Iommu && !Supports(container, type))
            return Fault.Unsupported(
                "VFIO has no type 1 IOMMU backend", "the module vfio_iommu_type1 is not loaded", "modprobe vfio_iommu_type1", name);

        // The kernel takes the container by its descriptor's number, so the handle must not be closed meanwhile.
        bool held = false;
        try
        {
            container.DangerousAddRef(ref held);
            int descriptor = (int)container.DangerousGetHandle();
            if (VfioNative.Control(group, VfioNative.GroupSetContainer, ref descriptor) < 0)
                return Last("ioctl VFIO_GROUP_SET_CONTAINER", name);
        }
        finally
        {
            if (held)
                container.DangerousRelease();
        }

        return VfioNative.Control(container, VfioNative.SetIommu, type) < 0 ? Last("ioctl VFIO_SET_IOMMU", name) : Unit.Done;
    }

    private static bool Supports(SafeFileHandle container, nint type) =>
        VfioNative.Control(container, VfioNative.CheckExtension, type) > 0;

    private static Outcome<SafeFileHandle> OpenDevice(SafeFileHandle group, string name)
    {
        int descriptor = VfioNative.Control(group, VfioNative.GroupGetDeviceFd, name);
        if (descriptor < 0)
            return Last("ioctl VFIO_GROUP_GET_DEVICE_FD", name);
        SafeFileHandle device = new(descriptor, ownsHandle: true);
        VfioDeviceInfo info = new() { ArgumentSize = (uint)Unsafe.SizeOf<VfioDeviceInfo>() };
        Fault? fault = VfioNative.Control(device, VfioNative.DeviceGetInfo, ref info) < 0
            ? Last("ioctl VFIO_DEVICE_GET_INFO", name)
            : (info.Flags & VfioDeviceInfo.CanReset) == 0
                ? Fault.Unsupported(
                    $"VFIO could not reset {name}", "the function has no working reset", "see reset_method of the function", name)
                : null;
        if (fault is null)
            return device;
        device.Dispose();
        return fault;
    }

    private static Fault Last(string operation, string target) => Fault.FromErrno((Errno)Marshal.GetLastPInvokeError(), operation, target);
}
