using Vfleet.Host.Attach;
using Vfleet.Host.Locks;
using Vfleet.Host.Settings;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Locks;

public sealed class UnitDeviceLockTests
{
    [Fact]
    public async Task OfManyAttachesOfOneVfAtOnceExactlyOneWins()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        HostOptions patient = machine.Options with { LockDeadline = TimeSpan.FromSeconds(20) };
        Outcome<AttachResult>[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() =>
            new Attacher(machine.Simulated, patient).AttachAsync(machine.Request() with { InterfaceName = $"eth{number}" }))));
        AttachResult winner = Assert.Single(results, result => result.Succeeded).Value;
        Assert.All(results.Where(result => !result.Succeeded), result => Refusal.Is(FaultKind.Refused, result, "in use"));
        Assert.Equal(["lo", winner.InterfaceName!], await machine.NamesInAsync(HostMachine.Namespace));
        Assert.Equal(winner.InterfaceName, Assert.Single(machine.Records()).InterfaceName);
    }

    [Fact]
    public async Task ManyAttachesOfManyVfsAtOnceAllWin()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 7);
        HostOptions patient = machine.Options with { LockDeadline = TimeSpan.FromSeconds(20) };
        Outcome<AttachResult>[] results = await Task.WhenAll(Enumerable.Range(0, 7).Select(number => Task.Run(() =>
            new Attacher(machine.Simulated, patient).AttachAsync(machine.Request(number) with { InterfaceName = $"eth{number}" }))));
        Assert.All(results, result => Assert.True(result.Succeeded, result.Fault?.ToString()));
    }

    [Fact]
    public async Task WhileAVfIsWorkedOnItsPfsCountIsNotChanged()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        using DeviceLock held = (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 1, default)).Value;
        Refusal.Is(FaultKind.TimedOut, await machine.CountAsync(0), "another process");
        Assert.Equal(2, (await machine.ReadPfAsync()).NumVfs);
    }

    [Fact]
    public async Task WhileAPfsCountIsChangedItsVfsAreNotWorkedOn()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        using DeviceLock held = (await DeviceLock.ForPfAsync(machine.Options, "0000:01:00.0", default)).Value;
        Refusal.Is(FaultKind.TimedOut, await machine.AttachAsync(), "another process");
        Refusal.Is(FaultKind.TimedOut, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 1 }, false, false), "another process");
        Refusal.Is(FaultKind.TimedOut, await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false), "another process");
        Refusal.Is(FaultKind.TimedOut, await machine.Host.ResetAsync([machine.Vf(0)], false, false), "another process");
    }

    [Fact]
    public async Task WhileAVfIsResetItIsNotHandedOut()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        using DeviceLock held = (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 0, default)).Value;
        Refusal.Is(FaultKind.TimedOut, await machine.Host.ResetAsync([machine.Vf(1), machine.Vf(0)], false, false), "another process");
        Assert.Equal(0, machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync(1)).Address!.Value));
    }

    [Fact]
    public async Task TwoVfsOfOnePfAreLockedSideBySide()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        using DeviceLock first = (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 0, default)).Value;
        using DeviceLock second = (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 1, default)).Value;
        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task ALockThatIsGivenBackIsFree()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        (await DeviceLock.ForPfAsync(machine.Options, "0000:01:00.0", default)).Value.Dispose();
        (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 0, default)).Value.Dispose();
        (await DeviceLock.ForPfAsync(machine.Options, "0000:01:00.0", default)).Value.Dispose();
    }

    [Fact]
    public async Task WaitingForALockCanBeCancelled()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        HostOptions patient = machine.Options with { LockDeadline = TimeSpan.FromMinutes(5) };
        using DeviceLock held = (await DeviceLock.ForPfAsync(patient, "0000:01:00.0", default)).Value;
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DeviceLock.ForPfAsync(patient, "0000:01:00.0", cancel.Token).AsTask());
    }

    [Fact]
    public async Task AStateDirectoryThatCannotBeMadeIsSaidAtOnceAndNotTakenForAnotherProcess()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string inTheWay = Path.Combine(machine.State, "file");
        await File.WriteAllTextAsync(inTheWay, "");
        HostOptions options = machine.Options with { StateDirectory = Path.Combine(inTheWay, "state"), LockDeadline = TimeSpan.FromMinutes(5) };
        Fault fault = Refusal.Is(FaultKind.Kernel, await new Attacher(machine.Simulated, options).AttachAsync(machine.Request()), inTheWay);
        Assert.DoesNotContain("another process", fault.ToString(), StringComparison.Ordinal);
    }
}
