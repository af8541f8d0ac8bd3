namespace Vfleet.Linux.Tests;

public sealed class UnitCpuListTests
{
    [Theory]
    [InlineData("0-3,8", "0-3,8", 5)]
    [InlineData("8,0-2,3", "0-3,8", 5)]
    [InlineData("5", "5", 1)]
    [InlineData("1,3,5", "1,3,5", 3)]
    [InlineData("0-1\n", "0-1", 2)]
    [InlineData("", "", 0)]
    public void ListsAreReadAndWrittenAsTheKernelDoes(string text, string written, int count)
    {
        Assert.True(CpuList.TryParse(text, out CpuList? list));
        Assert.Equal((written, count), (list.ToString(), list.Cpus.Count));
        Assert.True(CpuList.TryParse(written, out CpuList? again));
        Assert.Equal(list, again);
        Assert.Equal(list.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("3-1")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("a")]
    [InlineData("0-2000000000")]
    [InlineData("99999999999999999999")]
    public void WhatIsNoListIsNotRead(string? text) => Assert.False(CpuList.TryParse(text, out _));

    [Fact]
    public void SetsAreCompared()
    {
        CpuList some = new(3, 1, 1, 2), more = new(0, 1, 2, 3);
        Assert.True(some.IsWithin(more));
        Assert.False(more.IsWithin(some));
        Assert.Equal("0", more.Except(some).ToString());
        Assert.Equal(some, more.Intersect(some));
        Assert.NotEqual(some, more);
    }
}
