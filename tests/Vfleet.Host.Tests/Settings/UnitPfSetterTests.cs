using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;

namespace Vfleet.Host.Tests.Settings;

public sealed class UnitPfSetterTests
{
    [Fact]
    public async Task TheMtuOfPfAndVfsIsSetAndWhatTheDriverRefusesIsTold()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        PfSetter setter = new(machine.Kernel, machine.Options);
        Assert.True((await setter.SetMtuAsync(machine.Pf, 9000)).Succeeded);
        Assert.True((await setter.SetVfMtuAsync([machine.Vf(1)], 2000)).Succeeded);
        Assert.Equal(9000, (await machine.Host.FindPfAsync(machine.Pf)).Value.Mtu);
        Assert.Equal([1500, 2000], (await machine.Host.ListVfsAsync(machine.Pf)).Value.Select(vf => vf.Link!.Mtu));
        Assert.Equal(Errno.EINVAL, (await setter.SetMtuAsync(machine.Pf, 60000)).Fault?.Errno);
    }

    [Fact]
    public async Task AVfWithoutInterfaceOnTheHostKeepsItsMtu()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        Outcome<Unit> refused = await new PfSetter(machine.Kernel, machine.Options).SetVfMtuAsync([machine.Vf(0)], 2000);
        Assert.Equal(FaultKind.Refused, refused.Fault?.Kind);
    }

    [Fact]
    public async Task TheEswitchModeIsSetWhereTheDriverHasModes()
    {
        using HostMachine mlx5 = await HostMachine.CreateAsync("mlx5");
        Assert.True((await new PfSetter(mlx5.Kernel, mlx5.Options).SetEswitchModeAsync(mlx5.Pf, EswitchMode.Switchdev)).Succeeded);
        PhysicalFunction pf = (await mlx5.Host.FindPfAsync(mlx5.Pf)).Value;
        Assert.Equal("switchdev", (await FirmwareReader.CompleteAsync(mlx5.Kernel, [pf], default))[0].EswitchMode);
        using HostMachine igb = await HostMachine.CreateAsync();
        Assert.False((await new PfSetter(igb.Kernel, igb.Options).SetEswitchModeAsync(igb.Pf, EswitchMode.Switchdev)).Succeeded);
    }
}
