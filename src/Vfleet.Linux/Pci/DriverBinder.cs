namespace Vfleet.Linux.Pci;

/// <summary>The outcome for one function of an operation on many.</summary>
/// <param name="Address">The function.</param>
/// <param name="Outcome">What came of it.</param>
public sealed record PciResult(PciAddress Address, Outcome<Unit> Outcome);

/// <summary>
/// Changes drivers as one operation: loads, unbinds, prescribes, probes, verifies, and puts things back where that fails.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="time">Measures deadlines.</param>
/// <param name="left">Notes what goes on after a deadline.</param>
public sealed class DriverBinder(IKernel kernel, TimeProvider time, UnendedWork? left = null)
{
    private readonly PciDrivers _drivers = new(kernel.Files);

    /// <summary>
    /// Gives a function a driver. Equivalent to <c>modprobe NAME; echo BDF &gt; …/driver/unbind; echo NAME &gt; …/driver_override;
    /// echo BDF &gt; /sys/bus/pci/drivers_probe</c>, then a look at the driver link. Success at once when it has that driver.
    /// </summary>
    /// <param name="address">The function.</param>
    /// <param name="driver">The driver's name.</param>
    /// <param name="deadline">The longest wait; a probe takes 1 ms to some seconds.</param>
    /// <param name="cancel">Ends the waiting; the kernel carries on.</param>
    /// <returns>Usage for a name that is none; NotFound without such a function; Kernel when the driver does not take it;
    /// TimedOut.</returns>
    public async Task<Outcome<Unit>> BindAsync(PciAddress address, string driver, TimeSpan deadline, CancellationToken cancel = default)
    {
        if (KernelName.Check(driver) is Fault wrong)
            return wrong;
        return await BlockingCall.RunAsync(
            () => Load(driver).Try(out _, out Fault? fault) ? Bind(address, driver) : fault,
            $"bind {address} to {driver}",
            address.ToString(),
            deadline,
            time,
            cancel,
            left).ConfigureAwait(false);
    }

    /// <summary>Gives many functions a driver, some at a time; the driver is loaded once. One result each, in the order given.</summary>
    /// <param name="addresses">The functions.</param>
    /// <param name="driver">The driver's name.</param>
    /// <param name="parallelism">How many at a time, 1 or more.</param>
    /// <param name="deadline">The longest wait for the module, and after it for each round of <paramref name="parallelism"/>
    /// functions.</param>
    /// <param name="progress">Told of each result as it comes, from any thread.</param>
    /// <param name="cancel">Starts no more of them; none is left half way between two drivers.</param>
    public async Task<Outcome<IReadOnlyList<PciResult>>> BindManyAsync(
        IReadOnlyList<PciAddress> addresses,
        string driver,
        int parallelism,
        TimeSpan deadline,
        Action<PciResult>? progress = null,
        CancellationToken cancel = default)
    {
        Outcome<Unit> loaded = await LoadAsync(driver, deadline, cancel).ConfigureAwait(false);
        if (!loaded.Succeeded)
            return loaded.Fault!;
        return Outcome<IReadOnlyList<PciResult>>.Of(await Many<PciResult>.RunAsync(
            addresses,
            address => new PciResult(address, Bind(address, driver)),
            address => new PciResult(address, BlockingCall.Late($"bind {address} to {driver}", address.ToString(), deadline)),
            parallelism,
            (deadline == Timeout.InfiniteTimeSpan ? deadline : deadline * Rounds(addresses.Count, parallelism), time),
            progress,
            endsWhole: true,
            left,
            cancel).ConfigureAwait(false));
    }

    /// <summary>
    /// Loads a driver without binding it. Equivalent to <c>modprobe NAME</c>, and a look into <c>/sys/bus/pci/drivers</c>.
    /// </summary>
    /// <param name="driver">The driver's name.</param>
    /// <param name="deadline">The longest wait.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<Unit>> LoadAsync(string driver, TimeSpan deadline, CancellationToken cancel = default) =>
        KernelName.Check(driver) is Fault wrong
        ? wrong
        : await BlockingCall.RunAsync(() => Load(driver), $"modprobe {driver}", driver, deadline, time, cancel).ConfigureAwait(false);

