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
        await pf.CreateAsync(host, 1).ConfigureAwait(false);
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-node-").FullName;
        using NetworkNamespace space = BenchException.Take(kernel.CreateNamespace(Space));
        try
        {
            using LocalNode node = BenchException.Take(
                LocalNode.Open(kernel, bench.Host with { StateDirectory = folder }, new Actor("bench", null, BenchException.Take(OwnerIdentity.OfProcess(kernel, Environment.ProcessId, "bench")))));
            double[][] samples = await Interleaved.RunAsync(
                bench.Rounds, () => OursAsync(node, pf.Address), () => BareAttach.TimeAsync(kernel, node.Host, $"{pf.Address}/0", space, new VfChange { Index = 0, Vlan = new VfVlan(100) })).ConfigureAwait(false);
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
}
