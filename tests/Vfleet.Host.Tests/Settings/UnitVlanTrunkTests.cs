using Vfleet.Host.Settings;

namespace Vfleet.Host.Tests.Settings;

public sealed class UnitVlanTrunkTests
{
    [Theory]
    [InlineData("100", "100")]
    [InlineData("100-110,200", "100-110,200")]
    [InlineData("200,100-110", "100-110,200")]
    [InlineData("1-10,5-20,21", "1-21")]
    [InlineData("1-4094", "1-4094")]
    [InlineData("7,7", "7")]
    public void RangesAreSortedAndJoined(string text, string expected)
    {
        Assert.True(VlanTrunk.TryParse(text, out VlanTrunk? trunk));
        Assert.Equal(expected, trunk.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("4095")]
    [InlineData("20-10")]
    [InlineData("1-2-3")]
    [InlineData("1,")]
    [InlineData("-1")]
    [InlineData("a")]
    [InlineData("1-")]
    public void WhatIsNoListOfVlansIsRefused(string text) => Assert.False(VlanTrunk.TryParse(text, out _));
}
