using Vfleet.Host.Create;
using Vfleet.Linux;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Preflight;

public sealed class UnitCreateFailureTests
{
    private static readonly string NumVfs = PreflightMachine.Attribute("sriov_numvfs");

    [Fact]
    public async Task EnomemIsBusNumbersWhereTheyEnd()
    {
        using PreflightMachine machine = new();
        machine.Patch(machine.Bridge(), (0x18, 0x0100), (0x1a, 0x0001));
        machine.Files.Set(PreflightMachine.Attribute("sriov_offset"), "256\n");
        Fault fault = await FailAsync(machine, Errno.ENOMEM);
        Assert.Contains("passes on buses up to 01", fault.Cause, StringComparison.Ordinal);
        Assert.Contains("pci=assign-busses", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnomemIsAddressSpaceWhereAWindowHasNone()
    {
        using PreflightMachine machine = new();
        machine.Files.Set(PreflightMachine.Attribute("resource"), "0x00000000fe860000 0x00000000fe87ffff 0x0000000000040200\n");
        Fault fault = await FailAsync(machine, Errno.ENOMEM);
        Assert.Contains("VF BAR", fault.Cause, StringComparison.Ordinal);
        Assert.Contains("pci=realloc", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnomemStaysMemoryWhereThereIsRoom()
    {
        using PreflightMachine machine = new();
        Assert.Contains("out of memory", (await FailAsync(machine, Errno.ENOMEM)).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnospcCountsTheVectorsWhereTheDriverTells()
    {
        using PreflightMachine machine = new();
        Assert.Contains("too few MSI-X vectors", (await FailAsync(machine, Errno.ENOSPC)).Cause, StringComparison.Ordinal);
        machine.Files.Set(PreflightMachine.Attribute("sriov_vf_total_msix"), "3\n");
        Fault fault = await FailAsync(machine, Errno.ENOSPC);
        Assert.Equal("ask for at most 3 VFs", fault.Remedy);
        Assert.Equal(FaultKind.Kernel, fault.Kind);
    }

    [Fact]
    public async Task EbusyWithoutVfsIsTheDriverAtWork()
    {
        using PreflightMachine machine = new();
        Assert.Contains("driver igb or another process is at work", (await FailAsync(machine, Errno.EBUSY)).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnoentIsADriverThatCannot()
    {
        using PreflightMachine machine = new();
        Fault fault = await FailAsync(machine, Errno.ENOENT);
        Assert.Equal(("driver igb cannot create VFs through sysfs", FaultKind.Kernel), (fault.Cause, fault.Kind));
    }

    [Fact]
    public async Task EinvalIsInitialVfsOrAriOrTheDriver()
    {
        using PreflightMachine machine = new();
        Assert.Contains("driver igb refused 4 VFs", (await FailAsync(machine, Errno.EINVAL)).Cause, StringComparison.Ordinal);
        // InitialVFs of the SR-IOV capability at 0x160.
        machine.Patch(PreflightMachine.Pf, (0x16c, 2));
        Assert.Contains("InitialVFs 2", (await FailAsync(machine, Errno.EINVAL)).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSimulatedFaultReachesTheCaller()
    {
        using PreflightMachine machine = new(new SimulationOptions { LinksUp = true });
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.MsixExhausted) { Target = PreflightMachine.Pf });
        Assert.Equal(Errno.ENOSPC, (await ApplyAsync(machine)).Errno);
    }

    private static Task<Fault> FailAsync(PreflightMachine machine, Errno answer)
    {
        machine.Files.Answer(NumVfs, answer);
        return ApplyAsync(machine);
    }

    private static async Task<Fault> ApplyAsync(PreflightMachine machine)
    {
        VfCreator creator = new(machine.Kernel, machine.Options);
        CreatePlan plan = (await creator.PlanAsync(PreflightMachine.Pf, 4, "none", force: false)).Value;
        return (await creator.ApplyAsync(plan, force: false)).Fault!;
    }
}
