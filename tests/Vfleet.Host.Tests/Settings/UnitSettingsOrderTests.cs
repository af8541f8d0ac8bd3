using Vfleet.Host.Settings;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Settings;

/// <summary>What tightens comes first, what loosens comes last: no moment is less safe than both ends.</summary>
public sealed class UnitSettingsOrderTests
{
    private static readonly VfSettings Loose = new()
    {
        Mac = new MacAddress(0x02_00_00_00_00_01), Vlan = 0, SpoofCheck = false, Trust = true, LinkState = VfLinkState.Enable, MinTxRateMbps = 0, MaxTxRateMbps = 0,
    };

    private static readonly VfSettings Tight = new()
    {
        Mac = new MacAddress(0x02_00_00_00_00_02), Vlan = 100, VlanQos = 3, VlanProtocol = VlanProtocol.Dot1Q, SpoofCheck = true, Trust = false,
        LinkState = VfLinkState.Disable, MinTxRateMbps = 10, MaxTxRateMbps = 100,
    };

    [Fact]
    public void TighteningTakesTheLinkAndTrustAwayBeforeAnythingElse() => Assert.Equal(
        ["link Disable", "trust False", "spoof True", "rate 10-100", "vlan 100", "mac 02:00:00:00:00:02"],
        SettingsWriter.Steps(State(Loose), Tight).Select(Describe));

    [Fact]
    public void LooseningGivesTrustSpoofAndLinkLast() => Assert.Equal(
        ["rate 0-0", "vlan 0", "mac 02:00:00:00:00:01", "trust True", "spoof False", "link Enable"],
        SettingsWriter.Steps(State(Tight), Loose).Select(Describe));

    [Fact]
    public void EveryStepSetsOneThing() =>
        Assert.All(SettingsWriter.Steps(State(Tight), Loose), step => Assert.DoesNotContain(",", Describe(step), StringComparison.Ordinal));

    [Fact]
    public void NothingWantedIsNoStep() => Assert.Empty(SettingsWriter.Steps(State(Tight), new VfSettings()));

    [Fact]
    public void WhatIsThereIsNoStep() => Assert.Empty(SettingsWriter.Steps(State(Tight), Tight));

    private static VfInfo State(VfSettings settings) => new()
    {
        Index = 3,
        Mac = settings.Mac,
        Vlan = settings.Vlan,
        VlanQos = settings.VlanQos ?? 0,
        VlanProtocol = settings.VlanProtocol ?? VlanProtocol.Dot1Q,
        SpoofCheck = settings.SpoofCheck,
        Trust = settings.Trust,
        LinkState = settings.LinkState,
        MinTxRateMbps = settings.MinTxRateMbps,
        MaxTxRateMbps = settings.MaxTxRateMbps,
    };

    private static string Describe(VfChange step)
    {
        Assert.Equal(3, step.Index);
        List<string> parts = [];
        if (step.LinkState is { } state)
            parts.Add($"link {state}");
        if (step.Trust is { } trust)
            parts.Add($"trust {trust}");
        if (step.SpoofCheck is { } spoof)
            parts.Add($"spoof {spoof}");
        if (step.Rate is { } rate)
            parts.Add($"rate {rate.MinTxMbps}-{rate.MaxTxMbps}");
        if (step.Vlan is { } vlan)
            parts.Add($"vlan {vlan.Id}");
        if (step.Mac is { } mac)
            parts.Add($"mac {mac}");
        return string.Join(", ", parts);
    }
}
