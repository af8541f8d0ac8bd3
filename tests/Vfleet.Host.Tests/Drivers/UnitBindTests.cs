using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Simulation;
using Vfleet.Simulation.Faults;

namespace Vfleet.Host.Tests.Drivers;

public sealed class UnitBindTests
{
    [Fact]
    public async Task ADriverIsChangedThereAndBack()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        Assert.Equal("vfio-pci", (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false)).Value.Driver);
        Assert.Null((await machine.Host.BindAsync(machine.Vf(0), "none", false, false)).Value.Driver);
        VirtualFunction native = (await machine.Host.BindAsync(machine.Vf(0), "native", false, false)).Value;
        Assert.Equal("igbvf", native.Driver);
        Assert.NotNull(native.Link);
        Assert.Equal("igbvf", (await machine.ReadVfAsync(1)).Driver);
    }

    [Fact]
    public async Task TheDriverItHasAlreadyIsNoChange()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        int index = (await machine.ReadVfAsync()).Link!.Index;
        Assert.Equal(index, (await machine.Host.BindAsync(machine.Vf(0), "igbvf", false, false)).Value.Link!.Index);
    }

    [Fact]
    public async Task NoOverrideIsLeftBehindOnANativeVfOrOnOneWithoutADriver()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        _ = (await machine.Host.BindAsync(machine.Vf(0), "native", false, false)).Value;
        Assert.Equal("(null)", machine.Simulated.Files.ReadText("/sys/bus/pci/devices/0000:01:10.0/driver_override").Value);
        _ = (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false)).Value;
        _ = (await machine.Host.BindAsync(machine.Vf(0), "none", false, false)).Value;
        Assert.Equal("(null)", machine.Simulated.Files.ReadText("/sys/bus/pci/devices/0000:01:10.0/driver_override").Value);
    }

    [Theory]
    [InlineData("igb", true)]
    [InlineData("ice", false)]
    public async Task AMacThatIsTakenAtProbeIsPendingUntilTheDriverIsBoundAnew(string profile, bool isPending)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 1);
        VfSettings wish = new() { Mac = new MacAddress(0x02_00_00_00_00_07) };
        VirtualFunction used = await machine.ReadVfAsync();
        Assert.False(used.IsMacPending);
        await machine.AddAddressAsync(used.Link!.Name, "192.0.2.1/24");
        _ = (await machine.Host.SetAsync(machine.Vf(0), wish, force: true, false)).Value;
        Assert.Equal(isPending, (await machine.ReadVfAsync()).IsMacPending);
        _ = (await machine.Host.BindAsync(machine.Vf(0), "none", force: true, false)).Value;
        VirtualFunction anew = (await machine.Host.BindAsync(machine.Vf(0), "native", false, false)).Value;
        Assert.Equal((wish.Mac, false), (anew.Link!.Mac, anew.IsMacPending));
    }

    [Theory]
    [InlineData("nonsense", FaultKind.Usage)]
    [InlineData("../vfio-pci", FaultKind.Usage)]
    [InlineData("igb", FaultKind.Kernel)]
    public async Task ADriverThatDoesNotFitIsRefusedAndTheOldOneIsBack(string driver, FaultKind kind)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        Refusal.Is(kind, await machine.Host.BindAsync(machine.Vf(0), driver, false, false), driver);
        VirtualFunction after = await machine.ReadVfAsync();
        Assert.Equal("igbvf", after.Driver);
        Assert.NotNull(after.Link);
    }

    [Fact]
    public async Task WithoutAnIommuVfioRefusesAndTheOldDriverIsBack()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, options: new SimulationOptions { Iommu = false, LinksUp = true });
        Refusal.Is(FaultKind.Kernel, await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false), "vfio-pci");
        Assert.Equal("igbvf", (await machine.ReadVfAsync()).Driver);
    }

    [Fact]
    public async Task CancelledAtAnyOperationItHasItsOldDriver()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string[] before = await machine.DescribeAsync();
        for (int operation = 0, count = 1; operation < count; operation++)
        {
            machine.Kernel.StrikeAt(operation, Strike.Cancelled);
            try
            {
                // Cancelled when all was done, it is done.
                _ = (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false, cancel: machine.Kernel.Cancel.Token)).Value;
                _ = (await machine.Host.BindAsync(machine.Vf(0), "native", false, false)).Value;
            }
            catch (OperationCanceledException)
            {
                // What was begun has been put back.
            }
            count = machine.Kernel.Operations.Count;
            Assert.Equal(before, await machine.DescribeAsync());
            Assert.Equal("(null)", machine.Simulated.Files.ReadText("/sys/bus/pci/devices/0000:01:10.0/driver_override").Value);
        }
    }

    [Fact]
    public async Task AVfThatIsLostIsRefusedWithWhatTheKernelSaid()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.LostVf) { Target = "0000:01:10.0" });
        Refusal.Is(FaultKind.Kernel, await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", force: true, dryRun: false), "0000:01:10.0");
    }

    [Fact]
    public async Task AVfInUseKeepsItsDriverUnlessForced()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await machine.AddAddressAsync("enp1s0f0v0", "192.0.2.7/24");
        Refusal.Is(FaultKind.Refused, await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false), "192.0.2.7/24", "--force");
        Assert.Equal("igbvf", (await machine.ReadVfAsync()).Driver);
        Assert.Equal("vfio-pci", (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", force: true, dryRun: false)).Value.Driver);
    }

    [Fact]
    public async Task AnOpenVfioGroupIsNotPulledAwayEvenByForce()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        using IDisposable held = machine.Simulated.Machine.HoldVfioGroup((await machine.ReadVfAsync()).IommuGroup!.Value).Value;
        Refusal.Is(FaultKind.Refused, await machine.Host.BindAsync(machine.Vf(0), "native", false, false), "VFIO group");
        Refusal.Is(FaultKind.Refused, await machine.Host.BindAsync(machine.Vf(0), "native", force: true, dryRun: false), "VFIO group");
        Assert.Equal("vfio-pci", (await machine.ReadVfAsync()).Driver);
    }

    [Fact]
    public async Task ADryRunChangesNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string[] before = await machine.DescribeAsync();
        _ = (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, dryRun: true)).Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AVfOfNoPciDeviceHasNoDriver()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 1);
        Refusal.Is(FaultKind.Kernel, await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false), "no PCI device");
    }

    [Fact]
    public async Task WithoutANativeDriverThatIsSaid()
    {
        using HostMachine machine = await HostMachine.CreateAsync("nvme", 1);
        Refusal.Is(FaultKind.Kernel, await machine.Host.BindAsync(machine.Vf(0), "native", false, false), "no native VF driver");
    }
}
