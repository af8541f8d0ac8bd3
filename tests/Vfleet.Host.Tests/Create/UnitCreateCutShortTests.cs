using Vfleet.Host.Create;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Create;

/// <summary>A process that is killed while it changes a number of VFs, and a kernel that takes longer than anybody waits.</summary>
public sealed class UnitCreateCutShortTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    public async Task ProbingThatAKilledProcessLeftOffIsSwitchedOnByTheNextChange(int count)
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        machine.Kernel.StrikeAt(await WriteOfCountAsync(machine, 4), Strike.RefusedFromHere);
        Assert.False((await machine.CountAsync(4)).Succeeded);
        machine.Kernel.Watch();
        Assert.False((await machine.ReadPfAsync()).Autoprobe);

        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, count, null, force: false)).Value;
        Assert.Contains(plan.Warnings, warning => warning.Contains("autoprobe", StringComparison.Ordinal));
        Assert.Equal(count, (await machine.CountAsync(count)).Value.Count);
        Assert.True((await machine.ReadPfAsync()).Autoprobe);
        Assert.Empty((await machine.Host.Creator.PlanAsync(machine.Pf, count, null, force: false)).Value.Warnings);
    }

    [Fact]
    public async Task ProbingThatSomebodySwitchedOffStaysOff()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        string file = $"{machine.PfPath}/sriov_drivers_autoprobe";
        _ = machine.Simulated.Files.WriteText(file, "0").Value;
        _ = (await machine.CountAsync(2)).Value;
        Assert.Equal("0", machine.Simulated.Files.ReadText(file).Value);
    }

    [Fact]
    public async Task TheLockIsHeldAsLongAsTheKernelWorks()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        using ManualResetEventSlim done = new(false);
        machine.Hurry();
        machine.Kernel.StrikeAt(await WriteOfCountAsync(machine, 4), done.Wait);
        Refusal.Is(FaultKind.TimedOut, await machine.CountAsync(4), machine.PfPath[^12..], "cannot be stopped");
        Refusal.Is(FaultKind.TimedOut, await machine.CountAsync(2), "another process");
        Assert.False((await machine.ReadPfAsync()).Autoprobe);

        done.Set();
        for (int tries = 0; tries < 500 && (await machine.ReadPfAsync()).Autoprobe != true; tries++)
            await Task.Delay(10);
        Assert.Equal(4, (await machine.CountAsync(4, "none")).Value.Count);
        Assert.True((await machine.ReadPfAsync()).Autoprobe);
    }

    [Fact]
    public async Task ACountOfAPfThatIsNoPciDeviceIsGivenUpAtItsDeadline()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim");
        using ManualResetEventSlim done = new(false);
        machine.Hurry();
        machine.Kernel.StrikeAt(await WriteOfCountAsync(machine, 4, "netdevsim"), done.Wait);
        Refusal.Is(FaultKind.TimedOut, await machine.CountAsync(4).WaitAsync(TimeSpan.FromSeconds(20)), machine.Pf, "cannot be stopped");
        Refusal.Is(FaultKind.TimedOut, await machine.CountAsync(2), "another process");

        done.Set();
        for (int tries = 0; tries < 20 && !(await machine.CountAsync(3)).Succeeded; tries++)
            await Task.Delay(10);
        Assert.Equal(3, (await machine.ReadPfAsync()).NumVfs);
    }

    /// <summary>The number of the operation that writes the count, found on another machine of the kind.</summary>
    private static async Task<int> WriteOfCountAsync(HostMachine like, int count, string profile = "igb")
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile);
        machine.Kernel.Watch();
        _ = (await machine.CountAsync(count)).Value;
        return machine.Kernel.Operations.ToList().IndexOf($"write {like.PfPath}/sriov_numvfs");
    }
}
