using Vfleet.Host.Attach;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Attach;

/// <summary>
/// Every kernel operation of an attach and of a detach goes wrong in turn. Afterwards the machine is as before, or a record is there
/// from which a later detach makes it so: no VF is lost, none keeps a tenant's settings.
/// </summary>
public sealed class UnitAttachFaultTests
{
    private static readonly VfSettings Wanted = new() { Mac = new MacAddress(0x02_00_00_00_00_01), Vlan = 100, SpoofCheck = false };

    public static TheoryData<string, Strike> Strikes()
    {
        TheoryData<string, Strike> all = [];
        foreach (string profile in (string[])["igb", "ice"])
        {
            foreach (Strike how in Enum.GetValues<Strike>())
                all.Add(profile, how);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Strikes))]
    public Task WhicheverOperationOfAnAttachFailsTheVfIsAsBeforeOrALaterDetachMakesItSo(string profile, Strike how) => EachStruckAsync(
        profile, how, _ => Task.CompletedTask,
        machine => machine.Host.Attacher.AttachAsync(machine.Request(settings: Wanted), cancel: machine.Kernel.Cancel.Token),
        async (machine, isDone, place) =>
        {
            if (isDone)
                Assert.True((await machine.LinksInAsync(HostMachine.Namespace)).Any(link => link.Name == "eth0" && link.IsUp && link.Mac == Wanted.Mac), place);
        });

    [Theory]
    [MemberData(nameof(Strikes))]
    public Task WhicheverOperationOfADetachFailsALaterDetachFinishesIt(string profile, Strike how) => EachStruckAsync(
        profile, how, async machine => _ = (await machine.AttachAsync(settings: Wanted)).Value,
        machine => machine.Host.Detacher.DetachAsync(machine.Vf(0), cancel: machine.Kernel.Cancel.Token),
        (machine, isDone, place) =>
        {
            Assert.True(isDone == (machine.Records().Count == 0), $"{place}: {(isDone ? "done, but the record is there" : "failed, but the record is gone")}");
            return Task.CompletedTask;
        });

    [Fact]
    public async Task WhereAnInterruptedAttachCannotBeTakenBackThatIsSaid()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        PciAddress pf = (await machine.ReadPfAsync()).Address!.Value;
        machine.Kernel.Watch();
        _ = (await machine.AttachAsync()).Value;
        int changed = machine.Kernel.Operations.ToList().FindLastIndex(operation => operation == $"send {RouteMessage.SetLink}");
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        machine.Kernel.StrikeAt(changed, () =>
        {
            machine.Kernel.Cancel.Cancel();
            machine.Simulated.Machine.Unplug(pf);
        });
        Refusal.Is(FaultKind.NotFound, await machine.AttachAsync(cancel: machine.Kernel.Cancel.Token), "not taken back", "vfleet detach 0000:01:10.0");
    }

    /// <summary>Does some work again and again until no operation is left to strike; each time a later detach must make all as before.</summary>
    private static async Task EachStruckAsync<T>(
        string profile, Strike how, Func<HostMachine, Task> prepare, Func<HostMachine, Task<Outcome<T>>> work, Func<HostMachine, bool, string, Task> check)
    {
        using HostMachine machine = await UnitDetachTests.PreparedAsync(profile);
        string[] before = await machine.DescribeAsync();
        IReadOnlyList<string> last = [];
        for (int operation = 0; ; operation++)
        {
            if (operation < last.Count && !WatchedKernel.IsWorthStriking(last[operation], how))
                continue;
            await prepare(machine);
            machine.Kernel.StrikeAt(operation, how);
            bool isDone = await TryAsync(() => work(machine));
            IReadOnlyList<string> operations = last = machine.Kernel.Operations;
            machine.Kernel.Watch();
            string place = $"{how} at {operation}, {operations[Math.Min(operation, operations.Count - 1)]}";
            await check(machine, isDone, place);
            if (machine.Records().Count > 0)
                await DetachAsync(machine, place);
            await SameAsync(before, machine, place);
            if (operation >= operations.Count)
                break;
        }
    }

    private static async Task<bool> TryAsync<T>(Func<Task<Outcome<T>>> work)
    {
        try
        {
            return (await work()).Succeeded;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task DetachAsync(HostMachine machine, string place)
    {
        Outcome<DetachResult> finished = await machine.Host.Detacher.DetachAsync(machine.Vf(0));
        Assert.True(finished.Succeeded, $"{place}: a later detach says {finished.Fault}");
    }

    private static async Task SameAsync(string[] before, HostMachine machine, string place)
    {
        string[] after = await machine.DescribeAsync();
        Assert.True(before.SequenceEqual(after), $"{place}:\n{string.Join('\n', before.Except(after))}\nbecame\n{string.Join('\n', after.Except(before))}");
    }
}
