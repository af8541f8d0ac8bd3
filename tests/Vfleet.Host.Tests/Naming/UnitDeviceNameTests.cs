using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Naming;

public sealed class UnitDeviceNameTests
{
    [Theory]
    [InlineData("enp1s0f0")]
    [InlineData("0000:01:00.0")]
    [InlineData("01:00.0")]
    [InlineData("uplink")]
    public async Task APfIsFoundByNameAddressShortAddressAndAlternativeName(string name)
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        await machine.AddAlternativeNamesAsync("enp1s0f0", "uplink");
        Assert.Equal("enp1s0f0", (await machine.Host.FindPfAsync(name)).Value.Name);
    }

    [Theory]
    [InlineData("0000:01:10.4")]
    [InlineData("01:10.4")]
    [InlineData("enp1s0f0/2")]
    [InlineData("uplink/2")]
    [InlineData("0000:01:00.0/2")]
    [InlineData("01:00.0/2")]
    public async Task AVfIsFoundByAddressShortAddressAndPfWithIndex(string name)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4);
        await machine.AddAlternativeNamesAsync("enp1s0f0", "uplink");
        Assert.Equal((2, "0000:01:10.4"), ((await machine.Host.FindVfAsync(name)).Value.Vf.Index, (await machine.Host.FindVfAsync(name)).Value.Vf.Label));
    }

    [Fact]
    public async Task AVfComesWithAllItsSiblingsAndNoOthers()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4, options: new Simulation.SimulationOptions { LinksUp = true, InitialVfs = 2 });
        Assert.Equal(4, (await machine.Host.FindVfAsync("enp1s0f0/0")).Value.Siblings.Count);
        Assert.Equal(2, (await machine.Host.FindVfAsync("enp2s0f0/0")).Value.Siblings.Count);
    }

    [Theory]
    [InlineData("0000:01:00.0", FaultKind.Usage, "is a PF")]
    [InlineData("01:00.0", FaultKind.Usage, "is a PF")]
    [InlineData("enp1s0f0", FaultKind.NotFound, "PF/index")]
    [InlineData("enp1s0f0/4", FaultKind.NotFound, "0 to 3")]
    [InlineData("enp2s0f0/0", FaultKind.NotFound, "0 VFs")]
    [InlineData("enp9/0", FaultKind.NotFound, "enp1s0f0, enp2s0f0")]
    [InlineData("enp1s0f0/", FaultKind.Usage, "names no VF")]
    [InlineData("enp1s0f0/-1", FaultKind.Usage, "names no VF")]
    [InlineData("enp1s0f0/x", FaultKind.Usage, "names no VF")]
    [InlineData("/0", FaultKind.Usage, "names no VF")]
    [InlineData("0000:01:10", FaultKind.Usage, "no PCI address")]
    [InlineData("0000:01:10.8", FaultKind.Usage, "no PCI address")]
    [InlineData("0000:01:20.0", FaultKind.Usage, "no PCI address")]
    [InlineData("zz:01.0", FaultKind.Usage, "no PCI address")]
    [InlineData("0000:01:10.1", FaultKind.NotFound, "vf list")]
    [InlineData("0000:00:01.0", FaultKind.NotFound, "vf list")]
    [InlineData("", FaultKind.Usage, "empty")]
    public async Task WhatNamesNoVfIsSaidSo(string name, FaultKind kind, string words)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4);
        Refusal.Is(kind, await machine.Host.FindVfAsync(name), words);
    }

    [Theory]
    [InlineData("0000:01:10.0", FaultKind.NotFound)]
    [InlineData("enp1s0f0v0", FaultKind.NotFound)]
    [InlineData("lo", FaultKind.NotFound)]
    [InlineData("enp1s0f0/0", FaultKind.NotFound)]
    [InlineData("01:00", FaultKind.Usage)]
    [InlineData("", FaultKind.Usage)]
    public async Task WhatNamesNoPfIsSaidSo(string name, FaultKind kind)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4);
        Refusal.Is(kind, await machine.Host.FindPfAsync(name));
    }

    [Fact]
    public async Task APfOfNoPciDeviceGoesByItsInterfaceName()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 2);
        PhysicalFunction pf = (await machine.Host.FindPfAsync(machine.Pf)).Value;
        Assert.Null(pf.Address);
        Assert.Equal(pf.Name, machine.Pf);
        Assert.Null((await machine.Host.FindVfAsync($"{machine.Pf}/1")).Value.Vf.Address);
        Assert.Equal(pf.Name, (await machine.Host.FindPfAsync(pf.DeviceName)).Value.Name);
    }

    [Fact]
    public async Task TheOtherPfsVfIsNotThisOnes()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, options: new Simulation.SimulationOptions { LinksUp = true, InitialVfs = 3 });
        Refusal.Is(FaultKind.NotFound, await machine.Host.FindVfAsync("enp1s0f0/2"), "1 VFs");
        Assert.Equal("0000:02:10.4", (await machine.Host.FindVfAsync("enp2s0f0/2")).Value.Vf.Label);
    }
}
