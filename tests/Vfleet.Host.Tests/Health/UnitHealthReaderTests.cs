using Vfleet.Host.Health;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Health;

public sealed class UnitHealthReaderTests
{
    [Fact]
    public async Task CarriersAreReadWhereverTheInterfacesAre()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 2);
        Assert.True((await machine.AttachAsync()).Succeeded);
        VfHealthReading before = (await ReadAsync(machine)).Vfs[0];
        Assert.Equal(("iavf", true, true, true), (before.Driver, before.IsUp, before.HasCarrier, before.IsCarrierExpected));
        Assert.NotNull(before.InterfaceIndex);
        PciAddress pf = (await machine.ReadPfAsync()).Address!.Value;
        machine.Simulated.Machine.SetCable(pf, plugged: false);
        machine.Simulated.Machine.SetCable(pf, plugged: true);
        machine.Simulated.Machine.SetCable(pf, plugged: false);
        MachineHealthReading after = await ReadAsync(machine);
        VfHealthReading vf = after.Vfs[0];
        Assert.Equal((false, false, before.CarrierLosses + 2), (vf.HasCarrier, vf.IsCarrierExpected, vf.CarrierLosses));
        Assert.Equal((true, false), (after.Pfs[0].IsUp, after.Pfs[0].HasCarrier));
        Assert.True(after.Pfs[0].CarrierLosses >= 2);
        Assert.NotNull(after.Vfs[0].Statistics);
    }

    [Fact]
    public async Task ErrorsAreReadWhereTheDeviceCountsThem()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 2);
        IReadOnlyList<VfHealthReading> vfs = (await ReadAsync(machine)).Vfs;
        Assert.Null(vfs[1].CorrectableErrors);
        machine.Simulated.Machine.SetFile($"{vfs[1].Address!.Value.SysfsPath}/aer_dev_correctable", "RxErr 3\nBadTLP 4\nTOTAL_ERR_COR 7");
        machine.Simulated.Machine.SetFile($"{vfs[1].Address!.Value.SysfsPath}/aer_dev_fatal", "Undefined 1\nTOTAL_ERR_FATAL 1");
        MachineHealthReading read = await ReadAsync(machine);
        Assert.Equal((7ul, null, 1ul), (read.Vfs[1].CorrectableErrors, read.Vfs[1].NonFatalErrors, read.Vfs[1].FatalErrors));
        Assert.Null(read.Vfs[0].CorrectableErrors);
        Assert.Equal((0ul, 0ul, 0ul), (read.Pfs[0].CorrectableErrors, read.Pfs[0].NonFatalErrors, read.Pfs[0].FatalErrors));
    }

    [Fact]
    public async Task ReportersBelongToTheirPf()
    {
        using HostMachine machine = await HostMachine.CreateAsync("mlx5", 1);
        IReadOnlyList<PhysicalFunction> pfs = (await machine.Host.Inventory.ListPfsAsync()).Value;
        machine.Simulated.Machine.SetHealthReporter(pfs[1].Address!.Value, "fw_fatal", healthy: false, errors: 3);
        MachineHealthReading read = await ReadAsync(machine);
        Assert.Empty(read.Pfs[0].Reporters);
        Assert.Equal([new ReporterReading("fw_fatal", false, 3)], read.Pfs[1].Reporters);
    }

    [Fact]
    public async Task ForgedFramesAreReadWhereTheDriverCountsThem()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 2);
        PciAddress pf = (await machine.ReadPfAsync()).Address!.Value;
        Assert.All((await ReadAsync(machine)).Vfs, vf => Assert.Null(vf.SpoofedPackets));
        machine.Simulated.Machine.SetDriverCounter(pf, "rx_packets", 99);
        machine.Simulated.Machine.SetDriverCounter(pf, "vf_1_tx_spoofed", 4);
        machine.Simulated.Machine.SetDriverCounter(pf, "tx_spoofed_other", 2);
        MachineHealthReading read = await ReadAsync(machine);
        Assert.Equal([null, 4ul], read.Vfs.Select(vf => vf.SpoofedPackets));
        Assert.Equal(6ul, read.Pfs[0].SpoofedPackets);
    }

    [Fact]
    public async Task AVfWithoutDriverTellsNothingOfAnInterface()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1, "none");
        VfHealthReading vf = (await ReadAsync(machine)).Vfs[0];
        Assert.Equal(
            ((string?)null, (int?)null, (bool?)null, (ulong?)null), (vf.Driver, vf.InterfaceIndex, vf.HasCarrier, vf.CarrierLosses));
        Assert.False(vf.IsCarrierExpected);
    }

    private static async Task<MachineHealthReading> ReadAsync(HostMachine machine)
    {
        MachineInventory inventory = (await machine.Host.Inventory.ReadAsync(vfs: VfDetail.Settings)).Value;
        return (await new HealthReader(machine.Simulated, machine.Options.ReadTimer).ReadAsync(inventory)).Value;
    }
}
