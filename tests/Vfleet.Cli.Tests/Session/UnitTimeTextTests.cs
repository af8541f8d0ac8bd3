using Vfleet.Cli.Session;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Session;

public sealed class UnitTimeTextTests
{
    private static readonly FixedTime Clock = new();

    /// <summary>It is Wednesday 2026-01-07 10:30 in a zone one hour east.</summary>
    [Theory]
    [InlineData("2026-01-06T14:03:00Z", "2026-01-06T14:03:00+00:00")]
    [InlineData("2026-01-06T14:03:00.250+05:30", "2026-01-06T14:03:00.25+05:30")]
    [InlineData("2026-01-06T14:03", "2026-01-06T14:03:00+01:00")]
    [InlineData("2026-01-06 14:03", "2026-01-06T14:03:00+01:00")]
    [InlineData("2026-01-06", "2026-01-06T00:00:00+01:00")]
    [InlineData("9:05", "2026-01-07T09:05:00+01:00")]
    [InlineData("14:03", "2026-01-06T14:03:00+01:00")]
    [InlineData("today 09:05:07", "2026-01-07T09:05:07+01:00")]
    [InlineData("yesterday 14:03", "2026-01-06T14:03:00+01:00")]
    [InlineData("yesterday", "2026-01-06T00:00:00+01:00")]
    [InlineData("Tuesday 14:03", "2026-01-06T14:03:00+01:00")]
    [InlineData("tue 14:03", "2026-01-06T14:03:00+01:00")]
    [InlineData("Thursday 14:03", "2026-01-01T14:03:00+01:00")]
    [InlineData("Wednesday 09:00", "2026-01-07T09:00:00+01:00")]
    [InlineData("Wednesday 14:03", "2025-12-31T14:03:00+01:00")]
    public void WhatPeopleWriteIsTheLastTimeItCanMean(string text, string meant)
    {
        DateTimeOffset read = TimeText.Read("--at", text, Clock).Value;
        Assert.Equal(DateTimeOffset.Parse(meant, System.Globalization.CultureInfo.InvariantCulture), read);
        Assert.Equal(DateTimeOffset.Parse(meant, System.Globalization.CultureInfo.InvariantCulture).Offset, read.Offset);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("25:00")]
    [InlineData("2026-13-01")]
    [InlineData("tomorrow 10:00")]
    [InlineData("today 23:00")]
    [InlineData("2026-01-08")]
    [InlineData("Tuesday Wednesday 14:03")]
    [InlineData("Tuesday noon")]
    public void WhatCannotBeMeantOrIsToComeIsWrongUsage(string text)
    {
        Fault fault = TimeText.Read("--at", text, Clock).Fault!;
        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("--at", fault.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatWasUnderstoodIsSaidWithDayAndOffset() =>
        Assert.Equal("Tuesday 2026-01-06 14:03:00 +01:00", TimeText.Words(TimeText.Read("--at", "tue 14:03", Clock).Value));

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } =
            TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(1), "east", "east");

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 7, 9, 30, 0, TimeSpan.Zero);
    }
}
