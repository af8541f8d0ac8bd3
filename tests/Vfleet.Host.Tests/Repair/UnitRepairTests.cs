using Vfleet.Host.Inventory;
using Vfleet.Host.Repair;
using Vfleet.Host.Settings;
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

    [Fact]
    public async Task AnInterfaceThatWasMadeAnewHasTheAddressItsOwnerKnows()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 1);
        VirtualFunction before = await machine.ReadVfAsync();
        HeldState held = new() { Vf = machine.Vf(0), State = Baseline.Of(before, null) };
        _ = (await machine.Host.BindAsync(machine.Vf(0), "none", force: false, dryRun: false)).Value;
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = MacAddress.Zero }, force: false, dryRun: false)).Value;
        Assert.NotEmpty((await machine.Host.Repairer.RepairAsync(held, () => true)).Value);
        Assert.Equal(before.Link!.Mac, (await machine.ReadVfAsync()).Link!.Mac);
        Assert.Empty((await machine.Host.Repairer.RepairAsync(held, () => true)).Value);
    }

    [Fact]
    public async Task AnAddressThatAnOwnerGaveItsInterfaceIsNoDrift()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 1);
        VirtualFunction before = await machine.ReadVfAsync();
        HeldState held = new() { Vf = machine.Vf(0), State = Baseline.Of(before, null) with { AdminMac = MacAddress.Zero.ToString() } };
        await machine.ChangeLinkAsync(before.Link!.Name, new LinkChange { Mac = new MacAddress(0x02_00_00_00_00_99) });
        Assert.Empty((await machine.Host.Repairer.RepairAsync(held, () => true)).Value);
        Assert.Equal(new MacAddress(0x02_00_00_00_00_99), (await machine.ReadVfAsync()).Settings!.Mac);
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
