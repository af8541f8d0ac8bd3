using Vfleet.Node.Documents;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitVfOwnersTests
{
    private const int Size = 40;

    [Fact]
    public void RangesAgreeWithAListOfEveryIndex()
    {
        Random random = new(7);
        for (int round = 0; round < 500; round++)
        {
            VfOwners owners = new();
            int?[] model = new int?[Size];
            for (int owner = 0; owner < 8; owner++)
            {
                int first = random.Next(Size);
                IndexRange range = new(first, random.Next(first, Size));
                (int, int)[] met = [.. Indexes(range).Where(index => model[index] is not null).GroupBy(index => model[index]!.Value)
                    .Select(taken => (taken.Key, taken.Min())).Order()];
                Assert.Equal(met,
                    owners.Claim(range, owner).GroupBy(one => one.Owner).Select(one => (one.Key, one.Min(taken => taken.Index))).Order());
                foreach (int index in Indexes(range))
                    model[index] ??= owner;
            }

            Assert.Equal(Array.FindLastIndex(model, owner => owner is not null) + 1, owners.End);
            foreach (int owner in Enumerable.Range(0, 8))
                Assert.Equal(Enumerable.Range(0, Size).Where(index => model[index] == owner), owners.ByOwner[owner].SelectMany(Indexes));
        }
    }

    private static IEnumerable<int> Indexes(IndexRange range) => Enumerable.Range(range.First, range.Last - range.First + 1);
}
