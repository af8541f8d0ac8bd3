using Vfleet.Host.Inventory;
using Vfleet.Host.Repair;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Repair;

public sealed class UnitRepairTests
{
    [Fact]
    public async Task AVfOnAnotherDriverThatAProgramHasOpenIsLeftAlone()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 1);
        HeldState held = new() { Vf = machine.Vf(0), State = Baseline.Of(await machine.ReadVfAsync(), null) };
        VirtualFunction taken = (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", force: false, dryRun: false)).Value;
        using (machine.Simulated.Machine.HoldVfioGroup(taken.IommuGroup!.Value).Value)
        {
            Fault refused = Refusal.Is(FaultKind.Refused, await machine.Host.Repairer.RepairAsync(held, () => true), "VFIO group");
            Assert.Contains("driver vfio-pci instead of igbvf", refused.Cause, StringComparison.Ordinal);
            Assert.Equal("vfio-pci", (await machine.ReadVfAsync()).Driver);
        }
        Assert.NotEmpty((await machine.Host.Repairer.RepairAsync(held, () => true)).Value);
        Assert.Equal("igbvf", (await machine.ReadVfAsync()).Driver);
    }

    /// <summary>Before Linux 6.2 the kernel answers EBUSY to a new name for an interface that is up.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnInterfaceThatMayNotBeRenamedWhileItIsUpIsTakenDownForIt(bool isUp)
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 1, options: new() { LinksUp = true, RenamesUp = false });
        LinkInfo link = (await machine.ReadVfAsync()).Link!;
        await machine.ChangeLinkAsync(link.Name, new LinkChange { Name = "renamed", Mtu = 1400 });
        if (isUp)
            await machine.ChangeLinkAsync("renamed", new LinkChange { Up = true });
        HeldState held = new() { Vf = machine.Vf(0), State = Baseline.Of(await machine.ReadVfAsync(), null) with { Name = link.Name, Mtu = link.Mtu } };
        Assert.Equal(2, (await machine.Host.Repairer.RepairAsync(held, () => true)).Value.Count);
        LinkInfo now = (await machine.ReadVfAsync()).Link!;
        Assert.Equal((link.Name, link.Mtu, isUp), (now.Name, now.Mtu, now.IsUp));
    }
}
