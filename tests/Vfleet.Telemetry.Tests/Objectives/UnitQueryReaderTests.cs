using Vfleet.Telemetry.Objectives;

namespace Vfleet.Telemetry.Tests.Objectives;

public sealed class UnitQueryReaderTests
{
    [Theory]
    [InlineData("up", "up")]
    [InlineData("sum by (host, pf) (rate(a_total{vf=~\"b|c\", d!=\"e_total\"}[5m] offset 1h)) / on (host) group_left (team) b > bool 0.5",
        "a_total b")]
    [InlineData("sum(rate(a[5m])) without (by)", "a")]
    [InlineData("histogram_quantile(0.99, sum(rate(x_bucket[5m])) by (le))", "x_bucket")]
    [InlineData("max_over_time(rate(a[5m])[1h:30s])", "a")]
    [InlineData("label_replace(a, \"dst\", \"$1\", \"src\", '(.*)') or b unless c and d", "a b c d")]
    [InlineData("vfleet:x:rate5m * 1e-3 + 0x1F - .5 + Inf ^ nan", "vfleet:x:rate5m")]
    [InlineData("{__name__=\"a\", host=\"b\"}", "a")]
    [InlineData("a # b {\n + c", "a c")]
    [InlineData("time() - a @ end() > vector(1)", "a")]
    [InlineData("count_values(\"version\", a) + -b", "a b")]
    [InlineData("a{x=\"}\\\"]\"}[5m]", "a")]
    [InlineData("sum(rate(a[5m       ]))", "a")]
    public void MetricsAreTheNamesThatAreNothingElse(string query, string metrics)
    {
        QueryReader read = QueryReader.Read(query);
        Assert.Empty(read.Problems);
        Assert.Equal(metrics.Split(' '), read.Metrics.Select(metric => metric.Text));
        Assert.All(read.Metrics, metric => Assert.Equal(metric.Text, query.Substring(metric.Offset, metric.Text.Length)));
    }

    [Theory]
    [InlineData("", 0, "empty")]
    [InlineData("sum(rate(a[5m])", 3, "( is never closed")]
    [InlineData("sum(rate(a[5m]))) ", 16, ") closes nothing")]
    [InlineData("a{host=\"b", 7, "\" is never closed")]
    [InlineData("a{host=\"b\"", 1, "{ is never closed")]
    [InlineData("rate(a[5m)", 6, "[ is never closed")]
    [InlineData("rate(a[5minutes])", 6, "is no range")]
    [InlineData("rate(a[])", 6, "is no range")]
    [InlineData("rate(a[0s])", 6, "is no range")]
    [InlineData("rte(a[5m])", 0, "there is no function rte")]
    [InlineData("a b", 2, "an operator was expected")]
    [InlineData("a +", 3, "a value was expected")]
    [InlineData("{host=\"b\"}", 0, "names no metric")]
    [InlineData("a{=\"b\"}", 2, "a label with")]
    [InlineData("a{host}", 2, "a label with")]
    [InlineData("a{host=b}", 7, "a value in quotes")]
    [InlineData("a{host=\"b\" pf=\"c\"}", 11, "a comma or }")]
    [InlineData("sum by host (a)", 4, "labels in parentheses")]
    [InlineData("sum by (ho-st) (a)", 8, "no name of a label")]
    [InlineData("a ; b", 2, "has no place")]
    [InlineData("a > 5parsecs", 4, "no number")]
    [InlineData("a{host=", 7, "a value in quotes")]
    public void WhatCannotBeRightIsToldWithItsPlace(string query, int offset, string message)
    {
        QueryProblem problem = Assert.Single(QueryReader.Read(query).Problems);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(offset, problem.Offset);
    }

    [Fact]
    public void NoTextOfAnyKindBreaksTheReader()
    {
        const string Letters = "ab_:(){}[]\"'`\\,=!~<>+-*/%^@#. \n0159smhe\u00e9\ud800";
        Random random = new(7);
        for (int i = 0; i < 50_000; i++)
        {
            string text = string.Create(random.Next(24), random, (span, from) =>
            {
                for (int at = 0; at < span.Length; at++)
                    span[at] = Letters[from.Next(Letters.Length)];
            });
            QueryReader read = QueryReader.Read(text);
            Assert.All(read.Problems, problem => Assert.InRange(problem.Offset, 0, text.Length));
        }
    }

    [Theory]
    [InlineData("30d", 30 * 24 * 3600_000d)]
    [InlineData("4w2d", 30 * 24 * 3600_000d)]
    [InlineData("1h30m", 5_400_000d)]
    [InlineData("500ms", 500d)]
    [InlineData("1y", 365 * 86_400_000d)]
    [InlineData("", null)]
    [InlineData("30", null)]
    [InlineData("1m1h", null)]
    [InlineData("1.5h", null)]
    [InlineData("-1h", null)]
    [InlineData("99999999999y", null)]
    [InlineData("5m\n", null)]
    public void DurationsArePrometheuss(string text, double? milliseconds)
    {
        Assert.Equal(milliseconds is not null, PromDuration.TryParse(text, out TimeSpan read));
        Assert.Equal(milliseconds ?? 0, read.TotalMilliseconds);
    }
}
