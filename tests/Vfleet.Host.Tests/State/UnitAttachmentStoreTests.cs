using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.State;

public sealed class UnitAttachmentStoreTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    private static AttachmentRecord Record { get; } = new()
    {
        Vf = "0000:01:10.0",
        Pf = "0000:01:00.0",
        Index = 0,
        NamespacePath = "/run/netns/blue",
        NamespaceInode = 4026532000,
        BootId = "8f2c9b1e",
        InterfaceName = "eth0",
        RequestedAt = DateTimeOffset.UnixEpoch,
        Forced = ["--force"],
        Baseline = new Baseline
        {
            Name = "enp1s0f0v0", AltNames = ["uplink"], Mac = "02:00:00:00:00:01", Mtu = 1500, IsUp = true, Driver = "igbvf", AdminMac = "00:00:00:00:00:00",
            Vlan = 7, VlanQos = 2, VlanProtocol = VlanProtocol.Dot1Ad, SpoofCheck = true, Trust = false, LinkState = VfLinkState.Auto,
            MinTxRateMbps = 1, MaxTxRateMbps = uint.MaxValue, NodeGuid = ulong.MaxValue, PortGuid = 1, Addresses = [new AddressRecord { Address = "192.0.2.7/24", Broadcast = "192.0.2.255" }],
        },
    };

    [Fact]
    public void WhatWasSavedIsFoundWhole()
    {
        AttachmentStore store = new(_state);
        _ = store.Save(Record).Value;
        AttachmentRecord found = new AttachmentStore(_state).Find(Record.Vf).Value!;
        Assert.Equal(Record with { Forced = [], Baseline = new Baseline() }, found with { Forced = [], Baseline = new Baseline() });
        Assert.Equal(Record.Forced, found.Forced);
        Assert.Equal(Record.Baseline.AltNames, found.Baseline.AltNames);
        Assert.Equal(Record.Baseline.Addresses, found.Baseline.Addresses);
        Assert.Equal(Record.Baseline with { AltNames = [], Addresses = [] }, found.Baseline with { AltNames = [], Addresses = [] });
        Assert.Equal("0000:01:10.0.json", Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(_state, "attachments")))));
    }

    [Fact]
    public void AVfWithoutAPciAddressHasARecordToo()
    {
        AttachmentStore store = new(_state);
        _ = store.Save(Record with { Vf = "eni1np1/3" }).Value;
        Assert.Equal("eni1np1/3", store.Find("eni1np1/3").Value!.Vf);
    }

    [Fact]
    public void NoDirectoryIsNoRecords()
    {
        AttachmentStore store = new(Path.Combine(_state, "never"));
        Assert.Empty(store.List().Value);
        Assert.Null(store.Find(Record.Vf).Value);
        Assert.True(store.Remove(Record.Vf).Succeeded);
    }

    [Fact]
    public void ARemovedRecordIsGoneAndMayBeRemovedAgain()
    {
        AttachmentStore store = new(_state);
        _ = store.Save(Record).Value;
        Assert.True(store.Remove(Record.Vf).Succeeded);
        Assert.True(store.Remove(Record.Vf).Succeeded);
        Assert.Empty(store.List().Value);
    }

    [Fact]
    public void ARecordCutAnywhereIsReportedByNameAndLeftAsItIs()
    {
        AttachmentStore store = new(_state);
        _ = store.Save(Record).Value;
        string path = Assert.Single(Directory.GetFiles(Path.Combine(_state, "attachments")));
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Refusal.Is(FaultKind.Internal, store.Find(Record.Vf), path);
            Refusal.Is(FaultKind.Internal, store.List(), path);
            Assert.Equal(length, new FileInfo(path).Length);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":3}")]
    [InlineData("not json")]
    public void AFileThatIsNoRecordIsReported(string text)
    {
        Directory.CreateDirectory(Path.Combine(_state, "attachments"));
        File.WriteAllText(Path.Combine(_state, "attachments", "0000:01:10.0.json"), text);
        Refusal.Is(FaultKind.Internal, new AttachmentStore(_state).List(), "0000:01:10.0.json");
    }

    [Fact]
    public void AnUnknownVersionIsSaid()
    {
        AttachmentStore store = new(_state);
        _ = store.Save(Record with { Version = 3 }).Value;
        Refusal.Is(FaultKind.Internal, store.Find(Record.Vf), "version is 3");
    }

    [Fact]
    public void AHalfWrittenNewRecordIsNoRecord()
    {
        AttachmentStore store = new(_state);
        _ = store.Save(Record).Value;
        // A crash between writing the new file and its rename leaves this.
        File.WriteAllText(Path.Combine(_state, "attachments", "0000:01:10.0.json.new"), "{");
        Assert.Single(store.List().Value);
        Assert.True(store.Save(Record with { NamespacePath = "/run/netns/red" }).Succeeded);
        Assert.Equal("/run/netns/red", Assert.Single(store.List().Value).NamespacePath);
    }

    [Fact]
    public async Task WithAnUnreadableRecordNothingIsDestroyedOrHandedOut()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        Directory.CreateDirectory(Path.Combine(machine.State, "attachments"));
        string path = Path.Combine(machine.State, "attachments", "0000:01:10.0.json");
        await File.WriteAllTextAsync(path, "{\"version\":1,\"vf\":\"0000:01:1");
        Refusal.Is(FaultKind.Internal, await machine.CountAsync(0), path);
        Refusal.Is(FaultKind.Internal, await machine.AttachAsync(), path);
        Refusal.Is(FaultKind.Internal, await machine.Host.Detacher.DetachAsync(machine.Vf(0)), path);
        Assert.Equal(2, (await machine.ReadPfAsync()).NumVfs);
        Assert.Null((await machine.ReadVfAsync()).NamespacePath);
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
