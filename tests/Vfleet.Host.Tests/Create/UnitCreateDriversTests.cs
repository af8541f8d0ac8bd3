using Vfleet.Host.Create;
using Vfleet.Host.Inventory;

namespace Vfleet.Host.Tests.Create;

public sealed class UnitCreateDriversTests
{
    private static readonly DriverRange[] Split = [new(0, 1, "vfio-pci"), new(3, 3, null)];

    [Fact]
    public async Task VfsOfOneCreationGetDifferentDriversAndMeetNoOther()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 4, null, Split, force: false)).Value;
        Assert.Contains("bind 2 VFs to vfio-pci", plan.Steps);
        Assert.Contains("bind 1 VFs to igbvf", plan.Steps);

        IReadOnlyList<VirtualFunction> vfs = (await machine.Host.Creator.ApplyAsync(plan, force: false)).Value;

        Assert.Equal(["vfio-pci", "vfio-pci", "igbvf", null], vfs.Select(vf => vf.Driver));
        Assert.Equal([0, 0, 1, 0], vfs.Select(vf => machine.Simulated.Machine.NativeProbeCount(vf.Address!.Value)));
    }

    [Fact]
    public async Task VfsWithoutDriverGetTheirOwnByTheSamePlan()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4, driver: "none");
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 4, null, Split, force: false)).Value;
        Assert.Equal([0, 1, 2], plan.Unbound.Select(vf => vf.Index));
        IReadOnlyList<VirtualFunction> vfs = (await machine.Host.Creator.ApplyAsync(plan, force: false)).Value;
        Assert.Equal(["vfio-pci", "vfio-pci", "igbvf", null], vfs.Select(vf => vf.Driver));
    }
}
