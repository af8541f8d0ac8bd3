using Vfleet.Host.Create;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;
using Vfleet.Node.Prewarm;

namespace Vfleet.Node.Tests.Prewarm;

/// <summary>One process makes a VF ready while another changes the number of VFs.</summary>
public sealed class UnitPrewarmMeetsChangeTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The one at the place of a destroyed VF is claimed before the change ends: it is whoever's claimed it.</summary>
    [Fact]
    public async Task AVfThatIsMadeReadyWhileAnApplyEndsIsReadyAfterwards()
    {
        using NodeMachine machine = await ReadyToWarmAsync();
        using SemaphoreSlim warmed = new(0), applied = new(0);
        using LocalNode agent = machine.Start(On($"before {LedgerStep.Prewarm}", 2, () =>
        {
            warmed.Release();
            Assert.True(applied.Wait(Longest));
        }));
        Task<PrewarmReport>? pass = null;
        using LocalNode apply = machine.Start(On($"before {LedgerStep.Apply}", 2, () =>
        {
            pass = Task.Run(() => PrewarmAsync(agent));
            Assert.True(warmed.Wait(Longest));
        }));
        Assert.Null((await ApplyAsync(apply, machine, 2)).Fault);
        applied.Release();
        PrewarmReport report = await pass!;
        Assert.Empty(report.Faults);
        string ready = Assert.Single(report.Warmed);
        Assert.Equal((VfState.Free, true), (machine.Row(ready).State, machine.Row(ready).IsWarm));
        Assert.True((await machine.ReadAsync(ready)).Link!.IsUp);
        Assert.Equal(2, machine.Node.Ledger.Read(view => view.Vfs()).Value.Count(row => row.IsAvailable));
    }

    /// <summary>The same where it was given to somebody and comes back: it is not free before it is clean, whoever cleans it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AVfThatIsCleanedWhileAnApplyEndsStaysWithWhoeverCleansIt(bool isSameProcess)
    {
        using NodeMachine machine = await ReadyToWarmAsync();
        LocalNode? apply = null;
        apply = machine.Start(On($"before {LedgerStep.Apply}", 2, () =>
        {
            LocalNode cleaner = isSameProcess ? apply! : machine.Node;
            _ = cleaner.Census.TakeAsync().GetAwaiter().GetResult().Value;
            _ = cleaner.Ledger.Change(LedgerStep.Scrubbing, change => change.Move(change.Vfs()[0], VfState.Scrubbing, "returned")).Value;
        }));
        using (apply)
        {
            Assert.Null((await ApplyAsync(apply, machine, 2)).Fault);
            LedgerVf row = machine.Node.Ledger.Read(view => view.Vfs()).Value[0];
            Owner? cleaner = (isSameProcess ? apply : machine.Node).Ledger.Actor.Process;
            Assert.Equal((VfState.Scrubbing, cleaner), (row.State, row.Worker));
        }
    }

    /// <summary>A VF that is gone, and was given away by whoever saw it before: its allocation ends with it.</summary>
    [Fact]
    public async Task AGoneVfThatSomebodyWasGivenMeanwhileIsNotForgottenWithItsAllocationOpen()
    {
        using NodeMachine machine = await ReadyToWarmAsync();
        string gone = (await machine.ReadAsync(machine.Vf(0))).Label;
        using LocalNode apply = machine.Start(On($"before {LedgerStep.Apply}", 2, () => GiveAway(machine.Node.Ledger)));
        Assert.Null((await ApplyAsync(apply, machine, 0)).Fault);
        // The census that ends an apply saw it.
        Assert.Equal(VfState.Lost, machine.Row(gone).State);
        Assert.Empty(machine.Open());

        void GiveAway(NodeLedger ledger) => _ = ledger.Change(LedgerStep.Reserve, change =>
        {
            // As a census that read the machine before the VF went.
            LedgerVf row = change.Move(change.Vf(gone)!, VfState.Free, "found").Value;
            LedgerAllocation draft = new()
            {
                Id = "", Pool = row.Pool, Owner = new Owner { Name = "blue" }, FrontDoor = "cli", RequestedAt = change.Now,
                Vfs = [new AllocatedVf(row.Vf, row.Pf, 0)],
            };
            return change.OpenAllocation(draft, VfState.Reserved, isReady: true);
        }).Value;
    }

    /// <summary>Who changes the number by hand claims nothing; what comes at the same place is another VF, and is left as it is.</summary>
    [Fact]
    public async Task AVfThatWasDestroyedBeforeItIsMadeReadyIsNotTouchedAndTheNextPassMakesOneReady()
    {
        using NodeMachine machine = await ReadyToWarmAsync();
        string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
        using LocalNode agent = machine.Start(On($"after {LedgerStep.Prewarm}", 1, () => Task.Run(async () =>
        {
            CreatePlan plan = (await machine.Node.Host.Creator.PlanAsync(machine.Pf, 2, null, force: false)).Value;
            _ = (await machine.Node.Host.Creator.ApplyAsync(plan, force: false)).Value;
            _ = (await machine.Node.Census.TakeAsync()).Value;
        }).Wait(Longest)));
        PrewarmReport report = await PrewarmAsync(agent);
        Assert.Empty(report.Warmed);
        Assert.Contains(report.Faults, fault => fault.Kind == FaultKind.Refused && fault.Target == vf);
        Assert.Equal((VfState.Free, false), (machine.Row(vf).State, machine.Row(vf).IsWarm));
        Assert.All((await machine.Node.Host.ListVfsAsync(machine.Pf)).Value, now => Assert.False(now.Link!.IsUp));
        Assert.Equal(vf, Assert.Single((await PrewarmAsync(machine.Node)).Warmed));
    }

    /// <summary>A machine whose rule wants one VF ready, and has none so yet.</summary>
    private static async Task<NodeMachine> ReadyToWarmAsync()
    {
        NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        _ = machine.Node.Ledger.Change(LedgerStep.Documents, change => change.PutDocument("PoolPolicy", "warm",
            "apiVersion: vfleet.dev/v1alpha1\nkind: PoolPolicy\nmetadata: {name: warm}\n"
            + $"spec:\n  resourceName: {machine.Pf}\n  prewarm: 1\n")).Value;
        _ = (await machine.Node.Census.TakeAsync()).Value;
        return machine;
    }

    /// <summary>Does something once, at the given pass of a step.</summary>
    private static Action<string> On(string step, int pass, Action act)
    {
        int passed = 0;
        return name =>
        {
            if (name == step && ++passed == pass)
                act();
        };
    }

    private static async Task<PrewarmReport> PrewarmAsync(LocalNode node) =>
        (await new Prewarmer(node).RunAsync((await node.Census.TakeAsync()).Value, [])).Value;

    private static async Task<Outcome<IReadOnlyList<string>>> ApplyAsync(LocalNode node, NodeMachine machine, int vfs)
    {
        NodePolicies policies = new(node);
        string text = Plans.PolicyMachine.Policy(machine.Pf, machine.Pf, vfs);
        PolicyChange change = (await policies.PlanAsync(DocumentUpdate.Of([("a.yaml", text)], policies.Applied().Value))).Value;
        return await policies.ApplyAsync(change, new PlanOptions());
    }
}
