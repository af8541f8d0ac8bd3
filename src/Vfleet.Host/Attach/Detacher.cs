using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>What a detach found and did.</summary>
public sealed record DetachResult
{
    /// <summary>The VF.</summary>
    public required string Vf { get; init; }

    /// <summary>Where it was.</summary>
    public string? NamespacePath { get; init; }

    /// <summary>True when the namespace was gone already and the kernel had brought the interface back.</summary>
    public bool NamespaceWasGone { get; init; }

    /// <summary>The interface's name on the host now.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>What could not be put back as it was, and why it is no harm.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Takes a VF back and restores what was recorded before it was handed out. Works when its namespace is gone, and twice in a row.</summary>
public sealed class Detacher(IKernel kernel, HostOptions options)
{
    /// <summary>On two busy processors seven VFs that are reset at once leave each other's names after up to 7 s.</summary>
    private static readonly TimeSpan NamePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);
    private readonly IAttachmentStore _store = options.AttachmentsOrFiles;

    /// <summary>Detaches one VF by its record.</summary>
    public Task<Outcome<DetachResult>> DetachAsync(string name, bool dryRun = false, CancellationToken cancel = default) =>
        DetachAsync(name, null, dryRun, cancel);

    /// <summary>Detaches one VF as far as it is attached for an allocation: another may have it since the caller looked.</summary>
    /// <returns>NotFound where it is attached for nobody, or for another.</returns>
    public Task<Outcome<DetachResult>> DetachOfAsync(string name, string allocation, CancellationToken cancel = default) =>
        DetachAsync(name, allocation, dryRun: false, cancel);

