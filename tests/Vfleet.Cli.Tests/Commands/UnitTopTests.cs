using Vfleet.Agent.Api;
using Vfleet.Cli.Agent;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Commands;

/// <summary>The screen of <c>vfleet top</c> and its keys, from fixed readings.</summary>
public sealed class UnitTopTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TopWish Plain = new(null, null);

    private static readonly NodeShown Shown = new(true, [new PoolReport("fast", 4, 1, 0, 3, 0, 0, 0, 0, 0, 0)],
        [Vf(0, null, null), Vf(1, "blue", "acme"), Vf(2, "green/web-1", null), Vf(3, "grün\e[31m", null)])
    {
        Recent =
        [
            new NewestReport("0000:01:10.0", Sample(0, 0)),
            new NewestReport("0000:01:10.1", Sample(125_000_000, 9)),
            new NewestReport("0000:01:10.2", Sample(250_000_000, null)),
        ],
    };

    [Fact]
    public void AScreenShowsPoolsAndVfsInUseFirst()
    {
        IReadOnlyList<string> lines = TopScreen.Lines(Shown, Plain, 400, 24, Noon);
        Assert.StartsWith("12:00:00Z, from the agent; in use first; q quits", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("fast  4      1     0", lines[2], StringComparison.Ordinal);
        Assert.Equal(["0000:01:10.1", "0000:01:10.2", "0000:01:10.3", "0000:01:10.0"], lines.Skip(4).Select(line => line[..12]));
        Assert.Matches(@"blue +1000\.00 +8\.00 +30 +9\.0 +50 +1\.50 ms +acme", lines[4]);
        // What is not known is no zero, and an owner's name no control sequence.
        Assert.Matches(@"grün\\u001b\[31m +- +- +- +- +- +- +-", lines[6]);
        Assert.DoesNotContain(lines, line => line.Contains('\e', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rx", false, "2,1,0,3")]
    [InlineData("rx", true, "0,1,2,3")]
    [InlineData("drops", false, "1,0,2,3")]
    [InlineData("owner", false, "1,2,3,0")]
    [InlineData("owner", true, "3,2,1,0")]
    [InlineData("vf", true, "3,2,1,0")]
    public void RowsAreSortedAndWhatIsUnknownComesLast(string sort, bool isReversed, string order)
    {
        IReadOnlyList<TopRow> rows = TopColumns.Arrange(Shown.Rows(), sort, isReversed, null);
        Assert.Equal(order, string.Join(',', rows.Select(row => row.Vf.Index)));
    }

    [Theory]
    [InlineData("blue", "1")]
    [InlineData("ACME", "1")]
    [InlineData("eth0/2", "2")]
    [InlineData("10.3", "3")]
    [InlineData("fast", "0,1,2,3")]
    [InlineData("nobody", "")]
    public void AFilterLooksAtNamesPoolOwnerAndTenant(string filter, string found) =>
        Assert.Equal(found, string.Join(',', TopColumns.Arrange(Shown.Rows(), null, false, filter).Select(row => row.Vf.Index)));

    [Theory]
    [InlineData(400, true, true, true, true)]
    [InlineData(110, true, true, true, false)]
    [InlineData(72, true, true, false, false)]
    [InlineData(40, false, false, false, false)]
    public void ANarrowTerminalKeepsWhatMattersMost(int width, bool owner, bool packets, bool state, bool since)
    {
        IReadOnlyList<string> lines = TopScreen.Lines(Shown, Plain, width, 24, Noon);
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        string head = lines[3];
        Assert.StartsWith("VF ", head, StringComparison.Ordinal);
        Assert.Contains("RX-MBIT/S", head, StringComparison.Ordinal);
        Assert.Equal((owner, packets, state, since), (Has("OWNER"), Has("PACKETS/S"), Has("STATE"), Has("SINCE")));

        bool Has(string title) => head.Contains(title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, 1)]
    [InlineData(80, 5)]
    [InlineData(1, 3)]
    [InlineData(0, 0)]
    public void ATinyTerminalIsNotOverrun(int width, int height)
    {
        NodeShown many = Shown with { Pools = [.. Enumerable.Repeat(Shown.Pools[0], 50)] };
        IReadOnlyList<string> lines = TopScreen.Lines(many, Plain, width, height, Noon);
        Assert.InRange(lines.Count, 1, Math.Max(1, height));
        Assert.All(lines, line => Assert.True(line.Length <= width));
    }

    [Fact]
    public void MoreVfsThanLinesAreCounted()
    {
        IReadOnlyList<string> lines = TopScreen.Lines(Shown, Plain, 200, 7, Noon);
        Assert.Equal(7, lines.Count);
        Assert.Equal("… and 2 more: vfleet vf list", lines[^1]);
    }

    [Fact]
    public void WithoutRatesItSaysWhy()
    {
        NodeShown without = Shown with { IsAgent = false, Recent = [], NoRates = "no agent runs, which keeps them" };
        Assert.Contains("no agent runs; in use first", TopScreen.Lines(without, Plain, 400, 24, Noon)[0], StringComparison.Ordinal);
        Assert.Contains("no rates: no agent runs, which keeps them", TopScreen.Lines(without, Plain, 400, 24, Noon)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void KeysSortReverseFilterAndEnd()
    {
        Assert.Null(Press(Plain, "q"));
        Assert.Equal("rx", Press(Plain, "s")!.Sort);
        Assert.Null(Press(Plain, "sssssssss")!.Sort);
        Assert.Equal("rx", Press(Plain with { Sort = "pool" }, "s")!.Sort);
        Assert.True(Press(Plain, "r")!.IsReversed);
        Assert.Equal(Plain, Press(Plain, "x\t"));

        // Keys are letters while a filter is typed, q too.
        TopWish typed = Press(Plain, "/quickly\b\b")!;
        Assert.Equal("quick", typed.Typed);
        Assert.StartsWith("filter: quick_", TopScreen.Lines(Shown, typed, 80, 24, Noon)[0], StringComparison.Ordinal);
        Assert.Equal("quick", Press(typed, "\r")!.Filter);
        Assert.Null(Press(typed, "\e")!.Filter);
        Assert.Null(Press(Press(typed, "\r")!, "/\b\b\b\b\b\r")!.Filter);
        Assert.Equal(128, Press(Plain, "/" + new string('x', 5000))!.Typed!.Length);
    }

    [Fact]
    public void AColumnThatIsNoneIsRefusedWithTheNearest()
    {
        Fault fault = TopColumns.Named("packet").Fault!;
        Assert.Equal((FaultKind.Usage, "did you mean packets?"), (fault.Kind, fault.Remedy));
        Assert.Null(TopColumns.Named(null).Value);
        Assert.All(TopColumns.Cycle, name => Assert.Equal(name, TopColumns.Named(name).Value));
    }

    private static TopWish? Press(TopWish wish, string keys)
    {
        TopWish? now = wish;
        foreach (char key in keys)
        {
            ConsoleKey code = key switch { '\r' => ConsoleKey.Enter, '\b' => ConsoleKey.Backspace, '\e' => ConsoleKey.Escape, _ => ConsoleKey.None };
            now = now!.After(new ConsoleKeyInfo(key, code, shift: false, alt: false, control: false));
        }
        return now;
    }

    private static VfReport Vf(int index, string? owner, string? tenant) => new()
    {
        Vf = $"0000:01:10.{index}", Pf = "eth0", Index = index, Pool = "fast", State = owner is null ? "free" : "attached", Since = Noon,
        Owner = owner, Tenant = tenant, Warm = false,
    };

    private static RecentSampleReport Sample(double bytes, double? drops) => new()
    {
        At = Noon, ReceiveBytesPerSecond = bytes, TransmitBytesPerSecond = 1_000_000, ReceivePacketsPerSecond = 20, TransmitPacketsPerSecond = 10,
        ReceiveDroppedPerSecond = drops, InterruptsPerSecond = 50, LatencyP99Seconds = 0.0015, OwnerChanged = false,
    };
}
