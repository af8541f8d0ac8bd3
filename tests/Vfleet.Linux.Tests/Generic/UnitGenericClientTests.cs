using Vfleet.Linux.Generic;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Generic;

public sealed class UnitGenericClientTests
{
    [Fact]
    public async Task Family_is_looked_up_once_with_its_groups()
    {
        GenericKernel script = new("devlink");
        using GenericClient client = new(Expect.Value(NetlinkClient.Open(script.Kernel, NetlinkProtocol.Generic)), "devlink");
        GenericFamily family = Expect.Value(await client.FamilyAsync());
        Assert.Equal((GenericTemplates.FamilyId, "devlink", (byte)1), (family.Id, family.Name, family.Version));
        Assert.Equal(5u, family.Groups["config"]);
        Expect.Value(await client.FamilyAsync());
        Assert.Equal(1, script.Lookups);
    }

    [Fact]
    public async Task Absent_family_is_the_kernels_lack_with_cause_and_remedy()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(new GenericKernel("other").Kernel));
        Fault fault = Expect.Fault(await client.ListDevicesAsync());
        Assert.Equal(FaultKind.Kernel, fault.Kind);
        Assert.Contains("devlink", fault.Error, StringComparison.Ordinal);
        Assert.Contains("CONFIG_NET_DEVLINK", fault.Cause, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
        Assert.Equal("devlink dev show", fault.Operation);
    }
}
