using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Vfio;

namespace Vfleet.Linux.Tests.Vfio;

/// <summary>Sizes and numbers of include/uapi/linux/vfio.h on x86-64 and arm64.</summary>
public sealed class UnitVfioTests
{
    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(8, Unsafe.SizeOf<VfioGroupStatus>());
        Assert.Equal(24, Unsafe.SizeOf<VfioDeviceInfo>());
        Assert.Equal(4, Marshal.OffsetOf<VfioGroupStatus>(nameof(VfioGroupStatus.Flags)));
        Assert.Equal(4, Marshal.OffsetOf<VfioDeviceInfo>(nameof(VfioDeviceInfo.Flags)));
        Assert.Equal(12, Marshal.OffsetOf<VfioDeviceInfo>(nameof(VfioDeviceInfo.Interrupts)));
    }

    [Fact]
    public void Requests_have_the_kernels_numbers()
    {
        Assert.Equal(0x3b64u, VfioNative.GetApiVersion);
        Assert.Equal(0x3b65u, VfioNative.CheckExtension);
        Assert.Equal(0x3b66u, VfioNative.SetIommu);
        Assert.Equal(0x3b67u, VfioNative.GroupGetStatus);
        Assert.Equal(0x3b68u, VfioNative.GroupSetContainer);
        Assert.Equal(0x3b6au, VfioNative.GroupGetDeviceFd);
        Assert.Equal(0x3b6bu, VfioNative.DeviceGetInfo);
        Assert.Equal(0x3b6fu, VfioNative.DeviceReset);
    }

    [Fact]
    public void A_group_nobody_has_is_not_found()
    {
        const int NoSuchGroup = int.MaxValue;

        Fault fault = Expect.Fault(VfioGroup.IsOpen(NoSuchGroup));

        Assert.Equal(FaultKind.NotFound, fault.Kind);
    }

    [Fact]
    public void Opening_what_is_not_there_is_a_fault_with_a_remedy()
    {
        Fault fault = Expect.Fault(VfioDevice.Open(new PciAddress(0, 0x4200), int.MaxValue));

        Assert.NotNull(fault.Remedy);
        Assert.NotNull(fault.Cause);
    }
}
