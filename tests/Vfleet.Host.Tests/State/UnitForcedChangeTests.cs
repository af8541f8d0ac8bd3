using Vfleet.Host.Locks;
using Vfleet.Host.Settings;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.State;

/// <summary>What force overrides on a VF is written down while the VF is locked: what was done, and neither more nor less.</summary>
public sealed class UnitForcedChangeTests
{
    private static readonly Dictionary<string, Func<HostMachine, Func<IReadOnlyList<string>, Task<Outcome<Unit>>>, Task<Fault?>>> Work =
        new()
    {
        ["set"] = async (machine, write) => (await machine.Host.SetAsync(
            machine.Vf(0), new VfSettings { Mac = new(0x02_00_00_00_00_01) }, force: true, dryRun: false, write)).Fault,
        ["bind"] = async (machine, write) =>
            (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", force: true, dryRun: false, write)).Fault,
        ["reset"] = async (machine, write) => (await machine.Host.ResetAsync(
            [machine.Vf(0)], force: true, dryRun: false, writeDown: write)).Fault,
        ["attach"] = async (machine, write) =>
            (await machine.Host.Attacher.AttachAsync(machine.Request() with { Force = true, WriteDown = write })).Fault,
    };

    public static TheoryData<string> Changes { get; } = [.. Work.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task ItIsWrittenUnderTheLockAndBeforeTheFirstChange(string change)
    {
        using HostMachine machine = await InUseAsync();
        string[] before = await machine.DescribeAsync();
        IReadOnlyList<string>? written = null;
        Assert.Null(await Work[change](machine, async overridden =>
        {
            written = overridden;
            Assert.Equal(before, await machine.DescribeAsync());
            HostOptions hasty = machine.Options with { LockDeadline = TimeSpan.Zero };
            Outcome<DeviceLock> other = await DeviceLock.ForVfAsync(hasty, "0000:01:00.0", 0, default);
            Assert.Equal(FaultKind.TimedOut, other.Fault?.Kind);
            return Unit.Done;
        }));
        Assert.Contains("192.0.2.7/24", Assert.Single(written!), StringComparison.Ordinal);
        string[] after = await machine.DescribeAsync();
        Assert.Equal(change == "reset", before.SequenceEqual(after));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task WhereTheLockCannotBeHadNothingIsWritten(string change)
    {
        using HostMachine machine = await InUseAsync();
        using DeviceLock held = (await DeviceLock.ForVfAsync(machine.Options, "0000:01:00.0", 0, default)).Value;
        Fault? late = await Work[change](machine, _ => throw new InvalidOperationException("nothing was overridden"));
        Assert.Equal(FaultKind.TimedOut, late?.Kind);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task WhatCannotBeWrittenDownIsNotDone(string change)
    {
        using HostMachine machine = await InUseAsync();
        string[] before = await machine.DescribeAsync();
        Fault full = new(FaultKind.Kernel, "no room");
        Assert.Same(full, await Work[change](machine, _ => Task.FromResult<Outcome<Unit>>(full)));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    private static async Task<HostMachine> InUseAsync()
    {
        HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await machine.AddAddressAsync("enp1s0f0v0", "192.0.2.7/24");
        return machine;
    }
}
