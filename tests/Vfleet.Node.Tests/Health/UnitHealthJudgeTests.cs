using Vfleet.Host.Health;
using Vfleet.Linux.Route;
using Vfleet.Node.Health;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Health;

public sealed class UnitHealthJudgeTests
{
    private static readonly VfHealthReading Well = new()
    {
        Label = "0000:01:10.0", Pf = "eth0", Driver = "iavf", InterfaceIndex = 7, IsUp = true, HasCarrier = true, IsCarrierExpected = true,
        CarrierLosses = 40, CorrectableErrors = 100, NonFatalErrors = 2, FatalErrors = 1, SpoofedPackets = 5, Statistics = Packets(1000),
    };

    private readonly HealthThresholds _thresholds = new();
    private HealthState _state = HealthState.Begin;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void WhatHappenedBeforeTheFirstReadingIsNoEvidence() => Assert.Empty(Expect(HealthLevel.Healthy, Well, 0));

    [Theory]
    [InlineData(2, HealthLevel.Healthy)]
    [InlineData(3, HealthLevel.Degraded)]
    [InlineData(19, HealthLevel.Degraded)]
    [InlineData(20, HealthLevel.Failed)]
    public void LossesOfCarrierAreCounted(int losses, HealthLevel level)
    {
        Expect(HealthLevel.Healthy, Well, 0);
        IReadOnlyList<HealthEvidence> evidence = Expect(level, Well with { CarrierLosses = 40 + (ulong)losses }, 10);
        Assert.Equal(level != HealthLevel.Healthy, evidence.Any(one => one.What == $"{losses} carrier losses within 300 s"));
    }

