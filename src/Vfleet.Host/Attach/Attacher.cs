using System.Net.Sockets;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>
/// Hands a VF to a namespace: record, settings, one request that moves, renames and sets MTU, then addresses and up. Whatever fails,
/// the VF is taken back by the same road as a detach.
/// </summary>
public sealed class Attacher(IKernel kernel, HostOptions options)
{
    private const int LeastIPv6Mtu = 1280;
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);
    private readonly IAttachmentStore _store = options.AttachmentsOrFiles;

    /// <summary>Attaches one VF. Equivalent to <c>ip link set PF vf N …; ip link set VF netns NAME name …; ip -n NAME address add …</c>.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="dryRun">Checks everything and changes nothing.</param>
    /// <param name="cancel">Ends the waiting; what was done is undone.</param>
    public async Task<Outcome<AttachResult>> AttachAsync(AttachRequest request, bool dryRun = false, CancellationToken cancel = default)
    {
        if (InterfaceName.Check(request.InterfaceName) is { } badName)
            return badName;
        if (!kernel.OpenNamespace(PathOf(request)).Try(out NetworkNamespace? target, out Fault? fault))
            return fault;
        using (target)
        {
            if (dryRun)
                return await RehearseAsync(request, target, cancel).ConfigureAwait(false);
            Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, request.Vf, VfDetail.Settings, cancel).ConfigureAwait(false);
            if (!locked.Try(out LockedVf? held, out fault))
                return fault;
            using (held)
            {
                if (await CheckAsync(request, held.Vf, held.Place.Siblings, target, cancel).ConfigureAwait(false) is { } refusal)
                    return refusal;
                if (await Override.WriteAsync(request.WriteDown, request.Force,
                    () => CheckAsync(request with { Force = false }, held.Vf, held.Place.Siblings, target, cancel))
                    .ConfigureAwait(false) is { } unwritten)
                    return unwritten;
                return await HandOutAsync(request, held.Vf, held.Place.Siblings, target, held.Left, cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task<Outcome<AttachResult>> RehearseAsync(AttachRequest request, NetworkNamespace target, CancellationToken cancel)
    {
        Outcome<VfAmongSiblings> found = await VfSearch.FindAsync(_inventory, request.Vf, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!found.Try(out VfAmongSiblings? place, out Fault? fault))
            return fault;
        return await CheckAsync(request, place.Vf, place.Siblings, target, cancel).ConfigureAwait(false) is { } refusal ? refusal : Planned(request, place.Vf);
    }

    private async Task<Fault?> CheckAsync(
        AttachRequest request, VirtualFunction vf, IReadOnlyList<VirtualFunction> siblings, NetworkNamespace target, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(kernel, options).FindAsync([vf], cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out Fault? fault))
            return fault;
        // The record tells what the VF was before; a second one would take the first tenant's settings for that.
        bool isHeld = !VfUsage.HeldBy(_store, vf).Try(out string? holder, out _) || holder is not null;
        if (used.Count > 0 && (!request.Force || isHeld || vf.NamespacePath is not null || vf.Link is null))
            return Fault.Refused($"{vf.Label} is in use", used[0].Reason, $"take another VF, or free it with `vfleet detach {vf.Label}`", vf.Label);
        if (!request.Settings.IsEmpty && SettingsCheck.Check(vf, siblings, request.Settings, request.Force) is { } wrong)
            return wrong;
        if (vf.Driver is null)
            return Fault.Refused($"{vf.Label} has no driver", "a VF without a driver has neither an interface nor a device node",
                $"bind one: `vfleet vf bind {vf.Label} vfio-pci`, or its native driver", vf.Label);
        if (KnownDrivers.IsUserSpace(vf.Driver))
            return CheckWithoutInterface(request, vf);
        if (vf.Link is null)
            return Fault.Refused($"{vf.Label} has no interface", $"driver {vf.Driver} is bound but made none", $"look at dmesg, or `vfleet vf reset {vf.Label}`", vf.Label);
        return request.NamespacePath is null
            ? CheckValues(request, vf)
            : await CheckTargetAsync(request, vf, target, cancel).ConfigureAwait(false);
    }

    private static Fault? CheckWithoutInterface(AttachRequest request, VirtualFunction vf)
    {
        if (request.NamespacePath is null)
            return Fault.Usage($"{vf.Label} is bound to {vf.Driver}: it has no interface that could be moved",
                "name a pool of VFs with their native driver", vf.Label);
        return request.Addresses.Count > 0 || request.Mtu is not null || request.AllMulticast
            ? Fault.Usage($"{vf.Label} is bound to {vf.Driver}: it has no interface for an address, MTU or groups", "leave them out", vf.Label)
            : null;
    }

    private string PathOf(AttachRequest request) => request.NamespacePath ?? options.OwnNamespacePath;

    private async Task<Fault?> CheckTargetAsync(AttachRequest request, VirtualFunction vf, NetworkNamespace target, CancellationToken cancel)
    {
        if (kernel.OpenNamespace(options.OwnNamespacePath).Or(null) is { } own)
        {
            using (own)
            {
                if (own.Inode == target.Inode && target.Inode != 0)
                    return Fault.Usage($"{PathOf(request)} is the host's own namespace", "name the namespace of a workload", PathOf(request));
            }
        }
        if (CheckValues(request, vf) is { } wrong)
            return wrong;
        if (!RouteClient.Open(kernel, target).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<LinkInfo> existing = await route.GetLinkAsync(request.InterfaceName, cancel: cancel).ConfigureAwait(false);
            return existing.Succeeded
                ? Fault.Refused($"{request.NamespacePath} has an interface {request.InterfaceName} already", null, $"give another {request.NameWord}", vf.Label)
                : null;
        }
    }

    private static Fault? CheckValues(AttachRequest request, VirtualFunction vf)
    {
        int most = vf.Link is { MaxMtu: > 0 and var own } ? own : 65535;
        if (request.Mtu is { } mtu && (mtu < 68 || mtu > most))
            return Fault.Usage($"MTU {mtu} is out of range 68 to {most}", most == 65535 ? null : $"driver {vf.Driver} of {vf.Label} takes no more", target: vf.Label);
        if (request.Addresses.GroupBy(address => address.Address).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return Fault.Usage($"address {twice.Key} is given twice", target: vf.Label);
        return (request.Mtu ?? vf.Link?.Mtu) < LeastIPv6Mtu && request.Addresses.FirstOrDefault(address => address.Address.AddressFamily == AddressFamily.InterNetworkV6) is { } six
            ? Fault.Usage($"{six} does not go with MTU {request.Mtu ?? vf.Link?.Mtu}", $"IPv6 needs {LeastIPv6Mtu} at least (RFC 8200)", vf.Label)
            : null;
    }

    private async Task<Outcome<AttachResult>> HandOutAsync(
        AttachRequest request, VirtualFunction vf, IReadOnlyList<VirtualFunction> siblings, NetworkNamespace target, UnendedWork left, CancellationToken cancel)
    {
        bool hasInterface = vf.Link is not null;
        Outcome<string?> trunk = await TimedReading.RunAsync(
            () => Outcome<string?>.Of(TrunkFiles.Read(kernel.Files, vf)), "the VLAN trunk", options.ReadTimer, cancel).ConfigureAwait(false);
        if (trunk.Fault is not null)
            return trunk.Fault;
        Outcome<IReadOnlyList<AddressRecord>> addresses = await HostAddresses.ReadAsync(kernel, vf, cancel).ConfigureAwait(false);
        if (addresses.Fault is not null)
            return addresses.Fault;
        bool isReady = false, isMacPinned = false;
        if ((vf.Link?.IsUp == true && !_store.IsKeptReady(vf.Label).Try(out isReady, out Fault? unread))
            || (DriverLimits.TakesMacOnlyAtProbe(vf.Pf.Driver) && !_store.IsMacPinned(vf.Label).Try(out isMacPinned, out unread)))
            return unread;
        AttachmentRecord record = new()
        {
            Vf = vf.Label,
            Pf = vf.Pf.DeviceName,
            Index = vf.Index,
            NamespacePath = PathOf(request),
            NamespaceInode = target.Inode,
            NamespaceCookie = target.Cookie,
            BootId = Boot.Id(kernel.Files),
            InterfaceName = hasInterface && request.NamespacePath is not null ? request.InterfaceName : vf.Link?.Name,
            RequestedAt = options.Time.GetUtcNow(),
            Allocation = request.Allocation,
            Forced = request.Force ? ["--force"] : [],
            // One that is kept ready is up for this owner, and was not before.
            Baseline = Baseline.Of(vf, trunk.Value, addresses.Value) with { IsUp = vf.Link?.IsUp == true && !isReady, IsMacPinned = isMacPinned },
        };
        if (_store.Save(record).Fault is { } notDurable)
            return notDurable;
        Outcome<AttachResult> result;
        try
        {
            result = await ConfigureAsync(request, vf, siblings, target, left, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C half way: the VF is taken back before the caller hears of it, and a failure of that weighs more.
            Detacher detacher = new(kernel, options);
            if ((await detacher.RestoreAsync(record, left, CancellationToken.None).ConfigureAwait(false)).Fault is { } stuck)
                return stuck with { Error = $"{vf.Label} was not taken back: {stuck.Error}", Remedy = $"repeat `vfleet detach {vf.Label}`" };
            throw;
        }
        if (result.Fault is not { } failed)
            return result;
        Outcome<DetachResult> back = await new Detacher(kernel, options).RestoreAsync(record, left, CancellationToken.None).ConfigureAwait(false);
        return back.Fault is null
            ? failed
            : failed with { Cause = $"{failed.Cause ?? failed.Error}; taking the VF back failed too: {back.Fault.Error}", Remedy = $"repeat `vfleet detach {vf.Label}`" };
    }

    private async Task<Outcome<AttachResult>> ConfigureAsync(
        AttachRequest request, VirtualFunction vf, IReadOnlyList<VirtualFunction> siblings, NetworkNamespace target, UnendedWork left, CancellationToken cancel)
    {
        if (!request.Settings.IsEmpty)
        {
            Outcome<VfInfo> written = await new SettingsWriter(kernel, options, left).WriteAsync(vf, siblings, request.Settings, request.Force, cancel).ConfigureAwait(false);
            if (!written.Try(out VfInfo? settings, out Fault? refused))
                return refused;
            vf = vf with { Settings = settings };
        }
        if (vf.Link is null)
            return Planned(request, vf) with { Now = vf };
        Outcome<LinkInfo> ready = await new MacApplier(kernel, options, left).ApplyAsync(vf, request.Settings.Mac, isSetThroughPf: true, cancel).ConfigureAwait(false);
        if (!ready.Try(out LinkInfo? link, out Fault? fault))
            return fault;
        Outcome<LinkInfo> moved = request.NamespacePath is null
            ? await LinkMover.StayAsync(kernel, link, request, left, cancel).ConfigureAwait(false)
            : await LinkMover.MoveInAsync(kernel, link, request, target, left, cancel).ConfigureAwait(false);
        return moved.Map(there => Planned(request, vf) with
        {
            Mac = there.Mac,
            Mtu = there.Mtu,
            Now = vf with { Link = there, NamespacePath = request.NamespacePath },
        });
    }

    private AttachResult Planned(AttachRequest request, VirtualFunction vf) => new()
    {
        Vf = vf.Label,
        NamespacePath = PathOf(request),
        InterfaceName = vf.Link is null || request.NamespacePath is null ? vf.Link?.Name : request.InterfaceName,
        Mac = request.Settings.Mac ?? vf.Link?.Mac,
        Mtu = request.Mtu ?? vf.Link?.Mtu,
        Addresses = request.Addresses,
        DeviceNodes = vf.VfioDevice is { } node ? ["/dev/vfio/vfio", node] : [],
        Warnings = vf.Pf.IsUp == false ? [$"PF {vf.Pf.Label} is down: the VF has no carrier until `ip link set {vf.Pf.Label} up`"] : [],
    };
}
