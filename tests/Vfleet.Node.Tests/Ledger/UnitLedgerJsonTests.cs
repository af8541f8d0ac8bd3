using System.Text.Json;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Ledger;

public sealed class UnitLedgerJsonTests
{
    [Fact]
    public void EveryPropertyOfAnOwnerIsWrittenAndReadAgain()
    {
        Owner whole = new()
        {
            Name = "ns/p\u00e9d", Kind = OwnerKind.Workload, BootId = "b", NamespacePath = "/run/netns/x", NamespaceCookie = ulong.MaxValue,
            NamespaceInode = 7, ProcessId = 8, ProcessStart = long.MaxValue, Workload = "{\"id\":\"c\"}",
        };
        Assert.All(typeof(Owner).GetProperties().Where(property => property.CanWrite), property => Assert.NotNull(property.GetValue(whole)));
        Assert.Equal(whole, LedgerJson.ReadOwner(LedgerJson.Write(whole)));
        foreach (OwnerKind kind in Enum.GetValues<OwnerKind>())
        {
            Owner owner = new() { Name = "x", Kind = kind };
            Assert.Equal(owner, LedgerJson.ReadOwner(LedgerJson.Write(owner)));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":"x","kind":"Pod"}""")]
    [InlineData("""{"name":"x","processId":"7"}""")]
    [InlineData("""{"name":"x"}{}""")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"name":"x","\ud800":"y"}""")]
    public void WhatIsNoOwnerIsRefused(string text) => Assert.ThrowsAny<JsonException>(() => LedgerJson.ReadOwner(text));

    [Fact]
    public void EveryStateHasTheNameOfItsMember()
    {
        foreach (VfState state in Enum.GetValues<VfState>())
            Assert.Equal((state.ToString(), state), (state.Name(), VfStateNames.Parse(state.Name())));
        Assert.Throws<FormatException>(() => VfStateNames.Parse("free"));
    }
}
