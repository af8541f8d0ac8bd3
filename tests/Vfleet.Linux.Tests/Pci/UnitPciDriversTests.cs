using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitPciDriversTests
{
    private static readonly PciAddress Vf = Igb.VirtualFunction(0);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly MemoryTree _tree = Igb.Tree(4);
    private readonly DriverCore _core;
    private readonly FakeKernel _kernel;
    private readonly PciDrivers _drivers;
    private readonly DriverBinder _binder;

    public UnitPciDriversTests()
    {
        _core = new DriverCore(_tree);
        _kernel = new FakeKernel(_tree);
        _drivers = new PciDrivers(_tree);
        _binder = new DriverBinder(_kernel, TimeProvider.System);
        _kernel.OnLoadModule = name =>
        {
            if (name == "vfio-pci")
                DriverCore.Register(_tree, name);
            return Unit.Done;
        };
    }

    [Fact]
    public async Task Binding_loads_prescribes_probes_and_verifies()
    {
        Expect.Done(await _binder.BindAsync(Vf, "vfio-pci", Soon));

        Assert.Equal("vfio-pci", Expect.Value(_drivers.Of(Vf)));
        Assert.Equal(["vfio-pci", "vfio_iommu_type1"], _kernel.Modules);
        Assert.Equal([$"vfio-pci > /sys/devices/pci0000:00/0000:00:03.0/{Vf}/driver_override", $"{Vf} > /sys/bus/pci/drivers_probe"], _tree.Writes);
        Assert.Equal([Vf], Expect.Value(_drivers.FunctionsOf("vfio-pci")));
    }

    [Fact]
    public async Task Binding_takes_the_old_driver_off_first()
    {
        _core.Attach(Vf, "igbvf");

        Expect.Done(await _binder.BindAsync(Vf, "vfio-pci", Soon));

        Assert.Equal($"{Vf} > /sys/bus/pci/drivers/igbvf/unbind", _tree.Writes[0]);
        Assert.Empty(Expect.Value(_drivers.FunctionsOf("igbvf")));
    }

    [Fact]
    public async Task Binding_what_is_bound_writes_nothing()
    {
        _core.Attach(Vf, "igbvf");

        Expect.Done(await _binder.BindAsync(Vf, "igbvf", Soon));

        Assert.Empty(_tree.Writes);
    }

    [Fact]
    public async Task A_driver_that_does_not_take_it_leaves_no_override_and_the_old_driver()
    {
        _core.Attach(Vf, "igbvf");
        _core.Failing.Add("vfio-pci");

        Fault fault = Expect.Fault(await _binder.BindAsync(Vf, "vfio-pci", Soon));

        Assert.Equal(FaultKind.Kernel, fault.Kind);
        Assert.Equal("igbvf", Expect.Value(_drivers.Of(Vf)));
        Assert.Equal("", _core.OverrideOf(Vf));
    }

    [Fact]
    public async Task A_function_of_vfio_goes_back_to_vfio()
    {
        DriverCore.Register(_tree, "vfio-pci");
        _core.Attach(Vf, "vfio-pci");
        _core.Failing.Add("igbvf");

        Fault fault = Expect.Fault(await _binder.BindAsync(Vf, "igbvf", Soon));

        Assert.DoesNotContain("did not come back", fault.Cause, StringComparison.Ordinal);
        Assert.Equal("vfio-pci", Expect.Value(_drivers.Of(Vf)));
    }

    [Fact]
    public async Task An_override_that_was_there_before_is_put_back_after_the_old_driver()
    {
        _core.Attach(Vf, "igbvf");
        _core.Failing.Add("vfio-pci");
        _tree.Add($"/sys/devices/pci0000:00/0000:00:03.0/{Vf}/driver_override = uio_pci_generic");

        Expect.Fault(await _binder.BindAsync(Vf, "vfio-pci", Soon));

        Assert.Equal("igbvf", Expect.Value(_drivers.Of(Vf)));
        Assert.Equal("uio_pci_generic", _core.OverrideOf(Vf));
    }

    [Fact]
    public async Task An_undoing_that_fails_is_told()
    {
        _core.Attach(Vf, "igbvf");
        _core.Failing.Add("vfio-pci");
        _core.Refusals["igbvf/bind"] = Errno.ENODEV;

        Assert.Contains("igbvf did not come back", Expect.Fault(await _binder.BindAsync(Vf, "vfio-pci", Soon)).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_is_missing_is_a_fault_and_nothing_changes()
    {
        _core.Attach(Vf, "igbvf");
        _kernel.OnLoadModule = name => Fault.Unsupported($"no module {name}");

        Assert.Contains("install", Expect.Fault(await _binder.BindAsync(Vf, "vfio-pci", Soon)).Remedy, StringComparison.Ordinal);
        Assert.Empty(_tree.Writes);
    }

    [Fact]
    public async Task A_module_without_that_driver_is_a_fault()
    {
        _kernel.OnLoadModule = _ => Unit.Done;

        Assert.Contains("no PCI driver nvme", Expect.Fault(await _binder.BindAsync(Vf, "nvme", Soon)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_in_use_keeps_its_driver()
    {
        DriverCore.Register(_tree, "vfio-pci");
        _core.Attach(Vf, "vfio-pci");
        _kernel.GroupsInUse.Add(10);

        Assert.Equal(FaultKind.Refused, Expect.Fault(await _binder.BindAsync(Vf, "igbvf", Soon)).Kind);
        Assert.Equal(FaultKind.Refused, Expect.Fault(await _binder.UnbindAsync(Vf, Soon)).Kind);
        Assert.Empty(_tree.Writes);
    }

    [Fact]
    public async Task Unbinding_clears_the_override()
    {
        Expect.Done(await _binder.BindAsync(Vf, "vfio-pci", Soon));

        Expect.Done(await _binder.UnbindAsync(Vf, Soon));

        Assert.Null(Expect.Value(_drivers.Of(Vf)));
        Assert.Equal("", _core.OverrideOf(Vf));
    }

    [Fact]
    public async Task Many_are_bound_and_each_has_its_result()
    {
        PciAddress[] all = [.. Enumerable.Range(0, 4).Select(Igb.VirtualFunction), new PciAddress(0, 0x4200)];

        IReadOnlyList<PciResult> results = Expect.Value(await _binder.BindManyAsync(all, "vfio-pci", 3, Soon));

        Assert.Equal(all, results.Select(result => result.Address));
        Assert.Equal([true, true, true, true, false], results.Select(result => result.Outcome.Succeeded));
        Assert.Equal(FaultKind.NotFound, results[4].Outcome.Fault!.Kind);
        Assert.Equal(4, Expect.Value(_drivers.FunctionsOf("vfio-pci")).Count);
        Assert.Equal(["vfio-pci", "vfio_iommu_type1"], _kernel.Modules);
    }

    [Fact]
    public async Task A_name_that_is_none_reaches_no_path()
    {
        Assert.Equal(FaultKind.Usage, Expect.Fault(await _binder.BindAsync(Vf, "../../x", Soon)).Kind);
        Assert.Equal(FaultKind.Usage, Expect.Fault(_drivers.SetOverride(Vf, "a b")).Kind);
        Assert.Equal(FaultKind.Usage, Expect.Fault(_drivers.Bind(Vf, "a/b")).Kind);
        Assert.Equal(FaultKind.Usage, Expect.Fault(_drivers.FunctionsOf("..")).Kind);
        Assert.Empty(_kernel.Modules);
        Assert.Empty(_tree.Writes);
    }

    [Fact]
    public void A_driver_that_is_not_there_has_no_functions() => Assert.Empty(Expect.Value(_drivers.FunctionsOf("nvme")));

    [Theory]
    [InlineData("vfio-pci", true)]
    [InlineData("mlx5_vfio_pci", true)]
    [InlineData("uio_pci_generic", true)]
    [InlineData("igb_uio", true)]
    [InlineData("igb", false)]
    [InlineData(null, false)]
    public void User_space_drivers_are_known(string? driver, bool expected) => Assert.Equal(expected, PciDrivers.IsUserSpace(driver));
}
