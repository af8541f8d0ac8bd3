using Vfleet.Node.Counters;

namespace Vfleet.Telemetry.Tests;

/// <summary>Totals of a VF and of its allocations over everything that makes its counters begin anew.</summary>
public sealed class UnitMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private VfMeter? _meter;
    private DateTimeOffset _now = Start;

    [Fact]
    public void TotalsGoOnWhenCountersBeginAnew()
    {
        Read(100, "a1");
        Read(150, "a1");
        Read(20, "a1");
        Assert.True(_meter!.IsNewBeginning);
        Read(30, "a1");

        Assert.Equal((180UL, 80UL), Values());
        Assert.False(_meter!.IsNewBeginning);
    }

    [Fact]
    public void EveryCounterOfADriverBeginsAnewWithTheFirstThatWentDown()
    {
        Next(Of((VfCounter.ReceiveBytes, 1000), (VfCounter.TransmitBytes, 10)), "a1");
        Next(Of((VfCounter.ReceiveBytes, 5), (VfCounter.TransmitBytes, 40)), "a1");

        Assert.Equal(5UL, _meter!.Owned[VfCounter.ReceiveBytes]);
        Assert.Equal(40UL, _meter.Owned[VfCounter.TransmitBytes]);
    }

    [Fact]
    public void ADriverOfTheVfThatIsReloadedLeavesThePfsCountersAlone()
    {
        Next(Of((VfCounter.ReceiveBytes, 1000), (VfCounter.ReceiveErrors, 7)), "a1");
        Next(Of((VfCounter.ReceiveBytes, 1200), (VfCounter.ReceiveErrors, 2)), "a1");

        Assert.Equal(200UL, _meter!.Owned[VfCounter.ReceiveBytes]);
        Assert.Equal(2UL, _meter.Owned[VfCounter.ReceiveErrors]);
    }

    [Fact]
    public void EachAllocationBeginsAtZeroAndKeepsItsLastTotal()
    {
        Read(100, null);
        Read(120, "a1");
        Read(150, "a1");
        Read(155, null);
        Assert.Equal(("a1", 30UL), (_meter!.Allocation, _meter.Owned[VfCounter.ReceiveBytes]));
        Read(400, "a2");
        Read(401, "a2");

        Assert.Equal((401UL, 1UL), Values());
        Assert.Equal("a2", _meter!.Allocation);
    }

    [Fact]
    public void ACounterThatIsAwayForAWhileGoesOnWhereItWas()
    {
        Read(100, "a1");
        Read(130, "a1");
        Next(CounterValues.None, "a1");
        Assert.Equal((130UL, 30UL), Values());
        Read(140, "a1");

        Assert.Equal((140UL, 40UL), Values());
    }

    [Fact]
    public void ACounterThatComesLaterBeginsAtZero()
    {
        Next(CounterValues.None, "a1");
        Assert.Null(_meter!.Owned[VfCounter.ReceiveBytes]);
        Read(1_000_000, "a1");
        Read(1_000_007, "a1");

        Assert.Equal((1_000_007UL, 7UL), Values());
    }

    /// <summary>Only what began, or began anew, is kept at once: whoever reads next goes on from what was kept.</summary>
    [Fact]
    public void ATotalThatBeginsIsKeptAtOnce()
    {
        Read(100, null);
        Next(CounterValues.None, "a1");
        Assert.True(_meter!.IsNewBeginning);
        Read(150, "a1");
        Assert.True(_meter!.IsNewBeginning);
        Read(160, "a1");

        Assert.False(_meter!.IsNewBeginning);
        Assert.Equal((160UL, 10UL), Values());
    }

    [Fact]
    public void EveryCounterIsKeptUnderItsName()
    {
        Assert.Equal(Enum.GetValues<VfCounter>(), CounterValues.All);
        Next(CounterValues.Of(counter => (ulong)counter + 7), "a1");

        string text = MeterJson.Write(_meter!);
        VfMeter kept = MeterJson.TryRead(text)!;

        Assert.All(CounterValues.All, counter => Assert.Equal((ulong)counter + 7, kept.Total[counter]));
        Assert.All(CounterValues.All, counter =>
            Assert.Contains($"\"{counter}\"", text, StringComparison.OrdinalIgnoreCase));
        Assert.Equal((_meter!.Vf, _meter.At, _meter.Allocation), (kept.Vf, kept.At, kept.Allocation));
    }

    [Fact]
    public void AReadingThatAnotherProcessHasOvertakenIsNoReset()
    {
        Read(100, "a1");
        Read(200, "a1");
        _meter = VfMeter.Next(_meter, "vf", Of((VfCounter.ReceiveBytes, 150)), "a1", _now - TimeSpan.FromSeconds(1));

        Assert.Equal((200UL, 100UL), Values());
    }

    [Fact]
    public void AClockThatWasSetBackStopsNothing()
    {
        Read(100, "a1");
        _now -= TimeSpan.FromDays(1);
        Read(150, "a1");

        Assert.Equal((150UL, 50UL), Values());
    }

    [Fact]
    public void TotalsEndAtTheLargestNumber()
    {
        Read(ulong.MaxValue - 1, "a1");
        Read(50, "a1");

        Assert.Equal((ulong.MaxValue, 50UL), Values());
    }

    /// <summary>
    /// Whatever the kernel says, in whatever order VFs come and go: nothing goes down, and an owner is never told more than was counted.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NothingEverGoesDown(ulong seed)
    {
        ulong state = seed, raw = 0, truth = 0;
        string? owner = null;
        for (int step = 0; step < 2000; step++)
        {
            VfMeter? before = _meter;
            ulong moved = Number() % 1000;
            bool isReset = Number() % 10 == 0;
            raw = isReset ? moved : raw + moved;
            truth += moved;
            if (Number() % 20 == 0)
                owner = Number() % 3 == 0 ? null : $"a{step}";
            Next(Number() % 8 == 0 ? CounterValues.None : Of((VfCounter.ReceiveBytes, raw)), owner);

            Assert.True(before is null || Total(_meter!) >= Total(before));
            Assert.True(Total(_meter!) <= truth);
            Assert.True(before is null || before.Allocation != _meter!.Allocation || Owned(_meter) >= Owned(before));
            Assert.True(before?.Allocation == _meter!.Allocation || Owned(_meter) == 0);
        }

        // SplitMix64: the same steps for the same seed.
        ulong Number()
        {
            ulong mixed = state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }

    private static ulong Total(VfMeter meter) => meter.Total[VfCounter.ReceiveBytes] ?? 0;

    private static ulong Owned(VfMeter meter) => meter.Owned[VfCounter.ReceiveBytes] ?? 0;

    private static CounterValues Of(params (VfCounter Counter, ulong Value)[] values) =>
        CounterValues.Of(counter => values.Any(each => each.Counter == counter)
            ? values.First(each => each.Counter == counter).Value : null);

    private (ulong, ulong) Values() => (_meter!.Total[VfCounter.ReceiveBytes]!.Value, _meter.Owned[VfCounter.ReceiveBytes]!.Value);

    private void Read(ulong bytes, string? allocation) => Next(Of((VfCounter.ReceiveBytes, bytes)), allocation);

    private void Next(CounterValues values, string? allocation)
    {
        _now += TimeSpan.FromSeconds(15);
        _meter = VfMeter.Next(_meter, "vf", values, allocation, _now);
    }
}
