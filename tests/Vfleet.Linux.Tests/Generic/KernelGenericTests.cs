using Vfleet.Linux.Generic;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Tests.Generic;

public sealed class KernelGenericTests
{
    private readonly LinuxKernel _kernel = new();

    [KernelFact]
    public async Task Controller_knows_itself()
    {
        using GenericClient client = new(Expect.Value(NetlinkClient.Open(_kernel, NetlinkProtocol.Generic)), "nlctrl");
        GenericFamily family = Expect.Value(await client.FamilyAsync());
        Assert.Equal(GenericClient.ControllerId, family.Id);
        Assert.Contains("notify", family.Groups.Keys);
    }

    [KernelFact]
    public async Task Unknown_family_is_the_kernels_lack()
    {
        using GenericClient client = new(Expect.Value(NetlinkClient.Open(_kernel, NetlinkProtocol.Generic)), "vfleet-none");
        Assert.Equal((FaultKind.Kernel, Errno.ENOENT), (Expect.Fault(await client.FamilyAsync()).Kind, Expect.Fault(await client.FamilyAsync()).Errno!.Value));
    }

    [KernelFact]
    public async Task Devlink_lists_devices_or_says_that_the_kernel_has_none()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(_kernel));
        Outcome<List<DevlinkDevice>> devices = await client.ListDevicesAsync();
        if (devices.Fault is { } fault)
            Assert.Equal(FaultKind.Kernel, fault.Kind);
        else
            Assert.All(devices.Value, device => Assert.NotEqual("", device.Handle.Device));
    }
}
