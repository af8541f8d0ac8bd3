using Vfleet.Node.Documents;
using Vfleet.Telemetry.Drivers;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitCounterMapTests
{
    [Fact]
    public void TheMapsThatComeWithVfleetAreInOrderAndCoverTheirDrivers()
    {
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Read([]);
        Assert.Empty(problems);
        Assert.Empty(maps.Drivers);
        Assert.Empty(new[] { "igb", "igbvf", "ixgbe", "ixgbevf", "i40e", "iavf", "ice", "mlx5_core" }.Except(CounterMaps.Own.Drivers));
        // What a map takes over from another is there too.
        Assert.Contains(CounterMaps.Own.Of("ixgbe")!.Terms, term => term is { Group: CounterGroup.Queues, Name: "receive_bytes" });
        Assert.Null(CounterMaps.Own.Of("netdevsim"));
        Assert.Null(CounterMaps.Own.Of(null));
    }

    [Fact]
    public void SumsAndQueuesAreFoundAmongAnInterfacesNames()
    {
        CounterMap map = Read("drivers: [x]\nreceive: {length: rx_long + rx_short, crc: rx_crc}\nqueues: {receive_packets: 'rx{queue}_packets'}").Of("x")!;
        CounterLayout layout = CounterLayout.Of(map, ["rx_short", "rx1_packets", "rx0_packets", "rx_packets", "rxa_packets", "rx_long", "rx-1_packets"]);
        DeviceCounter[] read = [.. layout.Read([1, 2, 4, 8, 16, ulong.MaxValue, 64])];

        Assert.Equal(
        [
            new DeviceCounter(CounterGroup.Receive, "length", null, ulong.MaxValue),
            new DeviceCounter(CounterGroup.Queues, "receive_packets", 0, 4),
            new DeviceCounter(CounterGroup.Queues, "receive_packets", 1, 2),
        ], read);
    }

    [Fact]
    public void AMachinesOwnMapStandsInForOursAndAddsToIt()
    {
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Read(
        [
            ("a", "drivers: [nic]\nreceive: {crc: bad_crc, missed: lost}"), ("b", "drivers: [nic2, nic3]\nextends: [nic]\nreceive: {crc: other_crc}"),
            ("c", "drivers: [nic]\nreceive: {crc: new_crc}"),
        ]);
        Assert.Empty(problems);
        Assert.Equal("new_crc", Assert.Single(maps.Of("nic")!.Terms).Vendors[0]);
        Assert.Equal(["other_crc"], maps.Of("nic3")!.Terms.Select(term => term.Vendors[0]));
    }

    [Theory]
    [InlineData("receive: {crc: x}", "file:1:1: drivers is missing")]
    [InlineData("drivers: []", "file:1:10: drivers: the list is empty")]
    [InlineData("drivers: [x]\nreceve: {}", "file:2:1: unknown field receve; did you mean receive?")]
    [InlineData("drivers: [x]\nreceive: {crcc: x}", "file:2:17: receive: crcc is no common name; did you mean crc?")]
    [InlineData("drivers: [x]\nhardware: {crc: x}", "hardware: crc is no common name")]
    [InlineData("drivers: [x]\nreceive: {crc: a b}", "file:2:16: receive.crc: 'a b' is no name of a counter")]
    [InlineData("drivers: [x]\nreceive: {crc: 'a+'}", "receive.crc: '' is no name of a counter")]
    [InlineData("drivers: [x]\nreceive: {crc: 'r{queue}x{queue}'}", "is no name of a counter")]
    [InlineData("drivers: [x]\nreceive: {crc: a2345678901234567890123456789012}", "of up to 31 characters")]
    [InlineData("drivers: [x]\nqueues: {receive_bytes: rx_bytes}", "has no {queue} in it")]
    [InlineData("drivers: [x]\nextends: [y]", "extends: no map is of driver y")]
    [InlineData("drivers: [x]\nextends: [x]", "extends: x extends this map, so neither would have an end")]
    [InlineData("drivers: [x]\n---\ndrivers: [y]", "2 documents are in the file")]
    [InlineData("", "0 documents are in the file")]
    [InlineData("drivers: [x]\nreceive: [", "no YAML")]
    public void WhatHasToBeChangedIsToldWithItsPlace(string text, string problem)
    {
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Read([("file", text)]);
        Assert.Contains(problems, each => each.ToString().Contains(problem, StringComparison.Ordinal));
        Assert.Empty(maps.Drivers);
    }

    [Fact]
    public void ACircleOfMapsIsToldAndLeavesTheOthers()
    {
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Read(
            [("a", "drivers: [a]\nextends: [b]"), ("b", "drivers: [b]\nextends: [c]"), ("c", "drivers: [c]\nextends: [a]"), ("d", "drivers: [d]\nreceive: {crc: x}")]);
        Assert.NotEmpty(problems);
        Assert.Equal(["d"], maps.Drivers);
    }

    private static CounterMaps Read(string text)
    {
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Read([("file", text)]);
        Assert.Empty(problems);
        return maps;
    }
}
