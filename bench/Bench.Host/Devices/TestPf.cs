using Vfleet.Bench.Measurement;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Bench.Devices;

/// <summary>A PF without VFs that a benchmark borrows; it has none again, and its autoprobe is as it was, when disposed.</summary>
internal sealed class TestPf : IDisposable
{
    private readonly IKernel _kernel;
    private readonly bool? _autoprobe;

    private TestPf(IKernel kernel, SriovState state)
    {
        _kernel = kernel;
        _autoprobe = state.Autoprobe;
        Address = state.PhysicalFunction;
    }

    public PciAddress Address { get; }

    /// <summary>The first PF of a driver that has no VFs and may have as many as wanted.</summary>
    public static TestPf Find(IKernel kernel, string driver, int vfs)
    {
        Sriov sriov = new(kernel.Files, TimeProvider.System);
        foreach (PciAddress address in BenchException.Take(new PciDrivers(kernel.Files).FunctionsOf(driver)))
        {
            if (sriov.Read(address).Or(null) is { NumVfs: 0 } state && state.TotalVfs >= vfs)
                return new TestPf(kernel, state);
        }
        throw new BenchException($"no PF of driver {driver} without VFs that may have {vfs}");
    }

    /// <summary>Makes VFs with their native driver, as the product does; not measured.</summary>
    public async Task CreateAsync(SriovHost host, int vfs)
    {
        CreatePlan plan = BenchException.Take(await host.Creator.PlanAsync(Address.ToString(), vfs, null, force: false).ConfigureAwait(false));
        _ = BenchException.Take(await host.Creator.ApplyAsync(plan, force: false).ConfigureAwait(false));
    }

    public IReadOnlyList<PciAddress> Vfs() =>
        BenchException.Take(new Sriov(_kernel.Files, TimeProvider.System).VirtualFunctions(Address));

    /// <summary>Every VF is bound to the driver, or the row has no result.</summary>
    public void CheckBound(int count, string driver)
    {
        PciDrivers drivers = new(_kernel.Files);
        int bound = Vfs().Count(vf => drivers.Of(vf).Or(null) == driver);
        if (bound != count)
            throw new BenchException($"{bound} of {count} VFs of {Address} are bound to {driver}");
    }

    /// <summary>Removes the VFs. The product's own way is not measured here and would only take longer.</summary>
    public void Clear() => Sysfs.Write(_kernel, $"{Address.SysfsPath}/sriov_numvfs", "0");

    /// <summary>New VFs are offered to drivers, as on a machine nobody has set up: whoever wants none has to see to it.</summary>
    public void OfferToDrivers() => Sysfs.Write(_kernel, $"{Address.SysfsPath}/sriov_drivers_autoprobe", "1");

    public void Dispose()
    {
        _ = _kernel.Files.WriteText($"{Address.SysfsPath}/sriov_numvfs", "0");
        if (_autoprobe is { } value)
            _ = _kernel.Files.WriteText($"{Address.SysfsPath}/sriov_drivers_autoprobe", value ? "1" : "0");
    }
}
