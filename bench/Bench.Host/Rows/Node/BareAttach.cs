using Vfleet.Bench.Measurement;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Rows.Node;

/// <summary>The kernel's own part of an attach: the requests that set a VF, move its interface with its name, and bring it up, and nothing else.</summary>
internal static class BareAttach
{
    /// <summary>Does it, and puts everything back.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="host">Finds the VF.</param>
    /// <param name="name">The VF, free and with its interface.</param>
    /// <param name="space">Where it goes.</param>
    /// <param name="change">What it is set to.</param>
    /// <returns>Nanoseconds; putting back does not count.</returns>
    public static async Task<double> TimeAsync(IKernel kernel, SriovHost host, string name, NetworkNamespace space, VfChange change)
    {
        VirtualFunction vf = BenchException.Take(await host.FindVfAsync(name).ConfigureAwait(false)).Vf;
        using NetworkNamespace own = BenchException.Take(kernel.OpenNamespace("/proc/self/ns/net"));
        using RouteClient here = BenchException.Take(RouteClient.Open(kernel));
        using RouteClient there = BenchException.Take(RouteClient.Open(kernel, space));
        double took = await Clock.TimeAsync(async () =>
        {
            BenchException.Take(await here.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [change]).ConfigureAwait(false));
            BenchException.Take(await here.ChangeLinkAsync(vf.Link!.Index, vf.Link.Name, new LinkChange { Namespace = space, Name = "eth0" }).ConfigureAwait(false));
            LinkInfo link = BenchException.Take(await there.GetLinkAsync("eth0").ConfigureAwait(false));
            BenchException.Take(await there.ChangeLinkAsync(link.Index, "eth0", new LinkChange { Up = true }).ConfigureAwait(false));
        }).ConfigureAwait(false);
        LinkInfo now = BenchException.Take(await there.GetLinkAsync("eth0").ConfigureAwait(false));
        BenchException.Take(await there.ChangeLinkAsync(now.Index, "eth0", new LinkChange { Up = false }).ConfigureAwait(false));
        BenchException.Take(await there.ChangeLinkAsync(now.Index, "eth0", new LinkChange { Namespace = own, Name = vf.Link!.Name }).ConfigureAwait(false));
        BenchException.Take(await here.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [new VfChange { Index = 0, Vlan = new VfVlan(0) }]).ConfigureAwait(false));
        return took;
    }
}
