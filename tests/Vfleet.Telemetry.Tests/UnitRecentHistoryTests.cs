using Vfleet.Linux;
using Vfleet.Node.Counters;
using Vfleet.Telemetry.Recent;
using Xunit.Abstractions;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitRecentHistoryTests
{
    private const string Vf = "0000:01:10.0";
    private static readonly RecentOwner Blue = new("a1", "blue", "acme"), Green = new("a2", "green", null);
    private readonly ITestOutputHelper _output;
    private readonly SetTime _time = new();
    private readonly RecentHistory _history;

    public UnitRecentHistoryTests(ITestOutputHelper output) => (_output, _history) = (output, new RecentHistory(_time));

    [Fact]
    public void RatesAreWhatWasCountedOverTheTimeInBetween()
    {
        Read(Counts(1000, 0), after: 0);
        Read(Counts(6000, 10, interrupts: 50), after: 5);
        Read(Counts(6000 + 4000, 10, interrupts: 90), after: 4);

        IReadOnlyList<RecentPoint> points = Points("1m");
        Assert.Equal([1000, 1000], points.Select(point => point.Values.Of(RecentColumn.ReceiveBytes)));
        Assert.Equal([2, 0], points.Select(point => point.Values.Of(RecentColumn.ReceiveDropped)));
        // The first reading had none, and what nobody counts is not zero.
        Assert.Equal([null, 10], points.Select(point => point.Values.Of(RecentColumn.Interrupts)));
        Assert.All(points, point => Assert.Null(point.Values.Of(RecentColumn.TransmitErrors)));
        Assert.All(points, point => Assert.Null(point.Values.Of(RecentColumn.LatencyP99)));
    }

    [Fact]
    public void CountersThatBeginAnewMakeNoPeak()
    {
        Read(Counts(1_000_000_000, 7, interrupts: 1000), after: 0);
        Read(Counts(500, 0, interrupts: 20), after: 5);
        RateValues values = Assert.Single(Points("1m")).Values;
        Assert.Equal((100, 0, null),
            (values.Of(RecentColumn.ReceiveBytes), values.Of(RecentColumn.ReceiveDropped), values.Of(RecentColumn.Interrupts)));
    }

    [Fact]
    public void AGapIsAGapAndNoMeanHidesIt()
    {
        for (int i = 0; i < 4; i++)
            Read(Counts((ulong)i * 500, 0), after: i == 0 ? 0 : 5);
        // Nothing could be read for a minute; the first reading after it only begins anew.
        Read(Counts(1_000_000, 0), after: 60);
        Read(Counts(1_000_500, 0), after: 5);

        IReadOnlyList<RecentPoint> points = Points("10m");
        Assert.Equal([100, 100, 100, 100], points.Select(point => point.Values.Of(RecentColumn.ReceiveBytes)));
        Assert.Equal([0, 0, 0, 60], points.Select(point => point.Gap.TotalSeconds));
        Assert.Equal(TimeSpan.Zero, Series("10m").Quiet);
        _time.Pass(30);
        Assert.Equal(30, Series("10m").Quiet!.Value.TotalSeconds);
    }

    [Fact]
    public void ACounterThatComesAndGoesIsUnknownMeanwhile()
    {
        Read(Counts(100, 0), after: 0);
        Read(new VfCounts(Vf, CounterValues.None, null, Blue), after: 5);
        Read(Counts(900, 0), after: 5);
        Assert.Empty(Points("1m"));
        Read(Counts(950, 0), after: 5);
        Assert.Equal(10, Assert.Single(Points("1m")).Values.Of(RecentColumn.ReceiveBytes));
    }

    [Fact]
    public void AClockThatIsSetBackBreaksNeitherOrderNorRates()
    {
        Read(Counts(0, 0), after: 0);
        Read(Counts(500, 0), after: 5);
        _time.Set(TimeSpan.FromHours(-3));
        Read(Counts(1000, 0), after: 5);
        Read(Counts(1500, 0), after: 5);

        IReadOnlyList<RecentPoint> points = Points("1m");
        Assert.Equal([100, 100, 100], points.Select(point => point.Values.Of(RecentColumn.ReceiveBytes)));
        Assert.All(points, point => Assert.Equal(TimeSpan.Zero, point.Gap));
        Assert.True(points[1].At < points[0].At && points[2].At - points[1].At == TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AnHourIsKeptAtFiveSecondsAndADayByTheMinute()
    {
        const int Steps = (25 * 720) + 7;
        for (int i = 0; i < Steps; i++)
            Read(Counts((ulong)i * (ulong)(i % 12), 0), after: i == 0 ? 0 : 5);
        Assert.Equal(720, Points("1h").Count);
        IReadOnlyList<RecentPoint> day = Points("1d");
        Assert.Equal(1440, day.Count);
        Assert.Equal(TimeSpan.FromMinutes(1), day[2].At - day[1].At);
        Assert.All(day, point => Assert.NotNull(point.Values.Of(RecentColumn.ReceiveBytes)));
        Assert.InRange(Points("1h", "30s").Count, 120, 121);
        Assert.InRange(Points("1d", "1h").Count, 24, 25);
    }

    [Fact]
    public void AMinuteIsTheMeanOfItsSamplesAndTheWorstOfItsLatencies()
    {
        ulong bytes = 0;
        for (int i = 0; i <= 24; i++)
        {
            bytes += i % 12 == 6 ? 12_000UL : 0;
            Read(Counts(bytes, 0) with { LatencyP99 = i % 12 == 3 ? 0.002 : 0.001 }, after: i == 0 ? 0 : 5);
        }
        IReadOnlyList<RecentPoint> minutes = Points("2h");
        // The step of the first reading has no rate.
        Assert.Equal(2400f / 11, minutes[0].Values.Of(RecentColumn.ReceiveBytes)!.Value, 0.01);
        Assert.Equal(200, minutes[1].Values.Of(RecentColumn.ReceiveBytes));
        Assert.Equal(0.002, minutes[1].Values.Of(RecentColumn.LatencyP99)!.Value, 1e-6);
        Assert.Equal(0.002, Points("10m", "1m")[1].Values.Of(RecentColumn.LatencyP99)!.Value, 1e-6);
    }

    [Fact]
    public void AChangeOfOwnerIsMarkedWhereItHappened()
    {
        foreach ((RecentOwner? owner, int step) in new[] { Blue, Blue, null, Green, Green }.Select((owner, step) => (owner, step)))
            Read(Counts((ulong)step, 0) with { Owner = owner }, after: step == 0 ? 0 : 5);
        Assert.Equal([("blue", false), (null, true), ("green", true), ("green", false)],
            Points("1m").Select(point => (point.Owner?.Name, point.IsOwnerChanged)));
        // In a sample that stands for all of them the last owner is told, and that he was not the only one.
        RecentPoint all = Assert.Single(Points("1m", "1m"));
        Assert.Equal(("green", true), (all.Owner?.Name, all.IsOwnerChanged));
    }

    [Fact]
    public void SamplesWhoseOwnerIsForgottenAreNotTold()
    {
        for (int i = 0; i < 600; i++)
            Read(Counts((ulong)i, 0) with { Owner = new RecentOwner($"a{i}", $"owner{i}", null) }, after: i == 0 ? 0 : 5);
        IReadOnlyList<RecentPoint> points = Points("1h");
        Assert.Equal(VfRecent.MostOwners, points.Count);
        Assert.Equal("owner344", points[0].Owner!.Name);
        Assert.Equal("owner599", points[^1].Owner!.Name);
    }

    [Fact]
    public void AVfThatIsGoneIsToldForADayAndForgottenThen()
    {
        Read(Counts(0, 0), after: 0);
        Read(Counts(500, 0), after: 5);
        VfCounts other = Counts(0, 0) with { Vf = "eni1np1/3" };
        for (int minutes = 0; minutes < (24 * 60) - 10; minutes += 10)
            Read(other, after: 600);
        Assert.DoesNotContain(_history.Newest(), each => each.Vf == Vf);
        Assert.Equal(2, _history.Count);
        Read(other, after: 600);
        Assert.Equal(1, _history.Count);

        // It comes back as another VF that happens to bear its name.
        Read(Counts(0, 0) with { Owner = Green }, after: 5);
        Read(Counts(50, 0) with { Owner = Green }, after: 5);
        RecentPoint point = Assert.Single(Points("1h"));
        Assert.Equal((10, "green", false), (point.Values.Of(RecentColumn.ReceiveBytes), point.Owner?.Name, point.IsOwnerChanged));
    }

    [Fact]
    public void AVfThatComesBackGoesOnAfterItsGap()
    {
        for (int i = 0; i < 3; i++)
            Read(Counts((ulong)i * 500, 0), after: i == 0 ? 0 : 5);
        Read([], after: 100);
        // VFs that are made again count from zero.
        Read(Counts(20, 0), after: 100);
        Read(Counts(520, 0), after: 5);
        IReadOnlyList<RecentPoint> points = Points("10m");
        Assert.Equal([100, 100, 100], points.Select(point => point.Values.Of(RecentColumn.ReceiveBytes)));
        Assert.Equal(200, points[2].Gap.TotalSeconds);
    }

    [Fact]
    public void FurtherVfsAreCountedAndNotKeptUntilOneIsGone()
    {
        VfCounts[] many = [.. Enumerable.Range(0, RecentHistory.MostVfs + 2).Select(i => Counts(0, 0) with { Vf = $"eth0/{i}" })];
        Read(many, after: 0);
        Assert.Equal((RecentHistory.MostVfs, 2), (_history.Count, _history.NotKept));
        for (int i = 0; i < 4; i++)
            Read(many[1..^1], after: 5);
        Assert.Equal((RecentHistory.MostVfs, 0), (_history.Count, _history.NotKept));
        Assert.False(_history.Has("eth0/0"));
        Assert.True(_history.Has($"eth0/{RecentHistory.MostVfs}"));
    }

    [Fact]
    public void MemoryOfAVfIsBounded()
    {
        const int Vfs = 64;
        Assert.Equal((720 * 40) + (1440 * 40) + (256 * 16) + 4096, RecentHistory.BytesPerVf);
        VfCounts[] many = [.. Enumerable.Range(0, Vfs).Select(i => Counts(0, 0) with { Vf = $"eth0/{i}" })];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        // Each has another owner each time, which takes the most.
        for (int i = 0; i < 300; i++)
            Read([.. many.Select(vf => Counts((ulong)i, 0) with { Vf = vf.Vf, Owner = i % 2 == 0 ? Blue : Green })], after: 5);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Vfs;
        _output.WriteLine($"{each} bytes of memory for a VF, {RecentHistory.BytesPerVf} promised, "
            + $"{RecentHistory.MostVfs * (long)RecentHistory.BytesPerVf / 1_000_000} MB for the most VFs");
        Assert.InRange(each, 80_000, RecentHistory.BytesPerVf);
        GC.KeepAlive(many);
    }

    [Fact]
    public void TheNewestSamplesAreOfVfsThatAreThere()
    {
        Read([Counts(0, 0), Counts(0, 0) with { Vf = "b", Owner = Green }], after: 0);
        Read([Counts(500, 0), Counts(5, 0) with { Vf = "b", Owner = Green }], after: 5);
        Assert.Equal([(Vf, 100, "blue"), ("b", 1, "green")],
            _history.Newest().Select(each => (each.Vf, each.Point.Values.Of(RecentColumn.ReceiveBytes), each.Point.Owner?.Name)));
        Read([Counts(1000, 0)], after: 15);
        Assert.Equal([Vf], _history.Newest().Select(each => each.Vf));
        _time.Pass(20);
        Assert.Empty(_history.Newest());
    }

    [Fact]
    public async Task ManyReadWhileOneWrites()
    {
        Read(Counts(0, 0), after: 0);
        using CancellationTokenSource end = new();
        Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                Assert.All(Points("1h"), point => Assert.Equal(100, point.Values.Of(RecentColumn.ReceiveBytes)));
                Assert.Single(_history.Newest());
            }
        }))];
        for (int i = 1; i < 2000; i++)
            Read(Counts((ulong)i * 500, 0), after: 5);
        await end.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(-0.01, 5.01)]
    [InlineData(0.2, 4.8)]
    [InlineData(4, 1)]
    [InlineData(7, 3)]
    [InlineData(23, 2)]
    public void TheNextReadingIsDueAtAMultipleOfTheStep(double late, double wait)
    {
        _time.Pass(100 + Math.Min(late, 0));
        long begun = _time.GetTimestamp();
        _time.Pass(Math.Max(late, 0));
        Assert.Equal(wait, _history.UntilNext(begun).TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData("10m", null, 600, 5)]
    [InlineData(null, null, 600, 5)]
    [InlineData("1d", null, 86400, 60)]
    [InlineData("24h", "1h", 86400, 3600)]
    [InlineData("90s", "15s", 90, 15)]
    public void WhatIsWantedIsRead(string? since, string? step, int seconds, int each)
    {
        RecentQuery query = RecentQuery.Parse(since, step).Value;
        Assert.Equal((seconds, each), (query.Since.TotalSeconds, query.Step.TotalSeconds));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("m", null)]
    [InlineData("-5m", null)]
    [InlineData("1e3s", null)]
    [InlineData("10", null)]
    [InlineData("0s", null)]
    [InlineData("4s", null)]
    [InlineData("2d", null)]
    [InlineData("99999999999999999999s", null)]
    [InlineData("10m", "7s")]
    [InlineData("2h", "5s")]
    [InlineData("2h", "90s")]
    [InlineData("1m", "2m")]
    [InlineData("10m", "0s")]
    [InlineData("10m", "fast")]
    public void WhatIsNotKeptIsRefused(string since, string? step) =>
        Assert.Equal(FaultKind.Usage, RecentQuery.Parse(since, step).Fault?.Kind);

    private static VfCounts Counts(ulong bytes, ulong dropped, ulong? interrupts = null) => new(Vf, CounterValues.Of(counter => counter switch
    {
        VfCounter.ReceiveBytes => bytes,
        VfCounter.ReceiveDropped => dropped,
        _ => null,
    }), interrupts, Blue);

    private void Read(VfCounts counts, double after) => Read([counts], after);

    private void Read(IReadOnlyList<VfCounts> counts, double after)
    {
        _time.Pass(after);
        _history.Add(new RecentReading(_time.GetTimestamp(), _time.GetUtcNow(), counts));
    }

    private RecentSeries Series(string since, string? step = null) => _history.Of(Vf, RecentQuery.Parse(since, step).Value);

    private IReadOnlyList<RecentPoint> Points(string since, string? step = null) => Series(since, step).Points;

    /// <summary>A clock that stands until it is moved, and a clock on the wall that can be set.</summary>
    private sealed class SetTime : TimeProvider
    {
        private long _now;
        private TimeSpan _set;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(20_000) + TimeSpan.FromTicks(GetTimestamp()) + _set;

        public void Pass(double seconds) => Interlocked.Add(ref _now, TimeSpan.FromSeconds(seconds).Ticks);

        public void Set(TimeSpan by) => _set += by;
    }
}
