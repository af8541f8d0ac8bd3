using System.Net;
using System.Text.Json.Nodes;
using Vfleet.Host.Attach;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Attach;

/// <summary>Addresses of a VF's interface on the host, which the kernel forgets when the interface leaves.</summary>
public sealed class UnitHostAddressTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AddressesOfAVfTakenByForceAreBackAfterItsDetach(bool isNamespaceGone)
    {
        using HostMachine machine = await PreparedAsync();
        string[] before = await AddressesAsync(machine);
        Assert.Equal(4, before.Length);
        _ = (await TakeAsync(machine)).Value;
        Assert.Empty(await AddressesAsync(machine));
        if (isNamespaceGone)
            _ = machine.Simulated.DeleteNamespace("blue").Value;
        Assert.Empty((await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value.Warnings);
        Assert.Equal(before, await AddressesAsync(machine));
    }

    [Fact]
    public async Task WhatComesBackByItselfIsNotRecorded()
    {
        using HostMachine machine = await PreparedAsync();
        _ = (await TakeAsync(machine)).Value;
        IReadOnlyList<AddressRecord> recorded = Assert.Single(machine.Records()).Baseline.Addresses;
        Assert.Equal(["192.0.2.7/24", "169.254.7.7/16", "2001:db8::7/64"], recorded.Select(one => one.Address));
        Assert.Equal(["192.0.2.255", null, null], recorded.Select(one => one.Broadcast));
    }

    [Fact]
    public async Task ARecordOfTheVersionBeforeIsStillRead()
    {
        using HostMachine machine = await PreparedAsync();
        _ = (await TakeAsync(machine)).Value;
        string path = Assert.Single(Directory.GetFiles(Path.Combine(machine.State, "attachments")));
        JsonObject record = JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject();
        record["version"] = 1;
        Assert.True(record["baseline"]!.AsObject().Remove("addresses"));
        await File.WriteAllTextAsync(path, record.ToJsonString());
        Assert.Equal("data0", (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value.InterfaceName);
        Assert.Empty(machine.Records());
    }

    [Fact]
    public async Task WhicheverOperationOfADetachFailsALaterDetachBringsThemBack()
    {
        foreach (int operation in await ChangesAsync())
        {
            using HostMachine machine = await PreparedAsync();
            string[] before = await AddressesAsync(machine);
            _ = (await TakeAsync(machine)).Value;
            machine.Kernel.StrikeAt(operation, Strike.AnswerLost);
            Outcome<DetachResult> first = await machine.Host.Detacher.DetachAsync(machine.Vf(0));
            machine.Kernel.Watch();
            if (!first.Succeeded)
                _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
            Assert.Equal(before, await AddressesAsync(machine));
        }
    }

    /// <summary>The numbers of those operations of a detach that change or ask something, found on another machine of the kind.</summary>
    private static async Task<int[]> ChangesAsync()
    {
        using HostMachine machine = await PreparedAsync();
        _ = (await TakeAsync(machine)).Value;
        machine.Kernel.Watch();
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        return [.. machine.Kernel.Operations.Index().Where(one => WatchedKernel.IsWorthStriking(one.Item, Strike.AnswerLost)).Select(one => one.Index)];
    }

    private static Task<Outcome<AttachResult>> TakeAsync(HostMachine machine) =>
        machine.Host.Attacher.AttachAsync(machine.Request() with { Force = true });

    /// <summary>A VF that is up with addresses of each kind: one with a broadcast address, one of the link, IPv6, and the kernel's own.</summary>
    private static async Task<HostMachine> PreparedAsync()
    {
        HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string name = (await machine.ReadVfAsync()).Link!.Name;
        await machine.ChangeLinkAsync(name, new LinkChange { Name = "data0", Up = true });
        using RouteClient route = RouteClient.Open(machine.Simulated).Value;
        int index = (await route.GetLinkAsync("data0")).Value.Index;
        AddressInfo[] all =
        [
            new(index, new IPNetworkAddress(IPAddress.Parse("192.0.2.7"), 24), 0) { Broadcast = IPAddress.Parse("192.0.2.255") },
            new(index, new IPNetworkAddress(IPAddress.Parse("169.254.7.7"), 16), 253),
            new(index, new IPNetworkAddress(IPAddress.Parse("2001:db8::7"), 64), 0),
        ];
        foreach (AddressInfo one in all)
            _ = (await route.AddAddressAsync("data0", one)).Value;
        return machine;
    }

    private static async Task<string[]> AddressesAsync(HostMachine machine)
    {
        using RouteClient route = RouteClient.Open(machine.Simulated).Value;
        if ((await route.GetLinkAsync("data0")).Or(null) is not { } link)
            return [];
        return
        [
            .. (await route.ListAddressesAsync()).Value.Where(one => one.InterfaceIndex == link.Index)
                .Select(one => $"{one.Address} {one.Broadcast} {one.Scope}").Order(StringComparer.Ordinal),
        ];
    }
}