    [Fact]
    public void LossesSpreadOverMoreThanTheWindowAreNone()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        for (ulong i = 1; i <= 10; i++)
            Expect(HealthLevel.Healthy, Well with { CarrierLosses = 40 + i }, 160);
    }

    [Fact]
    public void AVfIsBadAtOnceAndWellOnlyAfterItsRecovery()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        VfHealthReading lost = Well with { CarrierLosses = 60 };
        Expect(HealthLevel.Failed, lost, 10);
        Expect(HealthLevel.Failed, lost, 290);
        // The window has passed, the recovery has not.
        IReadOnlyList<HealthEvidence> evidence = Expect(HealthLevel.Failed, lost, 10);
        Assert.Contains(evidence, one => one.What == "was failed, and is better for 10 s of 30 s");
        Expect(HealthLevel.Failed, lost, 19);
        Assert.Empty(Expect(HealthLevel.Healthy, lost, 1));
    }

    [Fact]
    public void ARecoveryThatIsInterruptedBeginsAnew()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(HealthLevel.Failed, Well with { Driver = null, InterfaceIndex = null }, 10);
        Expect(HealthLevel.Failed, Well, 29);
        Expect(HealthLevel.Failed, Well with { Driver = null, InterfaceIndex = null }, 0.5);
        Expect(HealthLevel.Failed, Well, 29);
        Expect(HealthLevel.Healthy, Well, 1);
    }

    [Fact]
    public void FromFailedItMayBecomeDegradedFirst()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(HealthLevel.Failed, Well with { Driver = null, InterfaceIndex = null }, 1);
        VfHealthReading spoofing = Well with { SpoofedPackets = 6 };
        Expect(HealthLevel.Failed, spoofing, 1);
        Expect(HealthLevel.Degraded, spoofing, 30);
        Expect(HealthLevel.Degraded, spoofing, 240);
        Expect(HealthLevel.Healthy, spoofing, 60);
    }

    [Theory]
    [InlineData("correctable", HealthLevel.Degraded)]
    [InlineData("nonfatal", HealthLevel.Degraded)]
    [InlineData("fatal", HealthLevel.Failed)]
    [InlineData("spoofed", HealthLevel.Degraded)]
    public void ErrorsAreCounted(string what, HealthLevel level)
    {
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(level, what switch
        {
            "correctable" => Well with { CorrectableErrors = 110 },
            "nonfatal" => Well with { NonFatalErrors = 3 },
            "fatal" => Well with { FatalErrors = 2 },
            _ => Well with { SpoofedPackets = 6 },
        }, 1);
    }

    [Fact]
    public void AThresholdOfZeroIsNeverReached()
    {
        HealthThresholds none = _thresholds with
        {
            DegradedCarrierLosses = 0, FailedCarrierLosses = 0, DegradedSpoofedPackets = 0, DegradedCorrectableErrors = 0,
        };
        (HealthState state, _) = HealthJudge.Step(HealthState.Begin, Well, none, _now);
        VfHealthReading worse = Well with { CarrierLosses = 9999, SpoofedPackets = 9999, CorrectableErrors = 9999 };
        Assert.Equal(HealthLevel.Healthy, HealthJudge.Step(state, worse, none, _now.AddSeconds(1)).Health.Level);
    }

    [Fact]
    public void ACounterThatGoesBackwardsIsEvidence()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        IReadOnlyList<HealthEvidence> evidence = Expect(HealthLevel.Degraded, Well with { Statistics = Packets(999) }, 1);
        Assert.Contains(evidence, one => one.What == "rx_packets went backwards once within 300 s");
        Expect(HealthLevel.Degraded, Well with { Statistics = Packets(1001), CarrierLosses = 39 }, 1);
    }

    [Theory]
    [InlineData("iavf", 8)]
    [InlineData("vfio-pci", null)]
    public void ADriverThatIsBoundAnewCountsFromZeroAndTheWindowWithIt(string driver, int? index)
    {
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(HealthLevel.Degraded, Well with { CarrierLosses = 50 }, 1);
        VfHealthReading anew = Well with
        {
            Driver = driver, InterfaceIndex = index, CarrierLosses = 1, SpoofedPackets = 0, Statistics = Packets(0),
        };
        Expect(HealthLevel.Degraded, anew, 1);
        Assert.Empty(Expect(HealthLevel.Healthy, anew, 30));
    }

    [Fact]
    public void PcieErrorsAreCountedAcrossABinding()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(HealthLevel.Failed, Well with { InterfaceIndex = 8, CarrierLosses = 0, FatalErrors = 2 }, 1);
    }

    [Fact]
    public void ADriverThatWentIsAFailureAndOneThatNeverWasIsNone()
    {
        VfHealthReading without = Well with
        {
            Driver = null, InterfaceIndex = null, IsUp = null, HasCarrier = null, IsCarrierExpected = false,
        };
        Expect(HealthLevel.Healthy, without, 0);
        Expect(HealthLevel.Healthy, Well, 1);
        Assert.Contains(Expect(HealthLevel.Failed, without, 1), one => one.What == "no driver is bound, and iavf was");
    }

    [Fact]
    public void ACarrierMayTakeItsTime()
    {
        VfHealthReading dark = Well with { HasCarrier = false };
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(HealthLevel.Healthy, dark, 1);
        Expect(HealthLevel.Healthy, dark, 29);
        Expect(HealthLevel.Degraded, dark, 1);
        // Without the PF's carrier it is the PF that is ill.
        Expect(HealthLevel.Degraded, dark with { IsCarrierExpected = false }, 29);
        Expect(HealthLevel.Healthy, dark with { IsCarrierExpected = false }, 1);
    }

    [Fact]
    public void WhatIsNotToldForAWhileIsComparedWithWhatWasToldLast()
    {
        Expect(HealthLevel.Healthy, Well, 0);
        Expect(HealthLevel.Healthy, Well with { FatalErrors = null, Statistics = null }, 1);
        Expect(HealthLevel.Failed, Well with { FatalErrors = 2 }, 1);
    }

    [Fact]
    public void ReportersOfAPfTell()
    {
        PfHealthReading pf = new()
        {
            Label = "eth0", Driver = "mlx5_core", InterfaceIndex = 2, Reporters = [new("fw", true, 3), new("fw_fatal", true, 0)],
        };
        Expect(HealthLevel.Healthy, pf, 0);
        Assert.Contains(Expect(HealthLevel.Degraded, pf with { Reporters = [new("fw", true, 5), new("fw_fatal", true, 0)] }, 1),
            one => one.What == "devlink's reporter fw saw an error 2 times within 300 s");
        Assert.Contains(Expect(HealthLevel.Failed, pf with { Reporters = [new("fw", false, 5), new("fw_fatal", false, 1)] }, 1),
            one => one.What == "devlink's reporter fw_fatal is in state error");
    }

    private static LinkStatistics Packets(ulong count) => new(count, count, count * 100, count * 100, 0, 0, 0, 0);

    /// <summary>Time passes, a reading comes, and the judgement is this.</summary>
    private IReadOnlyList<HealthEvidence> Expect(HealthLevel level, FunctionHealthReading reading, double seconds)
    {
        _now = _now.AddSeconds(seconds);
        (_state, HealthVerdict health) = HealthJudge.Step(_state, reading, _thresholds, _now);
        Assert.True(level == health.Level, $"{health.Level}, not {level}: {string.Join("; ", health.Evidence.Select(one => one.What))}");
        return health.Evidence;
    }
}
