using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Tests.Isolation;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Tests.Create;

public sealed class UnitCreateAgainTests
{
    [Fact]
    public async Task ACreationThatDidNotComeToItsEndIsFinishedByTheSameCommand()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("ice", 4);
        _ = (await machine.Host.BindAsync($"{machine.Pf}/2", "none", force: false, dryRun: false)).Value;
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 4, null, force: false)).Value;
        Assert.Equal(2, Assert.Single(plan.Unbound).Index);
        Assert.Empty(plan.Destroys);
        IReadOnlyList<VirtualFunction> vfs = (await machine.Host.Creator.ApplyAsync(plan, force: false)).Value;
        Assert.All(vfs, vf => Assert.Equal("iavf", vf.Driver));
        Assert.True((await machine.Host.Creator.PlanAsync(machine.Pf, 4, null, force: false)).Value.IsEmpty);
    }

    [Fact]
    public async Task APlanThatTheMachineOutranIsRefused()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("ice", 0);
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 4, null, force: false)).Value;
        CreatePlan other = (await machine.Host.Creator.PlanAsync(machine.Pf, 2, null, force: false)).Value;
        _ = (await machine.Host.Creator.ApplyAsync(other, force: false)).Value;
        Assert.Equal(FaultKind.Refused, (await machine.Host.Creator.ApplyAsync(plan, force: false)).Fault?.Kind);
    }

    [Fact]
    public async Task ManyVfsAreResetFromOneReadingAndEachOnce()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("ice", 4);
        string[] names = [.. Enumerable.Range(0, 4).Select(index => $"{machine.Pf}/{index}"), $"{machine.Pf}/0"];
        IReadOnlyList<ResetResult> results = (await machine.Host.ResetAsync(names, force: false, dryRun: false)).Value;
        Assert.Equal(4, results.Count);
        Assert.All(results, result => Assert.True(result.Outcome.Succeeded));
    }
}
