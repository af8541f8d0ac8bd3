using System.Reflection;
using System.Text.Json;
using Vfleet.Host.State;
using Vfleet.Host.Tuning;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.State;

public sealed class UnitRecordJsonTests
{
    private static readonly Baseline Whole = new()
    {
        Name = "enp65s0f0v1",
        AltNames = ["left", "r\u00e9\"seau"],
        Mac = "02:00:00:00:00:01",
        Mtu = 9000,
        IsUp = true,
        IsAllMulticast = true,
        Driver = "igbvf",
        AdminMac = "02:00:00:00:00:02",
        IsMacPinned = true,
        Vlan = 100,
        VlanQos = 3,
        VlanProtocol = VlanProtocol.Dot1Ad,
        SpoofCheck = true,
        Trust = true,
        LinkState = VfLinkState.Disable,
        MinTxRateMbps = 10,
        MaxTxRateMbps = uint.MaxValue,
        NodeGuid = ulong.MaxValue,
        PortGuid = 7,
        Addresses = [new AddressRecord { Address = "192.0.2.7/24", Broadcast = "192.0.2.255", Scope = 253 }],
        Trunk = "1-5,9",
    };

    private static readonly AttachmentRecord Record = new()
    {
        Version = 1,
        Vf = "0000:41:10.0",
        Pf = "0000:41:00.0",
        Index = 6,
        NamespacePath = "/run/netns/red",
        NamespaceInode = 4026532000,
        NamespaceCookie = ulong.MaxValue,
        BootId = "b",
        InterfaceName = "net1",
        Allocation = "a7",
        RequestedAt = new DateTimeOffset(2026, 11, 25, 12, 0, 0, 250, TimeSpan.FromHours(1)),
        Forced = ["default route"],
        Baseline = Whole,
    };

    private static readonly TuningBaseline Tuned = new()
    {
        Version = 3,
        Vf = "0000:41:10.0",
        Interface = new InterfaceTuning
        {
            CombinedChannels = 1, RxRing = 2, TxRing = 3, RxMicroseconds = 4, TxMicroseconds = 5, AdaptiveRx = false, AdaptiveTx = true,
        },
        Interrupts = [new InterruptBaseline(66, "0-3,8")],
    };

    [Fact]
    public void Every_property_is_written_and_read_again()
    {
        AssertWhole(Whole);
        AssertWhole(Record);
        AssertWhole(Tuned.Interface);
        AssertWhole(Tuned);
        Assert.Equal(RecordJson.Write(Record), RecordJson.Write(RecordJson.ReadAttachment(RecordJson.Write(Record))));
        Assert.Equal(TuningJson.Write(Tuned), TuningJson.Write(TuningJson.Read(TuningJson.Write(Tuned))));
        AssertNames(RecordJson.Write(Record), typeof(AttachmentRecord), typeof(Baseline), typeof(AddressRecord));
        AssertNames(TuningJson.Write(Tuned), typeof(TuningBaseline), typeof(InterfaceTuning), typeof(InterruptBaseline));
    }

    [Fact]
    public void What_an_earlier_version_wrote_is_read()
    {
        AttachmentRecord read = RecordJson.ReadAttachment("""
            {"version":1,"vf":"0000:41:10.0","pf":"0000:41:00.0","index":0,"namespacePath":"/run/netns/a","namespaceInode":12,"namespaceCookie":null,
             "requestedAt":"2026-11-21T10:00:00+00:00","later":{"unknown":[1,{"x":2}]},"baseline":{"name":"v0","isUp":false,"linkState":"Enable"}}
            """);
        Assert.Equal(("v0", VfLinkState.Enable, 0), (read.Baseline.Name, read.Baseline.LinkState, read.Baseline.Addresses.Count));
        Assert.Equal((12ul, null, 0), (read.NamespaceInode, read.NamespaceCookie, read.Forced.Count));
    }

    [Fact]
    public void Text_that_is_cut_anywhere_is_refused_in_one_way()
    {
        string text = RecordJson.Write(Record);
        for (int length = 0; length < text.Length; length++)
            Assert.ThrowsAny<JsonException>(() => RecordJson.ReadAttachment(text[..length]));
        Assert.ThrowsAny<JsonException>(() => RecordJson.ReadAttachment($"{text} {{}}"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""{"mtu":"9000"}""")]
    [InlineData("""{"mtu":9000.5}""")]
    [InlineData("""{"mtu":99999999999}""")]
    [InlineData("""{"minTxRateMbps":-1}""")]
    [InlineData("""{"nodeGuid":-1}""")]
    [InlineData("""{"isUp":"yes"}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"altNames":null}""")]
    [InlineData("""{"altNames":[null]}""")]
    [InlineData("""{"addresses":[null]}""")]
    [InlineData("""{"addresses":[{"scope":1}]}""")]
    [InlineData("""{"addresses":[{"address":"192.0.2.1/24","scope":256}]}""")]
    [InlineData("""{"linkState":"Up"}""")]
    [InlineData("""{"vlanProtocol":"Dot1X"}""")]
    public void Value_of_another_kind_is_refused_in_the_same_way(string text) =>
        Assert.ThrowsAny<JsonException>(() => RecordJson.ReadBaseline(text));

    /// <summary>The samples above must set everything, or a property that is new and forgotten would not be missed.</summary>
    private static void AssertWhole<T>(T sample)
        where T : class
    {
        foreach (PropertyInfo property in Settable(typeof(T)))
        {
            object? value = property.GetValue(sample);
            bool isSet = value switch { null => false, string text => text.Length > 0, System.Collections.ICollection list => list.Count > 0, _ => true };
            Assert.True(isSet, $"{typeof(T).Name}.{property.Name} has no value in the sample");
        }
    }

    private static void AssertNames(string json, params Type[] types)
    {
        foreach (PropertyInfo property in types.SelectMany(Settable))
            Assert.Contains($"\"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}\":", json, StringComparison.Ordinal);
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties().Where(property => property.CanWrite);
}
