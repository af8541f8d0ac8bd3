using System.Text.RegularExpressions;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Simulation.Faults;

namespace Vfleet.Host.Tests.Inventory;

/// <summary>
/// A file that blocks or vanishes, a reply that is cut, a PF that is pulled, at any place: every operation ends, with a result or with a
/// fault, and never with an exception.
/// </summary>
public sealed partial class UnitTroubleTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, Func<HostMachine, Task<Fault?>>> Work = new()
    {
        ["list"] = async machine => (await machine.Host.Inventory.ListVfsAsync()).Fault,
        ["create"] = async machine => (await machine.CountAsync(3)).Fault,
        ["create on vfio"] = async machine => (await machine.CountAsync(3, "vfio-pci")).Fault,
        ["delete"] = async machine => (await machine.CountAsync(0)).Fault,
        ["set"] = async machine => (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100 }, false, false)).Fault,
        ["bind"] = async machine => (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", false, false)).Fault,
        ["reset"] = async machine =>
        {
            Outcome<IReadOnlyList<ResetResult>> reset = await machine.Host.ResetAsync([machine.Vf(0), machine.Vf(1)], false, false);
            return reset.Fault ?? reset.Value.Select(result => result.Outcome.Fault).FirstOrDefault(fault => fault is not null);
        },
        ["attach"] = async machine => (await machine.AttachAsync(settings: new VfSettings { Mac = new(0x02_00_00_00_00_01) })).Fault,
        ["detach"] = async machine => (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Fault,
    };

    public static TheoryData<string> Works() => new(Work.Keys);

    [Theory]
    [MemberData(nameof(Works))]
    public async Task AFileThatVanishesEndsInAResultOrAFault(string work)
    {
        foreach (string path in await PathsAsync(work))
        {
            using HostMachine machine = await PreparedAsync(work);
            machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.VanishingFile) { Target = path });
            _ = await Work[work](machine).WaitAsync(Hang);
        }
    }

    [Theory]
    [MemberData(nameof(Works))]
    public async Task AFileThatBlocksIsGivenUpAtTheDeadline(string work)
    {
        foreach (string path in (await PathsAsync(work)).Where(path => path.StartsWith("/sys/", StringComparison.Ordinal)))
        {
            using HostMachine machine = await PreparedAsync(work);
            machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.BlockingFile) { Target = path });
            machine.Hurry();
            Fault? fault = await Task.Run(() => Work[work](machine)).WaitAsync(Hang);
            if (machine.Simulated.Machine.Faults.Struck.Any(struck => struck.Fault == SimulatedFault.BlockingFile))
                Assert.True(fault is { Kind: FaultKind.TimedOut }, $"{path}: {fault?.ToString() ?? "done"}");
            machine.Simulated.Machine.Faults.Clear(SimulatedFault.BlockingFile);
        }
    }

    [Theory]
    [MemberData(nameof(Works))]
    public async Task AReplyThatIsCutEndsInAResultOrAFault(string work)
    {
        for (int reply = 0; ; reply++)
        {
            using HostMachine machine = await PreparedAsync(work);
            machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.TruncatedReply) { After = reply, Count = 1 });
            _ = await Work[work](machine).WaitAsync(Hang);
            if (machine.Simulated.Machine.Faults.Struck.Count == 0)
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Works))]
    public async Task APfThatIsPulledHalfwayEndsInAFault(string work)
    {
        for (int operation = 0; ; operation++)
        {
            using HostMachine machine = await PreparedAsync(work);
            PciAddress pf = (await machine.ReadPfAsync()).Address!.Value;
            machine.Kernel.StrikeAt(operation, () => machine.Simulated.Machine.Unplug(pf));
            _ = await Work[work](machine).WaitAsync(Hang);
            if (machine.Kernel.Operations.Count <= operation)
                break;
            Assert.Single((await machine.Host.Inventory.ListPfsAsync()).Value);
        }
    }

    [Fact]
    public async Task APfThatIsBusyKeepsNobodyFromWorkOnAnother()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        string other = (await machine.Host.Inventory.ListPfsAsync()).Value[1].SysfsPath;
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.BlockingFile) { Target = $"{other}/sriov_numvfs" });
        machine.Hurry();
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100 }, false, false)).Value;
        _ = (await machine.Host.ResetAsync(["0000:01:10.0", "01:10.2"], false, false)).Value;
        _ = (await machine.AttachAsync()).Value;
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        _ = (await machine.CountAsync(3)).Value;
        Assert.Equal(3, (await machine.ReadPfAsync()).NumVfs);
        Assert.Equal(3, (await machine.Host.ListVfsAsync(machine.Pf)).Value.Count);
        Refusal.Is(FaultKind.TimedOut, await machine.Host.SetAsync("nosuch/0", new VfSettings { Vlan = 100 }, false, false));
        machine.Simulated.Machine.Faults.Clear(SimulatedFault.BlockingFile);
    }

    [Fact]
    public async Task AfterItsPfWasPulledAVfsRecordStaysAndSaysWhatItIs()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        _ = (await machine.AttachAsync()).Value;
        machine.Simulated.Machine.Unplug((await machine.ReadPfAsync()).Address!.Value);
        Refusal.Is(FaultKind.NotFound, await machine.Host.Detacher.DetachAsync("0000:01:10.0"), "0000:01:10.0");
        Assert.Single(machine.Records());
    }

    private static async Task<HostMachine> PreparedAsync(string work)
    {
        HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        if (work == "detach")
            _ = (await machine.AttachAsync()).Value;
        return machine;
    }

    /// <summary>The files an operation touches; of those that differ only in a number, as those of different VFs, two.</summary>
    private static async Task<IReadOnlyList<string>> PathsAsync(string work)
    {
        using HostMachine machine = await PreparedAsync(work);
        machine.Kernel.Watch();
        _ = await Work[work](machine);
        return
        [
            .. machine.Kernel.Operations.Where(operation => operation.Contains(" /", StringComparison.Ordinal))
                .Select(operation => operation[operation.IndexOf('/', StringComparison.Ordinal)..])
                .Distinct()
                .GroupBy(path => Digits().Replace(path, "#"))
                .SelectMany(alike => alike.Take(2)),
        ];
    }

    [GeneratedRegex("[0-9a-f]+")]
    private static partial Regex Digits();
}
