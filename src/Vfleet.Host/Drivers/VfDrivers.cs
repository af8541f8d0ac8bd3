using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Drivers;

/// <summary>Drivers of VFs, with the wait until a VF is of use: bound, and with its interface where the driver makes one.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">The clock and the deadline.</param>
/// <param name="left">Notes what goes on after the deadline.</param>
public sealed class VfDrivers(IKernel kernel, HostOptions options, UnendedWork? left = null)
{
    private const int Parallelism = 32;
    private readonly DriverBinder _binder = new(kernel, options.Time, left);

    /// <summary>The driver a wish stands for.</summary>
    /// <param name="pf">The PF.</param>
    /// <param name="wish">A driver's name, <c>native</c>, <c>none</c>, or null for the usual: native where the PF is a NIC.</param>
    /// <returns>The driver's name, or null for none.</returns>
    public static Outcome<string?> Resolve(PhysicalFunction pf, string? wish)
    {
        if (wish is NativeDriver.None)
            return Outcome<string?>.Of(null);
        string? native = NativeDriver.Of(pf.Driver);
        if (wish is null)
            return Outcome<string?>.Of(native);
        if (wish != NativeDriver.Word)
            return KernelName.Check(wish) is { } wrong ? wrong : Outcome<string?>.Of(wish);
        return native is not null
            ? native
            : Fault.Unsupported($"no native VF driver is known for {pf.Label} with driver {pf.Driver ?? "(none)"}", null, "name the driver", pf.Label);
    }

    /// <summary>Loads a driver, so that a name that is none, or a module that is missing, is found out before anything is destroyed.</summary>
    public async Task<Fault?> PrepareAsync(PhysicalFunction pf, string driver, CancellationToken cancel)
    {
        Outcome<Unit> loaded = await _binder.LoadAsync(driver, options.ReadyDeadline, cancel).ConfigureAwait(false);
        return loaded.Fault is { } fault ? Named(pf, driver, fault) : null;
    }

    /// <summary>Binds VFs in parallel and awaits their interfaces. One driver for all.</summary>
    /// <returns>The VFs that did not become ready, with the reason for each; empty when all did.</returns>
    public async Task<Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>>> BindAsync(
        PhysicalFunction pf, IReadOnlyList<PciAddress> vfs, string driver, Action<int>? progress, CancellationToken cancel)
    {
        int bound = 0;
        Outcome<IReadOnlyList<PciResult>> results = await _binder.BindManyAsync(
            vfs, driver, Parallelism, options.ReadyDeadline, _ => progress?.Invoke(Interlocked.Increment(ref bound)), cancel).ConfigureAwait(false);
        if (!results.Try(out IReadOnlyList<PciResult>? list, out Fault? fault))
            return Named(pf, driver, fault);
        List<(PciAddress, Fault)> failed = [.. list.Where(result => !result.Outcome.Succeeded).Select(result => (result.Address, result.Outcome.Fault!))];
        if (KnownDrivers.IsUserSpace(driver) || pf.Name is null)
            return failed;
        PciAddress[] waiting = [.. list.Where(result => result.Outcome.Succeeded).Select(result => result.Address)];
        foreach (PciAddress vf in waiting)
            // A prescribed native driver would keep others from binding later; it has done its work.
            _ = new PciDrivers(kernel.Files).ClearOverride(vf);
        Outcome<IReadOnlyDictionary<PciAddress, LinkInfo>> links = await new InterfaceWait(kernel, options).ForAsync(waiting, cancel).ConfigureAwait(false);
        if (!links.Try(out IReadOnlyDictionary<PciAddress, LinkInfo>? ready, out fault))
            return fault;
        failed.AddRange(waiting.Where(vf => !ready.ContainsKey(vf)).Select(vf => (vf, Fault.TimedOut(
            $"{vf} shows no interface {options.ReadyDeadline.TotalSeconds:0} s after {driver} was bound", "its driver is still starting, or failed (dmesg says which)", null, vf.ToString()))));
        return failed;
    }

    /// <summary>Takes a VF's driver off.</summary>
    public Task<Outcome<Unit>> UnbindAsync(PciAddress vf, CancellationToken cancel) => _binder.UnbindAsync(vf, options.ReadyDeadline, cancel);

    /// <summary>Binds a VF's own driver anew, so that it reads what the PF has for it.</summary>
    /// <returns>The interface it made.</returns>
    public async Task<Outcome<LinkInfo>> RebindAsync(VirtualFunction vf, CancellationToken cancel)
    {
        if (vf is not { Address: { } address, Driver: { } driver })
            return Fault.Unsupported($"{vf.Label} has no driver to bind anew", null, null, vf.Label);
        Outcome<Unit> unbound = await UnbindAsync(address, cancel).ConfigureAwait(false);
        if (unbound.Fault is not null)
            return unbound.Fault;
        Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>> bound = await BindAsync(vf.Pf, [address], driver, null, cancel).ConfigureAwait(false);
        if (!bound.Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? failed, out Fault? fault))
            return fault;
        if (failed.Count > 0)
            return failed[0].Reason;
        Outcome<IReadOnlyDictionary<PciAddress, LinkInfo>> links = await new InterfaceWait(kernel, options).ForAsync([address], cancel).ConfigureAwait(false);
        if (!links.Try(out IReadOnlyDictionary<PciAddress, LinkInfo>? found, out fault))
            return fault;
        return found.TryGetValue(address, out LinkInfo? link)
            ? link
            : Fault.NotFound($"{vf.Label} lost its interface after {driver} was bound anew", "its device or its PF went away (dmesg says why)", vf.Label);
    }

    /// <summary>A module that does not exist is a missing package where the name is known to be a driver's, else a wrong name.</summary>
    private static Fault Named(PhysicalFunction pf, string driver, Fault fault)
    {
        bool isMissing = fault.Kind == FaultKind.NotFound || fault.Cause?.Contains("not found", StringComparison.OrdinalIgnoreCase) == true;
        if (!isMissing)
            return fault;
        string? native = NativeDriver.Of(pf.Driver);
        return driver == native || KnownDrivers.IsUserSpace(driver)
            ? fault with { Kind = FaultKind.Kernel, Error = $"driver {driver} is not there: {fault.Error}" }
            : Fault.Usage($"no driver {driver}", $"the kernel has no module of that name; known here: {native ?? "none"}, vfio-pci", driver);
    }
}
