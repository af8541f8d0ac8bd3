using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>Interfaces in a workload's namespace as members of one bond, so that it lives on when a PF fails.</summary>
/// <param name="kernel">The kernel.</param>
public sealed class WorkloadBond(IKernel kernel)
{
    /// <summary>Makes a bond of interfaces that are there, and brings it up; what fails half way is removed again.</summary>
    /// <param name="namespacePath">The namespace.</param>
    /// <param name="name">Name of the bond.</param>
    /// <param name="members">Names of the interfaces; they are taken down for it.</param>
    /// <param name="bond">How it uses them.</param>
    /// <param name="allMulticast">It receives frames for every group.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>The bond as it is then.</returns>
    public async Task<Outcome<LinkInfo>> MakeAsync(
        string namespacePath, string name, IReadOnlyList<string> members, BondSettings bond, bool allMulticast, CancellationToken cancel = default)
    {
        Outcome<LinkInfo> made = await WithinAsync(namespacePath, async (_, route) =>
        {
            Outcome<Unit> added = await route.AddBondAsync(name, bond, cancel).ConfigureAwait(false);
            return added.Fault ?? await FillAsync(route, name, members, allMulticast, cancel).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (made.Fault is not { } fault || fault.Errno == Errno.EEXIST)
            return made;
        Outcome<Unit> removed = await RemoveAsync(namespacePath, name, _ => true, CancellationToken.None).ConfigureAwait(false);
        return removed.Fault is { } stuck ? fault with { Cause = $"{fault.Cause ?? fault.Error}; removing {name} failed too: {stuck.Error}" } : fault;
    }

    /// <summary>Removes a bond; its members are down then. Success too where it, or its namespace, is not there.</summary>
    /// <param name="namespacePath">The namespace.</param>
    /// <param name="name">Name of the bond; an interface of another kind is left alone.</param>
    /// <param name="isIts">False for a namespace that has the path by now and is another one: nothing in it is touched.</param>
    /// <param name="cancel">Ends the work.</param>
    public async Task<Outcome<Unit>> RemoveAsync(
        string namespacePath, string name, Func<NetworkNamespace, bool> isIts, CancellationToken cancel = default)
    {
        Outcome<Unit> removed = await WithinAsync<Unit>(namespacePath, async (space, route) =>
        {
            if (!isIts(space))
                return Unit.Done;
            Outcome<LinkInfo> read = await route.GetLinkAsync(name, cancel: cancel).ConfigureAwait(false);
            if (!read.Try(out LinkInfo? link, out Fault? fault))
                return fault;
            return link.Kind == LinkInfo.BondKind ? await route.RemoveLinkAsync(link.Index, name, cancel).ConfigureAwait(false) : Unit.Done;
        }).ConfigureAwait(false);
        return removed.Fault is { Kind: FaultKind.NotFound } ? Unit.Done : removed;
    }

    private static async Task<Outcome<LinkInfo>> FillAsync(
        RouteClient route, string name, IReadOnlyList<string> members, bool allMulticast, CancellationToken cancel)
    {
        Outcome<LinkInfo> read = await route.GetLinkAsync(name, cancel: cancel).ConfigureAwait(false);
        if (!read.Try(out LinkInfo? link, out Fault? fault))
            return fault;
        foreach (string member in members)
        {
            Outcome<LinkInfo> found = await route.GetLinkAsync(member, cancel: cancel).ConfigureAwait(false);
            if (!found.Try(out LinkInfo? each, out fault))
                return fault;
            // A member gets the bond's MTU, so the bond has its members' first.
            if (each.Mtu != link.Mtu)
            {
                if ((await route.ChangeLinkAsync(link.Index, name, new LinkChange { Mtu = each.Mtu }, cancel).ConfigureAwait(false)).Fault is { } refused)
                    return refused;
                link = link with { Mtu = each.Mtu };
            }
            // An interface that is up is refused, and whether flags or master come first in one request is another thing in each kernel.
            foreach (LinkChange change in (LinkChange[])[new() { Up = false }, new() { Master = link.Index }])
            {
                if ((await route.ChangeLinkAsync(each.Index, member, change, cancel).ConfigureAwait(false)).Fault is { } refused)
                    return refused;
            }
        }
        LinkChange up = new() { Up = true, AllMulticast = allMulticast ? true : null };
        return (await route.ChangeLinkAsync(link.Index, name, up, cancel).ConfigureAwait(false)).Fault is { } notUp
            ? notUp
            : await route.GetLinkAsync(link.Index, cancel: cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<T>> WithinAsync<T>(string namespacePath, Func<NetworkNamespace, RouteClient, Task<Outcome<T>>> work)
    {
        if (!kernel.OpenNamespace(namespacePath).Try(out NetworkNamespace? space, out Fault? fault))
            return fault;
        using (space)
        {
            if (!RouteClient.Open(kernel, space).Try(out RouteClient? route, out fault))
                return fault;
            using (route)
                return await work(space, route).ConfigureAwait(false);
        }
    }
}
