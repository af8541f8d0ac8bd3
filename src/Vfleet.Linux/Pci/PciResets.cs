namespace Vfleet.Linux.Pci;

/// <summary>
/// Resets functions by the fastest safe way. Through sysfs the kernel locks the bridge above, so 127 VFs take 127 × 105 ms; opening VFs
/// through VFIO resets them side by side (docs/performance.md). Source: pci_reset_function in drivers/pci/pci.c (commit 7e89efc6e9e4).
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="time">Measures deadlines.</param>
/// <param name="left">Notes resets that go on after a deadline.</param>
public sealed class PciResets(IKernel kernel, TimeProvider time, UnendedWork? left = null)
{
    private const string VfioDriver = "vfio-pci";
    private readonly PciDrivers _drivers = new(kernel.Files);
    private readonly Iommu _iommu = new(kernel.Files);

    /// <summary>Resets one function. Equivalent to <c>echo 1 &gt; /sys/bus/pci/devices/BDF/reset</c>.</summary>
    /// <returns>Refused when another process holds it through VFIO.</returns>
    public async Task<ResetResult> ResetAsync(PciAddress address, ResetOptions? options = null, CancellationToken cancel = default) =>
        (await ResetManyAsync([address], options, cancel).ConfigureAwait(false))[0];

    /// <summary>Resets many functions, a bounded number at a time. One result each, in the order given.</summary>
    public Task<IReadOnlyList<ResetResult>> ResetManyAsync(
        IReadOnlyList<PciAddress> addresses, ResetOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new ResetOptions();
        return Many<ResetResult>.RunAsync(
            addresses,
            address => Reset(address, options.EvenInUse),
            address => new ResetResult(address, ResetWay.None, BlockingCall.Late($"reset {address}", address.ToString(), options.Deadline)),
            options.Parallelism,
            (options.Deadline, time),
            options.Progress,
            endsWhole: false,
            left,
            cancel);
    }

    private ResetResult Reset(PciAddress address, bool evenInUse)
    {
        if (!_drivers.Of(address).Try(out string? driver, out Fault? fault))
            return new ResetResult(address, ResetWay.None, fault);
        if (!kernel.Files.Exists(PciPath.Attribute(address, "reset")))
            return new ResetResult(address, ResetWay.None, Fault.Unsupported(
                $"{address} cannot be reset",
                "the kernel knows no way to reset this function alone",
                "see reset_method of the function",
                address.ToString()));
        if (driver != VfioDriver)
            return BySysfs(address);
        return _iommu.NumberOf(address).Try(out int group, out fault)
            ? ByVfio(address, group, evenInUse)
            : BySysfs(address) with { Detour = fault };
    }

    // Opening resets; closing does so again. A group that is shared or not viable cannot be opened alone, so sysfs it is.
    private ResetResult ByVfio(PciAddress address, int group, bool evenInUse)
    {
        if (kernel.OpenVfio(address, group).Try(out IVfioDevice? device, out Fault? fault))
        {
            device.Dispose();
            return new ResetResult(address, ResetWay.Vfio, Unit.Done);
        }

        return fault.Errno is Errno.EBUSY && !evenInUse
            ? new ResetResult(address, ResetWay.Vfio, PciFaults.InUse(address, group))
            : BySysfs(address) with { Detour = fault };
    }

    private ResetResult BySysfs(PciAddress address) =>
        new(address, ResetWay.Sysfs, kernel.Files.WriteText(PciPath.Attribute(address, "reset"), "1"));
}
