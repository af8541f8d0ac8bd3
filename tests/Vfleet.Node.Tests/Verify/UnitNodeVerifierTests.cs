using Vfleet.Node.Ledger;
using Vfleet.Node.Verify;

namespace Vfleet.Node.Tests.Verify;

public sealed class UnitNodeVerifierTests
{
    private const uint Rate = 400;

    /// <summary>One of two VFs is lost, comes back as nobody's, and another owner gets it with its guarantee.</summary>
    [Fact]
    public async Task AVfThatAnAllocationLostMayBelongToAnother()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        LedgerAllocation blue =
            (await machine.Node.AllocateAsync(machine.Request() with { Count = 2, GuaranteedMbps = Rate })).Value;
        string lost = blue.Vfs[1].Vf;
        _ = machine.Node.Ledger.Change(LedgerStep.Census, change => change.Move(change.Vf(lost)!, VfState.Lost, "lost")).Value;
        _ = (await machine.Node.Census.TakeAsync()).Value;
        Assert.Empty((await VerifyAsync(machine)).Violations);
        _ = (await machine.Node.AllocateAsync(machine.Request("green") with { Vf = lost, Pool = null, GuaranteedMbps = Rate })).Value;
        Assert.Equal(2, machine.Open().Count);
        Assert.Empty((await VerifyAsync(machine)).Violations);
    }

    [Fact]
    public async Task AVfThatTwoAllocationsHaveIsNamedWithBoth()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        LedgerAllocation blue = (await machine.Node.AllocateAsync(machine.Request() with { Count = 2 })).Value;
        LedgerAllocation green = (await machine.Node.AllocateAsync(machine.Request("green"))).Value;
        _ = machine.Node.Ledger.Change(LedgerStep.Repair, change => change.Connection.Run(
            "UPDATE vf SET allocation = $2 WHERE vf = $1", blue.Vfs[1].Vf, green.Id)).Value;
        IReadOnlyList<Violation> violations = (await VerifyAsync(machine)).Violations;
        Assert.Contains(violations, each => each.Invariant == "I1" && each.Target == blue.Vfs[1].Vf
            && each.Problem.Contains(blue.Id, StringComparison.Ordinal) && each.Problem.Contains(green.Id, StringComparison.Ordinal));
    }

    private static async Task<NodeVerdict> VerifyAsync(NodeMachine machine) => (await new NodeVerifier(machine.Node).VerifyAsync()).Value;
}
