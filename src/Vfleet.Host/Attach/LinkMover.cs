using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>Moves a VF's interface between namespaces.</summary>
internal static class LinkMover
{
    /// <summary>Into the workload's namespace: alternative names off, one request for move, name and MTU, then addresses and up.</summary>
    public static async ValueTask<Outcome<LinkInfo>> MoveInAsync(
        IKernel kernel, LinkInfo link, AttachRequest request, NetworkNamespace target, UnendedWork left, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? here, out Fault? fault))
            return fault;
        using (here)
        {
            Outcome<Unit> stripped = await StripNamesAsync(here, link, cancel).ConfigureAwait(false);
            if (stripped.Fault is not null)
                return stripped.Fault;
            LinkChange change = new() { Namespace = target, Name = request.InterfaceName, Mtu = request.Mtu };
            Outcome<Unit> moved = await here.ChangeLinkAsync(link.Index, link.Name, change, cancel).ConfigureAwait(false);
            if (moved.Fault is not null)
                return moved.Fault;
        }
        if (!RouteClient.Open(kernel, target, left).Try(out RouteClient? there, out fault))
            return fault;
        using (there)
            return await SettleAsync(there, request, cancel).ConfigureAwait(false);
    }

    /// <summary>Makes an interface ready for somebody else to move: alternative names off, down, MTU.</summary>
    public static async ValueTask<Outcome<LinkInfo>> StayAsync(
        IKernel kernel, LinkInfo link, AttachRequest request, UnendedWork left, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? here, out Fault? fault))
            return fault;
        using (here)
        {
            Outcome<Unit> stripped = await StripNamesAsync(here, link, cancel).ConfigureAwait(false);
            if (stripped.Fault is not null)
                return stripped.Fault;
            LinkChange change = new() { Mtu = request.Mtu, Up = false };
            Outcome<Unit> changed = await here.ChangeLinkAsync(link.Index, link.Name, change, cancel).ConfigureAwait(false);
            if (changed.Fault is not null)
                return changed.Fault;
            Outcome<LinkInfo> after = await here.GetLinkAsync(link.Index, cancel: cancel).ConfigureAwait(false);
            return after.Try(out LinkInfo? ready, out fault) && Differs(request, ready) is { } wrong ? NotKept(request, wrong) : after;
        }
    }

    /// <summary>Back to this process's namespace, down, under a name that is free there.</summary>
    /// <returns>The name it got.</returns>
    public static async ValueTask<Outcome<string>> MoveOutAsync(
        IKernel kernel, NetworkNamespace from, LinkInfo link, NetworkNamespace own, string wantedName, UnendedWork left, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel).Try(out RouteClient? here, out Fault? fault))
            return fault;
        using (here)
        {
            Outcome<List<LinkInfo>> listed = await here.ListLinksAsync(cancel: cancel).ConfigureAwait(false);
            if (!listed.Try(out List<LinkInfo>? links, out fault))
                return fault;
            wantedName = FreeName(links, wantedName);
        }
        if (!RouteClient.Open(kernel, from, left).Try(out RouteClient? there, out fault))
            return fault;
        using (there)
        {
            Outcome<Unit> stripped = await StripNamesAsync(there, link, cancel).ConfigureAwait(false);
            if (stripped.Fault is not null)
                return stripped.Fault;
            Outcome<Unit> down = await there.ChangeLinkAsync(link.Index, link.Name, Down(link), cancel).ConfigureAwait(false);
            if (down.Fault is not null)
                return down.Fault;
            LinkChange change = new() { Namespace = own, Name = wantedName };
            Outcome<Unit> moved = await there.ChangeLinkAsync(link.Index, link.Name, change, cancel).ConfigureAwait(false);
            return moved.Map(_ => wantedName);
        }
    }

    /// <summary>Down, and deaf to groups again: the kernel keeps that flag when an interface moves.</summary>
    internal static LinkChange Down(LinkInfo link) => new() { Up = false, AllMulticast = link.IsAllMulticast ? false : null };

    /// <summary>The name wanted, or with a number behind it where somebody else has it by now.</summary>
    internal static string FreeName(IReadOnlyList<LinkInfo> links, string wanted)
    {
        HashSet<string> taken = [.. links.Select(link => link.Name), .. links.SelectMany(link => link.AlternativeNames)];
        string name = wanted;
        for (int number = 2; taken.Contains(name); number++)
            name = $"{wanted[..Math.Min(wanted.Length, InterfaceName.Longest - 4)]}-{number}";
        return name;
    }

    private static async ValueTask<Outcome<Unit>> StripNamesAsync(RouteClient route, LinkInfo link, CancellationToken cancel) =>
        // An alternative name that exists in the other namespace would make the kernel refuse the move.
        link.AlternativeNames.Count == 0
            ? Unit.Done
            : await route.ChangeAlternativeNamesAsync(link.Index, link.Name, link.AlternativeNames, add: false, cancel).ConfigureAwait(false);

    private static async ValueTask<Outcome<LinkInfo>> SettleAsync(RouteClient there, AttachRequest request, CancellationToken cancel)
    {
        Outcome<LinkInfo> read = await there.GetLinkAsync(request.InterfaceName, cancel: cancel).ConfigureAwait(false);
        if (!read.Try(out LinkInfo? link, out Fault? fault))
            return fault;
        foreach (IPNetworkAddress address in request.Addresses)
        {
            Outcome<Unit> added = await there.AddAddressAsync(link.Index, link.Name, address, cancel).ConfigureAwait(false);
            if (added.Fault is not null)
                return added.Fault;
        }
        Outcome<Unit> up = await there.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Up = true, AllMulticast = request.AllMulticast ? true : null }, cancel).ConfigureAwait(false);
        if (up.Fault is not null)
            return up.Fault;
        Outcome<LinkInfo> after = await there.GetLinkAsync(link.Index, cancel: cancel).ConfigureAwait(false);
        if (!after.Try(out LinkInfo? final, out fault))
            return fault;
        return (Differs(request, final) ?? (final.IsUp ? null : "the interface did not stay up")) is { } wrong
            ? NotKept(request, wrong)
            : final;
    }

    private static Fault NotKept(AttachRequest request, string wrong) =>
        Fault.Unsupported($"{request.Vf}: {wrong}", "the driver did not keep what was set", null, request.Vf);

    private static string? Differs(AttachRequest request, LinkInfo link)
    {
        if (request.Mtu is { } mtu && link.Mtu != mtu)
            return $"MTU {mtu} wanted, {link.Mtu} seen";
        if (request.Settings.Mac is { IsZero: false } mac && link.Mac != mac)
            return $"MAC {mac} wanted, {link.Mac} seen";
        return request.AllMulticast && !link.IsAllMulticast ? "all multicast wanted, off seen" : null;
    }
}
