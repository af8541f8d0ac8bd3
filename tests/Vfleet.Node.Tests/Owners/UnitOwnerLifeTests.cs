using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation;

namespace Vfleet.Node.Tests.Owners;

public sealed class UnitOwnerLifeTests
{
    private const string Blue = "/run/netns/blue";

    private static readonly ReadTimer Soon = new(TimeProvider.System, TimeSpan.FromMilliseconds(200));

    private readonly SimulatedKernel _kernel = SimulationProfiles.Create("igb").Value;

    [Fact]
    public async Task ANameLivesUntilItIsReleased() =>
        Assert.Equal(Life.Alive, await AskAsync(OwnerIdentity.OfName("backup").Value with { BootId = "another" }));

    [Fact]
    public async Task ANamespaceLivesAtItsPath()
    {
        Create("blue");
        Owner owner = Namespace();
        Assert.Equal((OwnerKind.Namespace, Blue), (owner.Kind, owner.NamespacePath));
        Assert.Equal(Life.AliveAt(Blue), await AskAsync(owner));
    }

    [Fact]
    public async Task ANamespaceThatLostItsNameLivesInItsProcess()
    {
        Create("blue");
        Owner owner = Namespace();
        _kernel.Machine.AddProcess(4711, "blue");
        Delete("blue");
        Assert.Equal(Life.AliveAt("/proc/4711/ns/net"), await AskAsync(owner));
        // Another namespace has its name meanwhile.
        Create("blue");
        Assert.Equal(Life.AliveAt("/proc/4711/ns/net"), await AskAsync(owner));
        _kernel.Machine.LeaveZombie(4711);
        Assert.Equal(LifeState.Dead, (await AskAsync(owner)).State);
    }

    [Fact]
    public async Task AnotherNamespaceAtThePathWithTheInodeIsNotIt()
    {
        Create("blue");
        Owner owner = Namespace();
        Delete("blue");
        Create("blue");
        Owner later = Namespace();
        Assert.Equal(owner.NamespaceInode, later.NamespaceInode);
        Life life = await AskAsync(owner);
        Assert.Equal(LifeState.Dead, life.State);
        Assert.Contains("another namespace", life.Reason, StringComparison.Ordinal);
        Assert.Equal(Life.AliveAt(Blue), await AskAsync(later));
    }

    [Fact]
    public async Task ANamespaceElsewhereWithItsInodeIsNotIt()
    {
        Create("blue");
        Owner owner = Namespace();
        Delete("blue");
        Create("red");
        using (NetworkNamespace red = _kernel.OpenNamespace("/run/netns/red").Value)
            Assert.Equal(owner.NamespaceInode, red.Inode);
        Life life = await AskAsync(owner);
        Assert.Equal(LifeState.Dead, life.State);
        Assert.Contains("gone", life.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutCookiesTheInodeTells()
    {
        Create("blue");
        Create("red");
        Owner owner = Namespace() with { NamespaceCookie = null };
        Assert.Equal(Life.AliveAt(Blue), await AskAsync(owner));
        Assert.Equal(LifeState.Dead, (await AskAsync(owner with { NamespaceInode = 1 })).State);
        Assert.Equal(LifeState.Unknown, (await AskAsync(owner with { NamespaceInode = null })).State);
    }

    [Fact]
    public async Task AskingKeepsNoNamespaceAlive()
    {
        Create("blue");
        Owner owner = Namespace();
        Assert.Equal(LifeState.Alive, (await AskAsync(owner)).State);
        Delete("blue");
        Assert.Equal(LifeState.Dead, (await AskAsync(owner)).State);
        Create("red");
        Assert.Equal(owner.NamespaceInode, OwnerIdentity.OfNamespace(_kernel, "/run/netns/red", "red").Value.NamespaceInode);
    }

    [Fact]
    public async Task WhatMayNotBeLookedAtIsUnknown()
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new SimulationOptions { Privileged = false }).Value;
        Owner owner = OwnerIdentity.OfNamespace(kernel, "/proc/self/ns/net", "blue").Value
            with { NamespaceCookie = 99, NamespaceInode = 99, NamespacePath = Blue };
        OwnerLife life = new(kernel, FrontDoors.None, Soon);
        Assert.Equal(LifeState.Dead, (await life.AskAsync(owner)).State);
        kernel.Machine.AddProcess(4711);
        Assert.Equal(LifeState.Unknown, (await life.AskAsync(owner)).State);
        Assert.Equal(LifeState.Unknown, (await life.AskAsync(owner with { NamespacePath = "/proc/4711/ns/net" })).State);
    }

