using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Node.Tests.Allocation;

/// <summary>Thousands of machines and requests from fixed seeds; a failure prints its own.</summary>
public sealed class UnitPlacementPropertyTests
{
    [Fact]
    public void OnSmallMachinesNoChoiceIsBetterThanTheOneMade()
    {
        int made = 0, refused = 0;
        for (ulong seed = 0; seed < 10_000; seed++)
        {
            PlacementCase machine = PlacementCase.Random(new SeededNumbers(seed), pfs: 3, vfs: 4, count: 3);
            PlacementJudge judge = new(machine);
            Candidate[][] valid = [.. judge.ValidChoices()];
            Outcome<IReadOnlyList<Candidate>> outcome = Choose(machine);
            Expect(outcome.Succeeded == (valid.Length > 0), seed, machine, outcome);
            if (!outcome.Try(out IReadOnlyList<Candidate>? choice, out Fault? fault))
            {
                Expect(fault.Kind == FaultKind.Refused || IsElsewhere(machine), seed, machine, outcome);
                refused++;
                continue;
            }
            Expect(judge.IsValid(choice), seed, machine, outcome);
            int cost = valid.Min(judge.Cost);
            Candidate[][] best = [.. valid.Where(other => judge.Cost(other) == cost)];
            Expect(judge.Cost(choice) == cost, seed, machine, outcome);
            Expect(judge.IsSpread ? IsMostEven(judge, choice, best) : IsMostPacked(judge, choice, best), seed, machine, outcome);
            made++;
        }
        // Both answers were put to the test.
        Assert.True(made > 3000 && refused > 3000, $"{made} made, {refused} refused");
    }

    [Fact]
    public void OnLargeMachinesEveryChoiceIsValidAndOnAPfWarmVfsOfLowIndexGoFirst()
    {
        int made = 0;
        foreach ((ulong seed, PlacementCase machine, PlacementJudge judge, IReadOnlyList<Candidate> choice) in LargeChoices())
        {
            Expect(judge.IsValid(choice), seed, machine, Outcome<IReadOnlyList<Candidate>>.Of(choice));
            foreach (Candidate other in machine.Input.Candidates.Where(vf => judge.MayBeHad(vf) && !choice.Contains(vf)))
            {
                bool isPassedOver = choice.Any(vf => vf.Pf == other.Pf && judge.Cost(vf) == judge.Cost(other)
                    && (IsWarm(other), -other.Index).CompareTo((IsWarm(vf), -vf.Index)) > 0);
                Expect(!isPassedOver, seed, machine, Outcome<IReadOnlyList<Candidate>>.Of(choice));
            }
            made++;
        }
        Assert.True(made > 500, $"{made} made");
    }

    [Fact]
    public void PackTakesNoSecondPfWhereOneSuffices()
    {
        int single = 0, several = 0;
        foreach ((ulong seed, PlacementCase machine, PlacementJudge judge, IReadOnlyList<Candidate> choice) in LargeChoices())
        {
            if (judge.IsSpread)
                continue;
            bool suffices = machine.Input.Candidates.Where(judge.MayBeHad).GroupBy(vf => vf.Pf).Any(vfs =>
            {
                Candidate[] best = [.. vfs.OrderBy(judge.Cost).Take(choice.Count)];
                return judge.IsValid(best) && judge.Cost(best) == judge.Cost(choice);
            });
            Expect(!suffices || Pfs(choice) == 1, seed, machine, Outcome<IReadOnlyList<Candidate>>.Of(choice));
            single += suffices && choice.Count > 1 ? 1 : 0;
            several += Pfs(choice) > 1 ? 1 : 0;
        }
        Assert.True(single > 50 && several > 50, $"{single} on one PF, {several} on several");
    }

    [Fact]
    public void SpreadLeavesNoPfTwoVfsBehindAnotherThatCouldHaveGivenOne()
    {
        int made = 0;
        foreach ((ulong seed, PlacementCase machine, PlacementJudge judge, IReadOnlyList<Candidate> choice) in LargeChoices())
        {
            if (!judge.IsSpread)
                continue;
            foreach (Candidate taken in choice)
            {
                bool isUneven = machine.Input.Candidates.Any(other => judge.Cost(other) == judge.Cost(taken)
                    && judge.HandedOut(taken.Pf, choice) > judge.HandedOut(other.Pf, choice) + 1
                    && judge.IsValid([.. choice.Where(vf => vf != taken), other]));
                Expect(!isUneven, seed, machine, Outcome<IReadOnlyList<Candidate>>.Of(choice));
            }
            made++;
        }
        Assert.True(made > 200, $"{made} made");
    }

    [Fact]
    public void TheAnswerDoesNotDependOnTheOrderOfTheInput()
    {
        for (ulong seed = 0; seed < 2000; seed++)
        {
            PlacementCase machine = PlacementCase.Random(new SeededNumbers(seed), pfs: 5, vfs: 8, count: 8);
            Outcome<IReadOnlyList<Candidate>> first = Choose(machine), second = Choose(machine.Shuffled(new SeededNumbers(seed + 1)));
            Assert.Equal(first.Or([]), second.Or([]));
            Assert.Equal(first.Fault, second.Fault);
        }
    }

    private static IEnumerable<(ulong Seed, PlacementCase Machine, PlacementJudge Judge, IReadOnlyList<Candidate> Choice)> LargeChoices()
    {
        for (ulong seed = 100_000; seed < 102_000; seed++)
        {
            PlacementCase machine = PlacementCase.Random(new SeededNumbers(seed), pfs: 6, vfs: 16, count: 12);
            if (Choose(machine).Try(out IReadOnlyList<Candidate>? choice, out _))
                yield return (seed, machine, new PlacementJudge(machine), choice);
        }
    }

    private static Outcome<IReadOnlyList<Candidate>> Choose(PlacementCase machine) =>
        Placement.Choose(machine.Request, machine.Rules, machine.Input);

    private static int Pfs(IReadOnlyList<Candidate> choice) => choice.Select(vf => vf.Pf).Distinct().Count();

    private static bool IsMostEven(PlacementJudge judge, IReadOnlyList<Candidate> choice, Candidate[][] best) =>
        judge.Unevenness(choice) == best.Min(judge.Unevenness);

    /// <summary>On as few PFs as can be; where that is one, on the one with the fewest VFs that could be had.</summary>
    private static bool IsMostPacked(PlacementJudge judge, IReadOnlyList<Candidate> choice, Candidate[][] best) =>
        Pfs(choice) == best.Min(Pfs)
        && (Pfs(choice) > 1 || judge.FreeOn(choice[0].Pf) == best.Where(other => Pfs(other) == 1).Min(other => judge.FreeOn(other[0].Pf)));

    private static bool IsWarm(Candidate vf) => vf.Standing?.IsWarm == true;

    /// <summary>A VF that is asked for by name in a pool it is not in is not found.</summary>
    private static bool IsElsewhere(PlacementCase machine) =>
        machine.Request is { Vf: { } name, Pool: { } pool } && machine.Input.Candidates.Single(vf => vf.Vf == name).Pool != pool;

    private static void Expect(bool holds, ulong seed, PlacementCase machine, Outcome<IReadOnlyList<Candidate>> outcome)
    {
        string? choice = outcome.Map(vfs => string.Join(", ", vfs.Select(vf => vf.Vf))).Or(null);
        Assert.True(holds, $"seed {seed}: {choice}{outcome.Fault}\n{machine}");
    }
}
