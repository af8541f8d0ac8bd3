using Vfleet.Host.Scrub;
using Vfleet.Host.Tests;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;

namespace Vfleet.Node.Tests.Plans;

/// <summary>An apply that goes wrong at each of its operations, on a machine whose VFs grow, and get drivers, MTU and mode.</summary>
public sealed class UnitPlanCrashTests
{
    // RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE.
    private static readonly string[] Readings = ["send 18", "send 22", "send 26"];

    public static TheoryData<string> Profiles => ["igb", "mlx5"];

    /// <summary>
    /// From that operation on nothing works any more, and the process is gone. The same apply again ends where it was to end.
    /// </summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task AfterACrashAtAnyOperationTheSameApplyEndsInTheWantedState(string profile)
    {
        (string wanted, int[] changes) = await WithoutFaultAsync(profile);
        foreach (int number in changes)
        {
            using PolicyMachine machine = await StartAsync(profile);
            WatchedKernel watched = new(machine.Machine.Kernel);
            LocalNode dying = machine.Start(watched);
            watched.StrikeAt(number, Strike.RefusedFromHere);
            Outcome<IReadOnlyList<string>> crashed = await PolicyMachine.ApplyAsync(dying, new PlanOptions(), Policies(machine));
            Assert.False(crashed.Succeeded, $"{number} {watched.Operations[number]}");
            machine.Kill(dying);
            await EndsAsync(machine, wanted, $"{number} {watched.Operations[number]}");
        }
    }

    /// <summary>One operation fails, or its answer is lost: the PF is wholly changed, or wholly as it was.</summary>
    [Theory]
    [InlineData("igb", Strike.Refused)]
    [InlineData("igb", Strike.AnswerLost)]
    [InlineData("mlx5", Strike.Refused)]
    [InlineData("mlx5", Strike.AnswerLost)]
    public async Task AfterOneFailureThePfIsWhollyChangedOrWhollyAsItWas(string profile, Strike how)
    {
        (string wanted, int[] changes) = await WithoutFaultAsync(profile);
        int putBack = 0;
        foreach (int number in changes)
        {
            using PolicyMachine machine = await StartAsync(profile);
            string before = await machine.StateAsync();
            WatchedKernel watched = new(machine.Machine.Kernel);
            LocalNode failing = machine.Start(watched);
            watched.StrikeAt(number, how);
            Outcome<IReadOnlyList<string>> done = await PolicyMachine.ApplyAsync(failing, new PlanOptions(), Policies(machine));
            string at = $"{number} {watched.Operations[number]}: {done.Fault?.Error}: {done.Fault?.Cause}";
            string after = await machine.StateAsync();
            Assert.True(after == (done.Succeeded ? wanted : before), $"{at}\n{after}");
            Assert.All(machine.Rows(), row => Assert.True(row.State == VfState.Free, $"{at}: {row}"));
            putBack += done.Succeeded ? 0 : 1;
            machine.Kill(failing);
            await EndsAsync(machine, wanted, at);
        }
        Assert.True(putBack > 3, $"{putBack}");
    }

    /// <summary>The process dies before or after each durable step of the ledger.</summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task AfterADeathAtAnyDurableStepTheSameApplyEndsInTheWantedState(string profile)
    {
        (string wanted, _) = await WithoutFaultAsync(profile);
        int steps = int.MaxValue;
        for (int dieAt = 0; dieAt < steps; dieAt++)
        {
            using PolicyMachine machine = await StartAsync(profile);
            int passed = 0;
            LocalNode dying = machine.Start(machine.Machine.Kernel, _ =>
            {
                if (passed++ == dieAt)
                    throw new ProcessDiedException();
            });
            try
            {
                _ = (await PolicyMachine.ApplyAsync(dying, new PlanOptions(), Policies(machine))).Value;
                steps = passed;
            }
            catch (ProcessDiedException)
            {
                // As kill -9 would end it.
            }
            machine.Kill(dying);
            await EndsAsync(machine, wanted, $"step {dieAt}");
        }
        Assert.True(steps > 6, $"{steps}");
    }

    private static Task<PolicyMachine> StartAsync(string profile) => PolicyMachine.CreateAsync(profile, vfs: 2);

    private static string[] Policies(PolicyMachine machine)
    {
        string mode = machine.Machine.Pf.StartsWith("enp129", StringComparison.Ordinal) ? "\n  eSwitchMode: switchdev" : "";
        return
        [
            machine.Policy("dpdk", 3, $"deviceType: vfio-pci\n  mtu: 2000{mode}", "#0"),
            machine.Policy("net", 3, $"mtu: 2000{mode}", "#1-2"),
        ];
    }

    /// <returns>The state that is wanted, and the numbers of the operations that change something.</returns>
    private static async Task<(string Wanted, int[] Changes)> WithoutFaultAsync(string profile)
    {
        using PolicyMachine machine = await StartAsync(profile);
        WatchedKernel watched = new(machine.Machine.Kernel);
        using LocalNode node = machine.Start(watched);
        watched.Watch();
        _ = (await PolicyMachine.ApplyAsync(node, new PlanOptions(), Policies(machine))).Value;
        int[] changes =
        [
            .. watched.Operations.Index().Where(operation => IsChange(operation.Item)).Select(operation => operation.Index),
        ];
        Assert.True(changes.Length > 10, $"{changes.Length}");
        return (await machine.StateAsync(), changes);
    }

    private static bool IsChange(string operation) =>
        !Readings.Contains(operation) && operation.Split(' ')[0] is "write" or "send" or "udevadm" or "modprobe";

    private static async Task EndsAsync(PolicyMachine machine, string wanted, string at)
    {
        machine.Machine.Restart();
        Outcome<IReadOnlyList<string>> again = await machine.ApplyAsync(Policies(machine));
        Assert.True(again.Succeeded, $"{at}: {again.Fault?.Error}: {again.Fault?.Cause}");
        Assert.True(await machine.StateAsync() == wanted, $"{at}: {await machine.StateAsync()}");
        Assert.True((await machine.PlanAsync(Policies(machine))).IsEmpty, at);
        Assert.Equal(3, machine.Rows().Count);
        foreach (LedgerVf row in machine.Rows())
        {
            Assert.True(row is { State: VfState.Free, Stranger: null, Clean.HasSettings: true }, $"{at}: {row}");
            Assert.Empty(CleanState.Differences(await machine.Machine.ReadAsync(row.Vf), row.Clean!));
        }
    }

    private sealed class ProcessDiedException : Exception;
}
