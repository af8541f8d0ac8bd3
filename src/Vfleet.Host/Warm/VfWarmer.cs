using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Host.Scrub;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Warm;

/// <summary>How a VF was made ready.</summary>
/// <param name="Fault">Why it is not; null for one that is.</param>
/// <param name="IsTouched">False where nothing was changed. Else a VF that is not ready is half of it, until it is scrubbed.</param>
public sealed record WarmResult(Fault? Fault, bool IsTouched)
{
    /// <summary>The VF as it is, where it is ready.</summary>
    public VirtualFunction? Vf { get; init; }
}

/// <summary>
/// Makes a free VF ready for its next owner: looked at and clean, on its driver, its interface up and quiet. A scrub takes it back
/// (<see cref="ScrubOrder.IsWarm"/>).
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Deadlines and the state directory.</param>
public sealed class VfWarmer(IKernel kernel, HostOptions options)
{
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);

    /// <summary>Makes a VF ready. Equivalent to <c>ip link set VF up</c> behind the switches of <see cref="QuietInterface"/>.</summary>
    /// <param name="vf">The VF as it is called; nobody else may be given it meanwhile.</param>
    /// <param name="driver">The driver it is to have; null leaves the one it has.</param>
    /// <param name="clean">The clean state it has to be in before.</param>
    /// <param name="isStillMine">
    /// Asked under the lock: whoever changed the number of VFs while it was waited for destroyed the VF, and another has its name. Null
    /// where nobody else changes it.
    /// </param>
    /// <param name="cancel">Ends the waiting for the lock; what was begun is finished.</param>
    public async Task<WarmResult> WarmAsync(
        string vf, string? driver, Baseline clean, Func<bool>? isStillMine = null, CancellationToken cancel = default)
    {
        Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, vf, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!locked.Try(out LockedVf? held, out Fault? fault))
            return new WarmResult(fault, false);
        using (held)
        {
            if (isStillMine?.Invoke() == false)
                return new WarmResult(Fault.Refused($"{vf} was destroyed or taken over before it was made ready", target: vf), false);
            if (await CheckAsync(held.Vf, clean).ConfigureAwait(false) is { } refusal)
                return new WarmResult(refusal, false);
            Outcome<VirtualFunction> done = await WarmAsync(held.Vf, driver, held.Left).ConfigureAwait(false);
            return new WarmResult(done.Fault, true) { Vf = done.Or(null) };
        }
    }

    /// <summary>What makes a VF not ready, in words; empty for one that is, and for one that has no interface.</summary>
    /// <param name="vf">The VF as it was read.</param>
    public IReadOnlyList<string> Differences(VirtualFunction vf) => vf is not { Link: { } link, NamespacePath: null }
        ? []
        : link.IsUp ? QuietInterface.Differences(kernel.Files, link.Name) : [$"{link.Name} is down"];

    private async Task<Fault?> CheckAsync(VirtualFunction vf, Baseline clean)
    {
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(kernel, options).FindAsync([vf]).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out Fault? fault))
            return fault;
        if (used.Count > 0)
            return Fault.Refused($"{vf.Label} is in use", used[0].Reason, target: vf.Label);
        return CleanState.Differences(vf, clean) is { Count: > 0 } left
            ? Fault.Refused($"{vf.Label} is not clean: {string.Join("; ", left)}", target: vf.Label)
            : null;
    }

    private async Task<Outcome<VirtualFunction>> WarmAsync(VirtualFunction vf, string? driver, UnendedWork left)
    {
        if (driver is null || vf.Driver == driver)
            return await BringUpAsync(vf, left).ConfigureAwait(false);
        Outcome<VirtualFunction> bound = await BindAsync(vf, driver, left).ConfigureAwait(false);
        return bound.Try(out VirtualFunction? now, out _) ? await BringUpAsync(now, left).ConfigureAwait(false) : bound;
    }

    private async Task<Outcome<VirtualFunction>> BindAsync(VirtualFunction vf, string driver, UnendedWork left)
    {
        if (vf.Address is not { } address)
            return vf;
        VfDrivers drivers = new(kernel, options, left);
        Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>> bound =
            await drivers.BindAsync(vf.Pf, [address], driver, null, CancellationToken.None).ConfigureAwait(false);
        if (!bound.Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? failed, out Fault? fault))
            return fault;
        return failed.Count > 0 ? failed[0].Reason : await FindAsync(vf.Label, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Quiet first: an interface that is up for a moment has said who it is.</summary>
    private async Task<Outcome<VirtualFunction>> BringUpAsync(VirtualFunction vf, UnendedWork left)
    {
        if (vf is not { Link: { } link, NamespacePath: null })
            return vf;
        if (QuietInterface.Set(kernel.Files, link.Name).Fault is { } loud)
            return loud;
        if (!link.IsUp)
        {
            if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
                return fault;
            using (route)
            {
                Outcome<Unit> up = await route.ChangeLinkAsync(
                    link.Index, link.Name, new LinkChange { Up = true }, CancellationToken.None).ConfigureAwait(false);
                if (up.Fault is not null)
                    return up.Fault;
            }
        }
        Outcome<VirtualFunction> read = await FindAsync(vf.Label, CancellationToken.None).ConfigureAwait(false);
        return read.Try(out VirtualFunction? now, out Fault? gone) && Differences(now) is { Count: > 0 } wrong
            ? Fault.Unsupported($"{vf.Label} could not be made ready: {string.Join("; ", wrong)}",
                "somebody else sets the interface, or its driver does not bring it up",
                "keep other managers of networks away from VFs", vf.Label)
            : read;
    }

    private async Task<Outcome<VirtualFunction>> FindAsync(string vf, CancellationToken cancel) =>
        (await VfSearch.FindAsync(_inventory, vf, VfDetail.Settings, cancel).ConfigureAwait(false)).Map(place => place.Vf);
}