    private async Task<Outcome<DetachResult>> DetachAsync(string name, string? allocation, bool dryRun, CancellationToken cancel)
    {
        if (dryRun)
        {
            return (await FindAsync(name, cancel).ConfigureAwait(false)).Try(out VirtualFunction? seen, out Fault? unknown)
                ? Recorded(seen, allocation).Map(record =>
                    new DetachResult { Vf = record.Vf, NamespacePath = record.NamespacePath, InterfaceName = record.Baseline.Name })
                : unknown;
        }
        Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, name, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!locked.Try(out LockedVf? held, out Fault? fault))
            return fault;
        using (held)
        {
            return Recorded(held.Vf, allocation).Try(out AttachmentRecord? record, out fault)
                ? Ended(record, await RestoreToAsync(record, held.Vf, held.Left, cancel).ConfigureAwait(false))
                : fault;
        }
    }

    /// <summary>Restores a VF from its record, then removes the record. The caller holds the VF's lock.</summary>
    internal async Task<Outcome<DetachResult>> RestoreAsync(AttachmentRecord record, UnendedWork left, CancellationToken cancel) =>
        Ended(record, await RestoreToAsync(record, left, cancel).ConfigureAwait(false));

    private Outcome<DetachResult> Ended(AttachmentRecord record, Outcome<DetachResult> restored) =>
        restored.Fault is null && _store.Remove(record.Vf).Fault is { } stuck ? stuck : restored;

    /// <summary>Restores a VF to a record's baseline, and leaves the records as they are. The caller holds the VF's lock.</summary>
    internal async Task<Outcome<DetachResult>> RestoreToAsync(AttachmentRecord record, UnendedWork left, CancellationToken cancel)
    {
        Outcome<VirtualFunction> found = await FindAsync(record.Vf, cancel).ConfigureAwait(false);
        return found.Try(out VirtualFunction? vf, out Fault? fault) ? await RestoreToAsync(record, vf, left, cancel).ConfigureAwait(false) : fault;
    }

    /// <summary>Restores a VF that nobody has to a state, by the same road. The caller holds the VF's lock.</summary>
    internal async Task<Fault?> RestoreToAsync(string vf, Baseline state, UnendedWork left, CancellationToken cancel)
    {
        // The road goes by a record. This one is never written: the VF is nobody's.
        AttachmentRecord record = new()
        {
            Vf = vf,
            Pf = "",
            Index = 0,
            NamespacePath = options.OwnNamespacePath,
            NamespaceInode = 0,
            RequestedAt = options.Time.GetUtcNow(),
            Baseline = state,
        };
        return (await RestoreToAsync(record, left, cancel).ConfigureAwait(false)).Fault;
    }

    private async Task<Outcome<DetachResult>> RestoreToAsync(AttachmentRecord record, VirtualFunction vf, UnendedWork left, CancellationToken cancel)
    {
        if (await RestoreDriverAsync(vf, record.Baseline, left, cancel).ConfigureAwait(false) is { } noDriver)
            return noDriver;
        // Another driver makes another interface; else what was read still holds.
        VirtualFunction? known = record.Baseline.Driver is null || vf.Driver == record.Baseline.Driver ? vf : null;
        Outcome<VirtualFunction> located = await LocateAsync(record, known, cancel).ConfigureAwait(false);
        if (!located.Try(out VirtualFunction? there, out Fault? fault))
            return fault;
        DetachResult result = new() { Vf = record.Vf, NamespacePath = record.NamespacePath, NamespaceWasGone = IsGone(record) };
        if (record.Baseline.Name is { } name)
        {
            Outcome<DetachResult> back = await BringBackAsync(there, name, result, left, cancel).ConfigureAwait(false);
            if (!back.Try(out DetachResult? brought, out fault))
                return fault;
            result = brought;
        }
        return await RestoreSettingsAsync(record, result, left, cancel).ConfigureAwait(false);
    }

    /// <summary>A VF that lost its driver, as in an attach that ended half way, or to somebody who gave it another, gets its own again.</summary>
    private async Task<Fault?> RestoreDriverAsync(VirtualFunction vf, Baseline baseline, UnendedWork left, CancellationToken cancel)
    {
        if (baseline.Driver is not { } driver || vf.Driver == driver || vf.Address is not { } address)
            return null;
        Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>> bound = await new VfDrivers(kernel, options, left).BindAsync(vf.Pf, [address], driver, null, cancel).ConfigureAwait(false);
        if (!bound.Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? failed, out Fault? fault))
            return fault;
        return failed.Count > 0 ? failed[0].Reason : null;
    }

    /// <summary>
    /// The VF with its interface, wherever that is. The kernel brings the interfaces of a namespace that ended back in its own time, so one
    /// that is nowhere is looked for until a deadline. The record stays while it cannot be found: without it the VF would be lost.
    /// </summary>
    /// <param name="record">What is known of it.</param>
    /// <param name="known">The VF as it was read under the lock, where that still holds.</param>
    /// <param name="cancel">Ends the waiting.</param>
    private async Task<Outcome<VirtualFunction>> LocateAsync(AttachmentRecord record, VirtualFunction? known, CancellationToken cancel)
    {
        long started = options.Time.GetTimestamp();
        while (true)
        {
            bool isLate = options.Time.GetElapsedTime(started) >= options.ReturnDeadline;
            Outcome<VirtualFunction> found = known ?? await FindAsync(record.Vf, cancel).ConfigureAwait(false);
            if (!found.Try(out VirtualFunction? vf, out Fault? fault))
                return fault;
            known = null;
            if (!vf.IsInterfaceElsewhere || vf.Link is not null)
                return vf;
            Outcome<IReadOnlyList<VirtualFunction>> again =
                await NamespaceSearch.LocateAsync(kernel, [vf], cancel, record.NamespacePath).ConfigureAwait(false);
            if (!again.Try(out IReadOnlyList<VirtualFunction>? located, out fault))
                return fault;
            if (located[0].Link is not null || vf.Address is not { } address || !NamespaceSearch.HasInterface(kernel.Files, address))
                return located[0];
            if (isLate)
                return Fault.Refused($"{vf.Label}: its interface is in a namespace that could not be found",
                    $"it was given to {record.NamespacePath}, which is another namespace now or none",
                    "end the program that holds that namespace open, then repeat this", vf.Label);
            await Task.Delay(Poll, options.Time, cancel).ConfigureAwait(false);
        }
    }

    private bool IsGone(AttachmentRecord record)
    {
        if (kernel.OpenNamespace(record.NamespacePath).Or(null) is not { } there)
            return true;
        using (there)
            return there.Inode != record.NamespaceInode
                || (record.NamespaceCookie is { } wanted && there.Cookie is { } found && wanted != found);
    }

    private async Task<Outcome<VirtualFunction>> FindAsync(string name, CancellationToken cancel) =>
        (await VfSearch.FindAsync(_inventory, name, VfDetail.Settings, cancel).ConfigureAwait(false)).Map(place => place.Vf);

    private Outcome<AttachmentRecord> Recorded(VirtualFunction vf, string? allocation)
    {
        if (!_store.Find(vf.Label).Try(out AttachmentRecord? record, out Fault? fault))
            return fault;
        if (record is not null)
        {
            return allocation is null || record.Allocation is null || record.Allocation == allocation
                ? record
                : Fault.NotFound($"{vf.Label} is not attached for {allocation} any more", $"it is attached for {record.Allocation}", vf.Label);
        }
        return vf.NamespacePath is null
            ? Fault.NotFound($"{vf.Label} is not attached", "see `vfleet vf list`", vf.Label)
            : Fault.Refused($"{vf.Label} was not attached by vfleet", $"its interface {vf.Link?.Name} is in {vf.NamespacePath}, and there is no record of what it was before",
                "whoever put it there must take it back", vf.Label);
    }

    private async Task<Outcome<DetachResult>> BringBackAsync(
        VirtualFunction vf, string name, DetachResult result, UnendedWork left, CancellationToken cancel)
    {
        if (vf.Link is null)
            return result with { Warnings = [.. result.Warnings, $"{vf.Label} has no interface any more; its driver is {vf.Driver ?? "none"}"] };
        if (vf.NamespacePath is null)
            return await RenameAsync(vf.Link, name, result, left, cancel).ConfigureAwait(false);
        if (!kernel.OpenNamespace(vf.NamespacePath).Try(out NetworkNamespace? from, out Fault? fault))
            return fault;
        using (from)
        {
            if (!kernel.OpenNamespace(options.OwnNamespacePath).Try(out NetworkNamespace? own, out fault))
                return fault;
            using (own)
            {
                Outcome<string> moved = await LinkMover.MoveOutAsync(kernel, from, vf.Link, own, name, left, cancel).ConfigureAwait(false);
                return moved.Map(got => result with { InterfaceName = got, Warnings = NameWarning(result.Warnings, name, got) });
            }
        }
    }

    private async Task<Outcome<DetachResult>> RenameAsync(
        LinkInfo link, string name, DetachResult result, UnendedWork left, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<Unit> down = await route.ChangeLinkAsync(link.Index, link.Name, LinkMover.Down(link), cancel).ConfigureAwait(false);
            if (down.Fault is not null)
                return down.Fault;
            if (link.Name == name)
                return result with { InterfaceName = name };
            Outcome<List<LinkInfo>> listed = await route.ListLinksAsync(cancel: cancel).ConfigureAwait(false);
            if (!listed.Try(out List<LinkInfo>? links, out fault))
                return fault;
            string free = LinkMover.FreeName(links, name);
            Outcome<Unit> renamed = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Name = free }, cancel).ConfigureAwait(false);
            if (renamed.Fault is not null)
                return renamed.Fault;
            if (free != name && IsVfs(links.Find(other => other.Name == name)))
                free = await AwaitNameAsync(route, link.Index, free, name, cancel).ConfigureAwait(false);
            return result with { InterfaceName = free, Warnings = NameWarning(result.Warnings, name, free) };
        }
    }

    /// <summary>
    /// VFs whose drivers are bound anew side by side get names in the order in which they come up, each another's: whoever has its own back has left
    /// the one it held before.
    /// </summary>
    /// <returns>The name it has in the end.</returns>
    private async Task<string> AwaitNameAsync(RouteClient route, int index, string now, string wanted, CancellationToken cancel)
    {
        long started = options.Time.GetTimestamp();
        do
        {
            if ((await route.ChangeLinkAsync(index, now, new LinkChange { Name = wanted }, cancel).ConfigureAwait(false)).Succeeded)
                return wanted;
            await Task.Delay(Poll, options.Time, cancel).ConfigureAwait(false);
        }
        while (options.Time.GetElapsedTime(started) < NamePatience);
        return now;
    }

    private bool IsVfs(LinkInfo? link) =>
        link is { ParentDevice: { } device } && kernel.Files.Exists($"/sys/bus/pci/devices/{device}/physfn");

    private async Task<Outcome<DetachResult>> RestoreSettingsAsync(AttachmentRecord record, DetachResult result, UnendedWork left, CancellationToken cancel)
    {
        Outcome<VirtualFunction> found = await FindAsync(record.Vf, cancel).ConfigureAwait(false);
        if (!found.Try(out VirtualFunction? vf, out Fault? fault))
            return fault;
        Baseline baseline = record.Baseline;
        VfInfo? settings = vf.Settings;
        // Without them the VF would be free with the settings of whom it was given to.
        if (settings is null && baseline.HasSettings)
            return SettingsCheck.NotReported(vf) with
            {
                Cause = "it is in another namespace, or the PF lost its driver",
                Remedy = $"give {vf.Pf.Label} its interface back here, then repeat this",
            };
        if (settings is { } now)
        {
            Outcome<VfInfo> written = await new SettingsWriter(kernel, options, left).WriteAsync(vf, [], DriverLimits.ForRestore(vf.Pf.Driver, baseline, now).Except(now), force: true, cancel).ConfigureAwait(false);
            if (!written.Try(out settings, out fault))
                return fault;
            if (baseline.Trunk is { } trunk && (await BlockingCall.RunAsync(
                () => TrunkFiles.Restore(kernel.Files, vf, trunk), $"set the VLAN trunk of {vf.Label}", vf.Label, options.ReadDeadline, options.Time, cancel, left)
                .ConfigureAwait(false)).Fault is { } kept)
                return kept;
        }
        if (vf.Link is null)
            return result;
        MacAddress? mac = MacAddress.TryParse(baseline.Mac, out MacAddress old) ? old : null;
        if (DriverLimits.HasForgotten(vf, settings, baseline))
        {
            Outcome<LinkInfo> anew = await new VfDrivers(kernel, options, left).RebindAsync(vf, cancel).ConfigureAwait(false);
            if (!anew.Try(out LinkInfo? fresh, out fault))
                return fault;
            vf = vf with { Link = fresh };
        }
        bool isSetThroughPf = baseline.IsMacPinned || (settings?.Mac is { IsZero: false } admin && admin != mac);
        Outcome<LinkInfo> applied = await new MacApplier(kernel, options, left).ApplyAsync(vf, mac, isSetThroughPf, cancel).ConfigureAwait(false);
        if (!applied.Try(out LinkInfo? link, out fault))
            return fault;
        return await RestoreLinkAsync(link, baseline, result, left, cancel).ConfigureAwait(false);
    }

    /// <summary>Gives an interface on the host its MTU, names, flags and addresses again.</summary>
    internal async Task<Outcome<DetachResult>> RestoreLinkAsync(
        LinkInfo link, Baseline baseline, DetachResult result, UnendedWork left, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            string name = result.InterfaceName ?? link.Name;
            LinkChange change = new()
            {
                Mtu = baseline.Mtu == link.Mtu ? null : baseline.Mtu,
                Name = name == link.Name ? null : name,
                Up = baseline.IsUp,
                AllMulticast = baseline.IsAllMulticast == link.IsAllMulticast ? null : baseline.IsAllMulticast,
            };
            Outcome<Unit> changed = await route.ChangeLinkAsync(link.Index, link.Name, change, cancel).ConfigureAwait(false);
            if (changed.Fault is not null)
                return changed.Fault;
            Outcome<DetachResult> named = await RestoreAlternativeNamesAsync(route, link, name, baseline, result, cancel).ConfigureAwait(false);
            if (!named.Try(out result!, out fault))
                return fault;
            Outcome<IReadOnlyList<string>> addressed = await HostAddresses.RestoreAsync(route, link.Index, name, baseline.Addresses, cancel).ConfigureAwait(false);
            return addressed.Map(warnings => result with { Warnings = [.. result.Warnings, .. warnings] });
        }
    }

    private static async Task<Outcome<DetachResult>> RestoreAlternativeNamesAsync(
        RouteClient route, LinkInfo link, string name, Baseline baseline, DetachResult result, CancellationToken cancel)
    {
        string[] foreign = [.. link.AlternativeNames.Except(baseline.AltNames)];
        if (foreign.Length > 0)
        {
            Outcome<Unit> removed = await route.ChangeAlternativeNamesAsync(link.Index, name, foreign, add: false, cancel).ConfigureAwait(false);
            if (removed.Fault is not null)
                return removed.Fault;
        }
        // One by one: the kernel stops a request at the first name it refuses.
        foreach (string missing in baseline.AltNames.Except(link.AlternativeNames))
        {
            Outcome<Unit> named = await route.ChangeAlternativeNamesAsync(link.Index, name, [missing], add: true, cancel).ConfigureAwait(false);
            // A name somebody else took meanwhile is theirs now; the VF is whole without it.
            if (named.Fault is { Errno: Errno.EEXIST })
                result = result with { Warnings = [.. result.Warnings, $"the alternative name {missing} is taken by another interface"] };
            else if (named.Fault is not null)
                return named.Fault;
        }
        return result;
    }

    private static IReadOnlyList<string> NameWarning(IReadOnlyList<string> warnings, string wanted, string got) =>
        wanted == got ? warnings : [.. warnings, $"the name {wanted} is taken by another interface; the VF's is {got}"];
}
