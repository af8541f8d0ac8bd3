using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Plans;
using Vfleet.Simulation;

namespace Vfleet.Node.Tests.Plans;

/// <summary>A simulated machine that documents are applied to; a step may be told to go wrong.</summary>
internal sealed class PolicyMachine : IDisposable
{
    private int _pid = 5000;

    private PolicyMachine(NodeMachine machine) => Machine = machine;

    public NodeMachine Machine { get; }

    public LocalNode Node => Machine.Node;

    public NodePolicies Policies => new(Node);

    public static async Task<PolicyMachine> CreateAsync(
        string profile = "igb", int vfs = 0, string? driver = null, SimulationOptions? options = null) =>
        new(await NodeMachine.CreateAsync(profile, vfs, driver, options));

    /// <summary>A policy for the first PF.</summary>
    public static string Policy(string name, string pf, int vfs, string more = "") => $$"""
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: {{name}}}
        spec:
          resourceName: {{name}}
          numVfs: {{vfs}}
          nicSelector: {pfNames: ["{{pf}}"]}
          {{more}}

        """;

    public string Policy(string name, int vfs, string more = "", string range = "") => Policy(name, Machine.Pf + range, vfs, more);

    public DocumentUpdate Update(params string[] texts) =>
        DocumentUpdate.Of([.. texts.Select((text, number) => ($"{number}.yaml", text))], Policies.Applied().Value);

    public async Task<NodePlan> PlanAsync(params string[] texts) => (await Policies.PlanAsync(Update(texts))).Value.Plan;

    /// <summary>Applies documents as the command does: what was left is finished, planned, carried out.</summary>
    public Task<Outcome<IReadOnlyList<string>>> ApplyAsync(params string[] texts) => ApplyAsync(Node, new PlanOptions(), texts);

    public static async Task<Outcome<IReadOnlyList<string>>> ApplyAsync(LocalNode node, PlanOptions options, params string[] texts)
    {
        NodePolicies policies = new(node);
        if ((await policies.FinishAsync()).Fault is { } unfinished)
            return unfinished;
        if (!policies.Applied().Try(out IReadOnlyList<LedgerDocument>? applied, out Fault? fault))
            return fault;
        DocumentUpdate update = DocumentUpdate.Of([.. texts.Select((text, number) => ($"{number}.yaml", text))], applied);
        Outcome<PolicyChange> planned = await policies.PlanAsync(update);
        return planned.Try(out PolicyChange? change, out fault) ? await policies.ApplyAsync(change, options) : fault;
    }

    /// <summary>A process whose kernel is another one, such as one that fails.</summary>
    public LocalNode Start(IKernel kernel, Action<string>? stepped = null)
    {
        int pid = ++_pid;
        Machine.Kernel.Machine.AddProcess(pid);
        Actor actor = new("cli", "root", OwnerIdentity.OfProcess(Machine.Kernel, pid, $"vfleet {pid}").Value);
        return LocalNode.Open(kernel, Machine.Options with { ReadyDeadline = TimeSpan.FromSeconds(2) }, actor, stepped: stepped).Value;
    }

    /// <summary>The process is killed.</summary>
    public void Kill(LocalNode node)
    {
        Machine.Kernel.Machine.EndProcess(node.Ledger.Actor.Process!.ProcessId!.Value);
        node.Dispose();
    }

    /// <summary>What a plan may change of the first PF, as one text.</summary>
    public async Task<string> StateAsync()
    {
        PhysicalFunction pf = (await Node.Host.FindPfAsync(Machine.Pf)).Value;
        pf = (await FirmwareReader.CompleteAsync(Machine.Kernel, [pf], default))[0];
        IReadOnlyList<VirtualFunction> vfs = (await Node.Host.ListVfsAsync(Machine.Pf)).Value;
        return $"mtu {pf.Mtu} mode {pf.EswitchMode} autoprobe {pf.Autoprobe}: "
            + string.Join(", ", vfs.Select(vf => $"{vf.Index} {vf.Driver ?? "none"} {vf.Link?.Mtu}"));
    }

    public IReadOnlyList<LedgerVf> Rows() => Node.Ledger.Read(view => view.Vfs()).Value;

    public void Dispose() => Machine.Dispose();
}
