using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests;

public sealed class UnitVfStateTests
{
    private static readonly VfState[] All = Enum.GetValues<VfState>();

    [Fact]
    public void FromEveryStateAVfCanComeBackToItsPool()
    {
        foreach (VfState start in All)
        {
            HashSet<VfState> reached = [start];
            while (All.FirstOrDefault(to => !reached.Contains(to) && reached.Any(from => VfTransitions.IsAllowed(from, to)), (VfState)(-1)) is var next && next >= 0)
                reached.Add(next);
            Assert.Contains(VfState.Free, reached);
        }
    }

    [Fact]
    public void NoVfIsFreeAgainWithoutBeingScrubbedOrFoundAnewOrNeverTouched() =>
        Assert.Equal([VfState.Reserved, VfState.Scrubbing, VfState.Lost], All.Where(from => VfTransitions.IsAllowed(from, VfState.Free)));

    [Fact]
    public void OnlyAFreeVfGetsAnOwner() =>
        Assert.All(All.Where(from => from != VfState.Free), from => Assert.False(VfTransitions.IsAllowed(from, VfState.Reserved)));
}
