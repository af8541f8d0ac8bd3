using Vfleet.Host.Settings;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Locks;

/// <summary>Work on a VF that the kernel goes on with after its deadline: nobody else works on that VF meanwhile.</summary>
public sealed class UnitUnendedWorkTests
{
    private static readonly Dictionary<string, Func<HostMachine, Task<Fault?>>> Work = new()
    {
        ["create"] = async machine => (await machine.CountAsync(1, "native")).Fault,
        ["attach"] = async machine => (await machine.AttachAsync(settings: new VfSettings { Mac = new(0x02_00_00_00_00_01) })).Fault,
        ["bind"] = async machine => (await machine.Host.BindAsync(machine.Vf(0), "native", false, false)).Fault,
        ["unbind"] = async machine => (await machine.Host.BindAsync(machine.Vf(0), "none", false, false)).Fault,
        ["reset"] = async machine => (await machine.Host.ResetAsync([machine.Vf(0)], false, false)).Value[0].Outcome.Fault,
    };

    [Theory]
    [InlineData("create", "none", "/drivers_probe")]
    [InlineData("attach", "native", "/drivers_probe")]
    [InlineData("bind", "vfio-pci", "/drivers_probe")]
    [InlineData("unbind", "native", "/unbind")]
    [InlineData("reset", "native", "/reset")]
    public async Task TheLockIsHeldAsLongAsTheKernelWorks(string work, string driver, string file)
    {
        int write = await FindAsync(work, driver, file);
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: driver);
        using ManualResetEventSlim done = new(false);
        machine.Hurry();
        machine.Kernel.StrikeAt(write, done.Wait);
        Assert.Equal(FaultKind.TimedOut, (await Work[work](machine))?.Kind);
        Refusal.Is(FaultKind.TimedOut, await SetAsync(machine), "another process");

        done.Set();
        for (int tries = 0; tries < 20 && !(await SetAsync(machine)).Succeeded; tries++)
            await Task.Delay(10);
        Assert.Equal(7, (await machine.ReadVfAsync()).Settings!.Vlan);
    }

    private static async Task<Outcome<Unit>> SetAsync(HostMachine machine) =>
        (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 7 }, false, false)).Map(_ => Unit.Done);

    /// <summary>The number of the operation that writes the file, found on another machine of the kind.</summary>
    private static async Task<int> FindAsync(string work, string driver, string file)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: driver);
        machine.Kernel.Watch();
        Assert.Null(await Work[work](machine));
        int found = machine.Kernel.Operations.ToList().FindIndex(operation =>
            operation.StartsWith("write ", StringComparison.Ordinal) && operation.EndsWith(file, StringComparison.Ordinal));
        Assert.NotEqual(-1, found);
        return found;
    }
}