    /// <summary>Takes the driver off a function and clears its override, on a thread of its own.</summary>
    /// <returns>Refused while another process holds the function through VFIO.</returns>
    public Task<Outcome<Unit>> UnbindAsync(PciAddress address, TimeSpan deadline, CancellationToken cancel = default) =>
        BlockingCall.RunAsync(
            () => _drivers.Of(address).Try(out string? previous, out Fault? fault) && Release(address, previous).Try(out _, out fault)
                ? _drivers.ClearOverride(address)
                : fault,
            $"echo {address} > {PciPath.Attribute(address, "driver/unbind")}",
            address.ToString(),
            deadline,
            time,
            cancel,
            left);

    private static int Rounds(int count, int parallelism) => Math.Max(1, (int)Math.Ceiling(count / (double)Math.Max(1, parallelism)));

    // The type 1 IOMMU backend is a module of its own that nothing loads by itself.
    private Outcome<Unit> Load(string driver)
    {
        if (!_drivers.IsRegistered(driver) && !kernel.LoadModule(driver).Try(out _, out Fault? fault))
            return fault with { Remedy = fault.Remedy ?? $"install the kernel module {driver}" };
        if (!_drivers.IsRegistered(driver))
            return Fault.Unsupported(
                $"no PCI driver {driver}", $"the module {driver} is loaded and registers no PCI driver of that name", target: driver);
        return driver.Contains("vfio", StringComparison.Ordinal) ? kernel.LoadModule("vfio_iommu_type1") : Unit.Done;
    }

    private Outcome<Unit> Bind(PciAddress address, string driver)
    {
        if (!_drivers.Of(address).Try(out string? previous, out Fault? fault))
            return fault;
        if (previous == driver)
            return Unit.Done;
        // Where the file cannot be read there is nothing to put back.
        string? prescribed = _drivers.Override(address).Or(null);
        if (!Release(address, previous).Try(out _, out fault))
            return fault;
        if (_drivers.SetOverride(address, driver).Try(out _, out fault)
            && _drivers.Probe(address).Try(out _, out fault)
            && _drivers.Of(address).Try(out string? bound, out fault))
        {
            if (bound == driver)
                return Unit.Done;
            fault = Fault.Unsupported(
                $"{driver} did not take {address}", "the driver's probe failed (dmesg says why)", target: address.ToString());
        }

        return Undo(address, previous, prescribed, fault);
    }

    // Unbinding a function that is open through VFIO would wait in the kernel until its user lets go.
    private Outcome<Unit> Release(PciAddress address, string? driver)
    {
        if (driver is null)
            return Unit.Done;
        if (PciDrivers.IsUserSpace(driver)
            && SysfsValues.ParseCount(kernel.Files.LinkNameOrNull(PciPath.Attribute(address, "iommu_group"))) is int group)
        {
            if (kernel.IsVfioGroupOpen(group).Try(out bool open, out Fault? fault) && open)
                return PciFaults.InUse(address, group);
            if (fault is { Kind: not FaultKind.NotFound })
                return fault;
        }

        return _drivers.Unbind(address);
    }

    // The driver that was there is prescribed while it comes back, for vfio-pci takes nothing else; then the override is what it was.
    private Fault Undo(PciAddress address, string? previous, string? prescribed, Fault fault)
    {
        if (previous is not null
            && (!_drivers.SetOverride(address, previous).Try(out _, out Fault? stuck) || !_drivers.Bind(address, previous).Try(out _, out stuck)))
            fault = fault with { Cause = $"{fault.Cause ?? fault.Error}; and {previous} did not come back: {stuck.Error}" };
        Outcome<Unit> put = prescribed is null ? _drivers.ClearOverride(address) : _drivers.SetOverride(address, prescribed);
        return put.Fault is { } losing
            ? fault with { Cause = $"{fault.Cause ?? fault.Error}; and driver_override is not {prescribed ?? "empty"} again: {losing.Error}" }
            : fault;
    }
}
