using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Bench.Rows.Node;

/// <summary>
/// An igb VF attached to a namespace on a VLAN through the ledger, beside the bare netlink requests that do the same to the same VF: VLAN, move with
/// name, up.
/// </summary>
internal sealed class AttachOverhead : IBenchmark
{
    private const string Space = "vfleet-bench";

    public string Name => "node-attach";

    public Promise Promise => Promise.AtMost(1.25);

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        using TestPf pf = TestPf.Find(kernel, "igb", 1);
        Host.SriovHost host = new(kernel, bench.Host);
        _ = BenchException.Take(await host.Creator.ApplyAsync(
            BenchException.Take(await host.Creator.PlanAsync(pf.Address.ToString(), 1, null, force: false).ConfigureAwait(false)), force: false).ConfigureAwait(false));
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-node-").FullName;
        using NetworkNamespace space = BenchException.Take(kernel.CreateNamespace(Space));
        try
        {
            using LocalNode node = BenchException.Take(
                LocalNode.Open(kernel, bench.Host with { StateDirectory = folder }, new Actor("bench", null, BenchException.Take(OwnerIdentity.OfProcess(kernel, Environment.ProcessId, "bench")))));
            double[][] samples = await Interleaved.RunAsync(
                bench.Rounds, () => OursAsync(node, pf.Address), () => BareAsync(kernel, node, pf.Address, space)).ConfigureAwait(false);
            bench.Add(new Row(Name, "the bare netlink requests", SampleUnit.Nanoseconds, Promise) { Ours = samples[0], Peers = samples[1] });
        }
        finally
        {
            _ = kernel.DeleteNamespace(Space);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> OursAsync(LocalNode node, PciAddress pf)
    {
        AllocationRequest request = new() { Vf = $"{pf}/0", Owner = new Owner { Name = "bench" } };
        AttachOrder order = new() { NamespacePath = $"/run/netns/{Space}", Settings = new VfSettings { Vlan = 100 } };
        double took = await Clock.TimeAsync(async () => BenchException.Take(await node.AttachAsync(request, order).ConfigureAwait(false))).ConfigureAwait(false);
        _ = BenchException.Take(await node.ReleaseAsync($"{pf}/0").ConfigureAwait(false));
        return took;
    }

    private static async Task<double> BareAsync(IKernel kernel, LocalNode node, PciAddress pf, NetworkNamespace space)
    {
        Host.Inventory.VirtualFunction vf = BenchException.Take(await node.Host.FindVfAsync($"{pf}/0").ConfigureAwait(false)).Vf;
        using NetworkNamespace own = BenchException.Take(kernel.OpenNamespace("/proc/self/ns/net"));
        using RouteClient here = BenchException.Take(RouteClient.Open(kernel));
        using RouteClient there = BenchException.Take(RouteClient.Open(kernel, space));
        double took = await Clock.TimeAsync(async () =>
        {
            BenchException.Take(await here.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [new VfChange { Index = 0, Vlan = new VfVlan(100) }]).ConfigureAwait(false));
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
