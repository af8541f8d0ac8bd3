using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Drivers;

/// <summary>
/// Resets VFs, some of them off their driver meanwhile. The kernel has a driver stop its device for a reset, and one that was not started may
/// wait for ever then, with the device's lock held: igbvf does in napi_disable while its interface is down (igbvf_down,
/// drivers/net/ethernet/intel/igbvf/netdev.c).
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Deadlines.</param>
/// <param name="left">Notes what goes on after a deadline.</param>
internal sealed class VfResetter(IKernel kernel, HostOptions options, UnendedWork left)
{
    private readonly VfDrivers _drivers = new(kernel, options, left);

    /// <summary>Resets VFs that are PCI functions. The caller holds their locks.</summary>
    /// <param name="vfs">The VFs, each once.</param>
    /// <param name="isTakenOff">Tells which are taken off their driver; they get it back, and with it a new interface.</param>
    /// <param name="how">How to reset.</param>
    /// <param name="cancel">Ends the waiting; not once a VF is off its driver, for it must not stay so. Each step has a deadline of its own.</param>
    /// <returns>One result each, in the order given; a VF that did not get its driver back has failed.</returns>
    public async Task<IReadOnlyList<ResetResult>> ResetAsync(
        IReadOnlyList<VirtualFunction> vfs, Func<VirtualFunction, bool> isTakenOff, ResetOptions how, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Dictionary<PciAddress, ResetResult> ended = [];
        VirtualFunction[] off = [.. vfs.Where(vf => vf.Driver is not null && isTakenOff(vf))];
        foreach (VirtualFunction vf in off)
        {
            if ((await _drivers.UnbindAsync(vf.Address!.Value, CancellationToken.None).ConfigureAwait(false)).Fault is { } bound)
                ended[vf.Address.Value] = new ResetResult(vf.Address.Value, ResetWay.None, bound);
        }
        PciAddress[] free = [.. vfs.Select(vf => vf.Address!.Value).Where(address => !ended.ContainsKey(address))];
        foreach (ResetResult result in await new PciResets(kernel, options.Time, left)
            .ResetManyAsync(free, how, off.Length == 0 ? cancel : CancellationToken.None).ConfigureAwait(false))
            ended[result.Address] = result;
        foreach (IGrouping<(PhysicalFunction Pf, string? Driver), VirtualFunction> same in off.GroupBy(vf => (vf.Pf, vf.Driver)))
        {
            foreach ((PciAddress vf, Fault reason) in await BindAsync(same.Key.Pf, same.Key.Driver!, [.. same.Select(vf => vf.Address!.Value)]).ConfigureAwait(false))
            {
                if (ended[vf].Outcome.Succeeded)
                    ended[vf] = ended[vf] with { Outcome = reason };
            }
        }
        return [.. vfs.Select(vf => ended[vf.Address!.Value])];
    }

    /// <returns>Those that did not get their driver. One that cannot be loaded concerns its own VFs; the others go on.</returns>
    private async Task<IReadOnlyList<(PciAddress Vf, Fault Reason)>> BindAsync(PhysicalFunction pf, string driver, IReadOnlyList<PciAddress> vfs) =>
        (await _drivers.BindAsync(pf, vfs, driver, null, CancellationToken.None).ConfigureAwait(false))
            .Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? late, out Fault? fault) ? late : [.. vfs.Select(vf => (vf, fault))];
}
