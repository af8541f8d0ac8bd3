namespace Vfleet.Linux.Tests;

public sealed class UnitProcessIdentityTests
{
    private const string Tail = "1 4711 4711 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 8812 4096000 100 18446744073709551615";

    [Theory]
    [InlineData("sleep")]
    [InlineData("a b")]
    [InlineData("x) S 1 2 3 (y")]
    [InlineData(") 1 2 3 4 5 6 7")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void TheStartIsFoundWhateverTheNameHolds(string name)
    {
        Assert.True(ProcessIdentity.Parse($"4711 ({name}) S {Tail}", out long? start));
        Assert.Equal(8812, start);
    }

    [Theory]
    [InlineData('Z')]
    [InlineData('X')]
    public void AProcessThatWaitsForItsParentHasNoStart(char state)
    {
        Assert.True(ProcessIdentity.Parse($"4711 (sleep) {state} {Tail}", out long? start));
        Assert.Null(start);
    }

    [Fact]
    public void AProcessWhoseFirstThreadEndedRunsOn()
    {
        string threads = Tail.Replace("20 0 1 0", "20 0 3 0", StringComparison.Ordinal);
        Assert.True(ProcessIdentity.Parse($"4711 (sleep) Z {threads}", out long? start));
        Assert.Equal(8812, start);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4711 sleep S 1 2 3")]
    [InlineData("4711 (sleep) S 1 2 3")]
    [InlineData("4711 (sleep) S 1 4711 4711 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 soon 4096000")]
    public void WhatIsNoLineOfStatIsNotUnderstood(string text) => Assert.False(ProcessIdentity.Parse(text, out _));
}
