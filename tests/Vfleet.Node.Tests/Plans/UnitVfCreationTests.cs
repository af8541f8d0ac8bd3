using Vfleet.Host.Create;
using Vfleet.Host.Tests;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Plans;

/// <summary>Whoever asks while VFs are made.</summary>
public sealed class UnitVfCreationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task AVfThatIsHandedOutWhileItsDriverIsBoundStaysWithItsOwner(int before)
    {
        int count = await RunAsync(before, at: null), handedOut = 0;
        for (int at = 0; at < count; at++)
            handedOut += await RunAsync(before, at);
        Assert.True(handedOut > 0, "nobody got a VF");
    }

    /// <summary>Makes two VFs; at an operation of that, somebody asks for the second.</summary>
    /// <returns>The operations; where somebody asks, 1 where they got it.</returns>
    private static async Task<int> RunAsync(int before, int? at)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("mlx5", before);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        WatchedKernel kernel = new(machine.Kernel);
        using LocalNode maker = LocalNode.Open(kernel, machine.Options, new Actor("cli", "root", null)).Value;
        LedgerAllocation? got = null;
        kernel.Watch();
        if (at is { } operation)
            kernel.StrikeAt(operation, () => got = machine.Node.AllocateAsync(machine.Request() with { Vf = machine.Vf(1) }).Result.Or(null));
        CreatePlan plan = (await maker.Host.Creator.PlanAsync(machine.Pf, 2, null, force: false)).Value;
        _ = await maker.Host.Creator.ApplyAsync(plan, force: false);
        if (got is not null)
            Assert.Equal(got.Id, machine.Node.Ledger.Read(view => view.Vf(got.Vfs[0].Vf)).Value?.Allocation);
        return at is null ? kernel.Operations.Count : got is null ? 0 : 1;
    }
}
