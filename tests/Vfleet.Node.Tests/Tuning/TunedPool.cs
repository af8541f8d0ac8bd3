using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Tuning;

/// <summary>A pool <c>fast</c> of the VFs 1 and 2, whose rules want rx-usecs 20.</summary>
internal static class TunedPool
{
    public const uint Wanted = 20;

    private const string Policy = """
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: fast}
        spec:
          resourceName: fast
          numVfs: 3
          nodeSelector: {}
          nicSelector: {pfNames: ["PF#1-2"]}
        """;

    private const string Rules = """
        apiVersion: vfleet.dev/v1alpha1
        kind: PoolPolicy
        metadata: {name: fast}
        spec:
          resourceName: fast
          scrub: SCRUB
          tuning: {affinity: numaNode, coalesceRxMicroseconds: 20}
        """;

    /// <param name="machine">The machine.</param>
    /// <param name="scrub">After <c>reset</c> a driver begins with its own values, after <c>settings</c> it keeps what it had.</param>
    public static void Apply(NodeMachine machine, string scrub = "reset") => _ = machine.Node.Ledger.Change(LedgerStep.Documents, change =>
    {
        change.PutDocument("SriovNetworkNodePolicy", "fast", Policy.Replace("PF", machine.Pf, StringComparison.Ordinal));
        change.PutDocument("PoolPolicy", "fast", Rules.Replace("SCRUB", scrub, StringComparison.Ordinal));
    }).Value;

    public static async Task<uint?> MicrosecondsAsync(NodeMachine machine, string vf)
    {
        (EthtoolClient client, string name, NetworkNamespace? within) = await OpenAsync(machine, vf);
        using (within)
        using (client)
            return (await client.GetCoalescingAsync(name)).Value.RxMicroseconds;
    }

    public static async Task SetMicrosecondsAsync(NodeMachine machine, string vf, uint microseconds)
    {
        (EthtoolClient client, string name, NetworkNamespace? within) = await OpenAsync(machine, vf);
        using (within)
        using (client)
            Assert.True((await client.SetCoalescingAsync(name, new CoalescingChange { RxMicroseconds = microseconds })).Succeeded);
    }

    private static async Task<(EthtoolClient Client, string Name, NetworkNamespace? Within)> OpenAsync(NodeMachine machine, string vf)
    {
        VirtualFunction now = await machine.ReadAsync(vf);
        NetworkNamespace? within = now.NamespacePath is null ? null : machine.Kernel.OpenNamespace(now.NamespacePath).Value;
        return (EthtoolClient.Open(machine.Kernel, within).Value, now.Link!.Name, within);
    }
}
