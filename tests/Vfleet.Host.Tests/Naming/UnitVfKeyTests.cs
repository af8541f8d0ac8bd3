using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Naming;

public sealed class UnitVfKeyTests
{
    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    [InlineData("mlx5")]
    [InlineData("netdevsim")]
    public async Task EveryVfHasItsKeyByEveryName(string profile)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, vfs: 4);
        await machine.AddAlternativeNamesAsync((await machine.Host.FindPfAsync(machine.Pf)).Value.Name!, "uplink");
        foreach (VirtualFunction vf in (await machine.Host.ListVfsAsync(machine.Pf)).Value)
        {
            string?[] names = [vf.Label, vf.Address?.ToString(), $"{vf.Pf.Name}/{vf.Index}", $"{vf.Pf.DeviceName}/{vf.Index}", $"uplink/{vf.Index}"];
            foreach (string name in names.OfType<string>())
                Assert.Equal(new VfKey(vf.Pf.DeviceName, vf.Index), (await FindAsync(machine, name)).Value);
        }
    }

    [Theory]
    [InlineData("0000:01:10.2")]
    [InlineData("01:10.2")]
    [InlineData("enp1s0f0/1")]
    [InlineData("0000:01:00.0/1")]
    public async Task TheUsualNamesTakeNoReadingOfTheMachine(string name)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        machine.Kernel.Watch();
        Assert.Equal(new VfKey("0000:01:00.0", 1), (await FindAsync(machine, name)).Value);
        Assert.DoesNotContain(machine.Kernel.Operations, operation => operation.StartsWith("send", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0000:01:00.0")]
    [InlineData("0000:01:10.6")]
    [InlineData("0000:01:10.1")]
    [InlineData("0000:02:10.0")]
    [InlineData("enp1s0f0/2")]
    [InlineData("enp1s0f0/-1")]
    [InlineData("../01:00.0/1")]
    [InlineData("enp9s0f0/0")]
    [InlineData("enp1s0f0")]
    [InlineData("lo/0")]
    [InlineData("")]
    public async Task ANameThatLeadsNowhereHasTheFaultOfTheSearch(string name)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        Assert.Equal((await machine.Host.FindVfAsync(name)).Fault, (await FindAsync(machine, name)).Fault);
        Assert.NotNull((await FindAsync(machine, name)).Fault);
    }

    [Fact]
    public async Task AVfThatIsAnotherOneOnceItIsLockedIsRefusedAndTheLockGivenBack()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, options: new Simulation.SimulationOptions { LinksUp = true, InitialVfs = 2 });
        using DeviceLock theirs = (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 0, default)).Value;
        HostOptions patient = machine.Options with { LockDeadline = TimeSpan.FromSeconds(20) };
        machine.Kernel.Watch();
        Task<Outcome<LockedVf>> waiting = Task.Run(() => LockedVf.TakeAsync(machine.Kernel, patient, "enp1s0f0/0", VfDetail.None, default).AsTask());
        // The last thing it looks at before it waits for the lock.
        while (!machine.Kernel.Operations.ToArray().Contains("readlink /sys/bus/pci/devices/0000:01:00.0/virtfn0"))
            await Task.Delay(1);
        foreach ((string from, string to) in new[] { ("enp1s0f0", "aside"), ("enp2s0f0", "enp1s0f0") })
            await machine.ChangeLinkAsync(from, new LinkChange { Name = to });
        theirs.Dispose();
        Assert.Equal(FaultKind.Refused, (await waiting).Fault?.Kind);
        (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 0, default)).Value.Dispose();
    }

    private static ValueTask<Outcome<VfKey>> FindAsync(HostMachine machine, string name) => VfKey.FindAsync(machine.Kernel, machine.Options, name, default);
}