    /// <summary>A service that ptrace rules protect: its sockets may tell that it is in a namespace that was seen.</summary>
    [Theory]
    [InlineData("100", "100 200", LifeState.Dead)]
    [InlineData("100", "200", LifeState.Unknown)]
    [InlineData("", "", LifeState.Unknown)]
    [InlineData("0", "0", LifeState.Unknown)]
    public async Task AProcessThatMayNotBeInspectedStandsInTheWayUnlessItsNamespaceWasSeen(string its, string ours, LifeState state)
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new SimulationOptions { Privileged = false }).Value;
        Owner owner = OwnerIdentity.OfNamespace(kernel, "/proc/self/ns/net", "blue").Value
            with { NamespaceCookie = 99, NamespaceInode = 99, NamespacePath = Blue };
        kernel.Machine.AddProcess(4711, command: "guarded");
        kernel.Machine.SetFile("/proc/4711/net/unix", Sockets(its));
        kernel.Machine.SetFile("/proc/self/net/unix", Sockets(ours));
        kernel.Machine.SetFile("/proc/4711/comm", "guarded\n");
        OwnerLife life = new(kernel, FrontDoors.None, Soon);
        Life answer = await life.AskAsync(owner);
        Assert.Equal(state, answer.State);
        if (state == LifeState.Unknown)
            Assert.Contains("process 4711 (guarded) may not be inspected", answer.Reason, StringComparison.Ordinal);
        // A namespace that is mounted where only that process can look.
        const string Mount = "40 32 0:4 net:[99] /private/blue rw - nsfs nsfs rw\n";
        kernel.Machine.SetFile("/proc/4711/mountinfo", Mount);
        Assert.Equal(LifeState.Unknown, (await life.AskAsync(owner)).State);

        static string Sockets(string inodes) => "Num RefCount Protocol Flags Type St Inode Path\n" + string.Concat(
            inodes.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(inode => $"0000000000000000: 00000002 00000000 00010000 0001 01 {inode} /run/some\n"));
    }

    [Fact]
    public async Task AProcessIsNotALaterOneWithItsNumber()
    {
        _kernel.Machine.AddProcess(4711, command: "a) Z 1 (b");
        Owner owner = OwnerIdentity.OfProcess(_kernel, 4711, "vm").Value;
        Assert.Equal(Life.Alive, await AskAsync(owner));
        _kernel.Machine.LeaveZombie(4711);
        Assert.Equal(LifeState.Dead, (await AskAsync(owner)).State);
        _kernel.Machine.AddProcess(4711, command: "a) Z 1 (b");
        Life life = await AskAsync(owner);
        Assert.Equal(LifeState.Dead, life.State);
        Assert.Contains("another", life.Reason, StringComparison.Ordinal);
        _kernel.Machine.EndProcess(4711);
        Assert.Equal(LifeState.Dead, (await AskAsync(owner)).State);
        Assert.Equal(FaultKind.NotFound, OwnerIdentity.OfProcess(_kernel, 4711, "vm").Fault?.Kind);
    }

    [Fact]
    public async Task WhereProcessesAreHiddenTheyAreUnknown()
    {
        _kernel.Machine.AddProcess(4711);
        Owner owner = OwnerIdentity.OfProcess(_kernel, 4711, "vm").Value;
        _kernel.Machine.SetFile("/proc/1", null);
        _kernel.Machine.SetFile("/proc/4711/stat", null);
        Assert.Equal(LifeState.Unknown, (await AskAsync(owner)).State);
    }

    [Theory]
    [InlineData(OwnerKind.Process)]
    [InlineData(OwnerKind.Namespace)]
    [InlineData(OwnerKind.Workload)]
    public async Task AllButNamesEndWithTheirBoot(OwnerKind kind)
    {
        _kernel.Machine.AddProcess(4711);
        Create("blue");
        long? start = OwnerIdentity.OfProcess(_kernel, 4711, "vm").Value.ProcessStart;
        Owner owner = Namespace() with { Kind = kind, ProcessId = 4711, ProcessStart = start };
        OwnerLife life = new(_kernel, new FrontDoors(new Door(_ => Life.Alive)), Soon);
        Assert.Equal(LifeState.Alive, (await life.AskAsync(owner, "docker")).State);
        Assert.Equal(Life.Dead("the machine was booted since"), await life.AskAsync(owner with { BootId = "another" }, "docker"));
        _kernel.Machine.SetFile("/proc/sys/kernel/random/boot_id", null);
        Assert.Equal(LifeState.Unknown, (await life.AskAsync(owner, "docker")).State);
    }

    [Fact]
    public async Task AWorkloadIsAskedForAtItsFrontDoor()
    {
        Owner owner = new() { Name = "web", Kind = OwnerKind.Workload, Workload = "4f1d" };
        Life gone = Life.Dead("container 4f1d was removed");
        OwnerLife life = new(_kernel, new FrontDoors(new Door(asked => asked.Workload == "4f1d" ? gone : Life.Alive)), Soon);
        Assert.Equal(gone, await life.AskAsync(owner, "docker"));
        Assert.Equal(Life.Alive, await life.AskAsync(owner with { Workload = "77aa" }, "docker"));
        Assert.Equal(LifeState.Unknown, (await life.AskAsync(owner, "cni")).State);
        Assert.Equal(LifeState.Unknown, (await life.AskAsync(owner)).State);
    }

    [Fact]
    public async Task AFrontDoorThatFailsOrHangsTellsNoDeath()
    {
        Owner owner = new() { Name = "web", Kind = OwnerKind.Workload, Workload = "4f1d" };
        FrontDoors closed = new(new Door(_ => Fault.TimedOut("dockerd is not running")));
        Life failed = await new OwnerLife(_kernel, closed, Soon).AskAsync(owner, "docker");
        Assert.Equal(Life.Unknown("docker does not tell: dockerd is not running"), failed);
        Life hung = await new OwnerLife(_kernel, new FrontDoors(new Door(null)), Soon).AskAsync(owner, "docker");
        Assert.Equal(LifeState.Unknown, hung.State);
        Assert.Contains("did not answer", hung.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyAreAskedForAtOnce()
    {
        Create("blue");
        Create("red");
        Owner blue = Namespace();
        Owner red = OwnerIdentity.OfNamespace(_kernel, "/run/netns/red", "red").Value;
        Delete("red");
        IReadOnlyList<Life> lives = await new OwnerLife(_kernel, FrontDoors.None, Soon)
            .AskManyAsync([(red, null), (blue, "cni"), (new Owner { Name = "x" }, null)]);
        Assert.Equal([LifeState.Dead, LifeState.Alive, LifeState.Alive], lives.Select(life => life.State));
    }

    [Theory]
    [InlineData("", Blue)]
    [InlineData("blue", "blue")]
    [InlineData("blue", "/proc/cmdline")]
    public void WhatIsNoOwnerIsRefused(string name, string path)
    {
        Create("blue");
        Assert.Equal(FaultKind.Usage, OwnerIdentity.OfNamespace(_kernel, path, name).Fault?.Kind);
    }

    [Fact]
    public void FrontDoorsHaveOneNameEach()
    {
        Assert.Equal(["docker"], new FrontDoors(new Door(null)).Names);
        Assert.Throws<ArgumentException>(() => new FrontDoors(new Door(null), new Door(null)));
    }

    [Theory]
    [InlineData("40 32 0:4 net:[4026532281] /run/netns/blue rw shared:5 - nsfs nsfs rw", Blue)]
    [InlineData("40 32 0:4 net:[4026532281] /run/my\\040netns/a\\134b rw - nsfs nsfs rw", "/run/my netns/a\\b")]
    [InlineData("40 32 0:4 mnt:[4026532281] /run/mnt rw - nsfs nsfs rw", null)]
    [InlineData("36 35 98:0 net:[1] /mnt rw,noatime master:1 - ext4 /dev/root rw", null)]
    [InlineData("40 32 0:4 net:[4026532281]", null)]
    [InlineData("", null)]
    public void MountsOfNamespacesAreTold(string line, string? path) => Assert.Equal(path, NamespaceCensus.MountPoint(line));

    private async Task<Life> AskAsync(Owner owner) => await new OwnerLife(_kernel, FrontDoors.None, Soon).AskAsync(owner);

    private Owner Namespace() => OwnerIdentity.OfNamespace(_kernel, Blue, "blue").Value;

    private void Create(string name) => _kernel.CreateNamespace(name).Value.Dispose();

    private void Delete(string name) => _ = _kernel.DeleteNamespace(name).Value;

    /// <summary>A front door that answers what it is told to, or never.</summary>
    private sealed class Door(Func<Owner, Outcome<Life>>? answer) : IFrontDoor
    {
        public string Name => "docker";

        public async ValueTask<Outcome<Life>> IsAliveAsync(Owner owner, CancellationToken cancel)
        {
            if (answer is not null)
                return answer(owner);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return Life.Alive;
        }

        public ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel) => new(Unit.Done);
    }
}
