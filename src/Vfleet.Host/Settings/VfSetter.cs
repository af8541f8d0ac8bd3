using Vfleet.Host.Attach;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Settings;

/// <summary>
/// Sets a VF that stays where it is, and brings a MAC onto its interface where the VF's driver takes it only when it is bound (igb without trust).
/// That takes the interface away for a moment, so a VF in use is refused, before anything is written.
/// </summary>
internal sealed class VfSetter(IKernel kernel, HostOptions options, UnendedWork left)
{
    /// <summary>The refusal of what cannot be meant or done, or null.</summary>
    /// <param name="place">The VF among its siblings.</param>
    /// <param name="wanted">The wish.</param>
    /// <param name="force">See <see cref="SettingsCheck.Check"/>; a VF in use is set through its PF alone.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Fault?> CheckAsync(VfAmongSiblings place, VfSettings wanted, bool force, CancellationToken cancel)
    {
        if (SettingsCheck.Check(place.Vf, place.Siblings, wanted, force) is { } refusal)
            return refusal;
        if (force || !NeedsDriverAnew(place.Vf, wanted))
            return null;
        Outcome<string?> used = await UseOfAsync(place.Vf, cancel).ConfigureAwait(false);
        if (used.Fault is not null || used.Value is not { } reason)
            return used.Fault;
        return Fault.Refused(
            $"cannot set the MAC of {place.Vf.Label}: it is in use",
            $"{reason}, and {place.Vf.Driver} takes a MAC only when it is bound anew",
            $"free it, as with `vfleet detach {place.Vf.Label}`, or give --force: then its interface takes the MAC when its driver is bound next",
            place.Vf.Label);
    }

    /// <summary>Sets what is wanted, whole or not at all. The caller holds the VF's lock, and has asked <see cref="CheckAsync"/> under it.</summary>
    public async Task<Outcome<VfInfo>> SetAsync(VfAmongSiblings place, VfSettings wanted, bool force, CancellationToken cancel)
    {
        bool bindsAnew = NeedsDriverAnew(place.Vf, wanted);
        if (bindsAnew && force)
        {
            Outcome<string?> used = await UseOfAsync(place.Vf, cancel).ConfigureAwait(false);
            if (used.Fault is not null)
                return used.Fault;
            bindsAnew = used.Value is null;
        }
        // Link-scope addresses do not make a VF one in use, and would be lost.
        Outcome<IReadOnlyList<AddressRecord>> addresses =
            bindsAnew ? await HostAddresses.ReadAsync(kernel, place.Vf, cancel).ConfigureAwait(false) : Outcome<IReadOnlyList<AddressRecord>>.Of([]);
        if (addresses.Fault is not null)
            return addresses.Fault;
        Outcome<VfInfo> written =
            await new SettingsWriter(kernel, options, left).WriteAsync(place.Vf, place.Siblings, wanted, force, cancel).ConfigureAwait(false);
        return written.Fault is null && bindsAnew
            ? await BindAnewAsync(place.Vf, Baseline.Of(place.Vf, trunk: null, addresses.Value), written.Value, wanted, cancel).ConfigureAwait(false)
            : written;
    }

    private static bool NeedsDriverAnew(VirtualFunction vf, VfSettings wanted) =>
        wanted.Mac is { IsZero: false } mac
        && DriverLimits.TakesMacOnlyAtProbe(vf.Pf.Driver)
        && (wanted.Trust ?? vf.Settings?.Trust) != true
        && vf.Driver is not null && vf.Driver == NativeDriver.Of(vf.Pf.Driver)
        && (vf.Link is { } link ? link.Mac != mac : vf.IsInterfaceElsewhere);

    private async Task<Outcome<string?>> UseOfAsync(VirtualFunction vf, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(kernel, options).FindAsync([vf], cancel).ConfigureAwait(false);
        return usage.Map(used => used.Count == 0 ? null : used[0].Reason);
    }

    /// <summary>The interface that comes back is a new one: what the old one had is given to it. What fails goes back by the road of a detach.</summary>
    private async Task<Outcome<VfInfo>> BindAnewAsync(VirtualFunction vf, Baseline before, VfInfo written, VfSettings wanted, CancellationToken cancel)
    {
        try
        {
            Fault? failed = await TakeMacAsync(vf with { Settings = written }, before, wanted, cancel).ConfigureAwait(false);
            if (failed is null)
                return written;
            return await PutBackAsync(vf, before).ConfigureAwait(false) is { } stuck
                ? failed with { Cause = $"{failed.Cause ?? failed.Error}; putting the VF back failed too: {stuck.Error}", Remedy = "look at the VF with `vfleet vf show` and set it by hand" }
                : failed;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C half way: the VF is put back before the caller hears of it, and a failure of that weighs more.
            if (await PutBackAsync(vf, before).ConfigureAwait(false) is { } stuck)
                return stuck with { Error = $"{vf.Label} was not put back: {stuck.Error}" };
            throw;
        }
    }

    private async Task<Fault?> TakeMacAsync(VirtualFunction vf, Baseline before, VfSettings wanted, CancellationToken cancel)
    {
        Outcome<LinkInfo> applied = await new MacApplier(kernel, options, left).ApplyAsync(vf, wanted.Mac, isSetThroughPf: true, cancel).ConfigureAwait(false);
        if (!applied.Try(out LinkInfo? link, out Fault? fault))
            return fault;
        DetachResult asBefore = new() { Vf = vf.Label, InterfaceName = before.Name };
        return (await new Detacher(kernel, options).RestoreLinkAsync(link, before, asBefore, left, cancel).ConfigureAwait(false)).Fault;
    }

    private Task<Fault?> PutBackAsync(VirtualFunction vf, Baseline before) =>
        new Detacher(kernel, options).RestoreToAsync(vf.Label, before, left, CancellationToken.None);
}
