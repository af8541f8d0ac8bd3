using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Settings;

/// <summary>All settings or none: whichever kernel operation fails, the VF is as it was.</summary>
public sealed class UnitSettingsRollbackTests
{
    private static readonly VfSettings Everything = new()
    {
        Mac = new MacAddress(0x02_00_00_00_00_02), Vlan = 100, VlanQos = 3, VlanProtocol = VlanProtocol.Dot1Ad, SpoofCheck = true, Trust = true,
        LinkState = VfLinkState.Disable, MinTxRateMbps = 10, MaxTxRateMbps = 100,
    };

    public static TheoryData<Strike> Strikes() => new(Strike.Refused, Strike.AnswerLost, Strike.Cancelled);

    [Theory]
    [MemberData(nameof(Strikes))]
    public async Task WhicheverOperationFailsTheVfIsAsItWas(Strike how)
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 2);
        string[] before = await machine.DescribeAsync();
        for (int operation = 0; ; operation++)
        {
            machine.Kernel.StrikeAt(operation, how);
            Outcome<VfInfo>? outcome = await TryAsync(machine);
            int count = machine.Kernel.Operations.Count;
            if (outcome?.Fault is null && outcome is not null)
            {
                // A reading that is allowed to be unknown may fail without harm.
                await PutBackAsync(machine);
                if (operation >= count)
                    break;
            }
            string struck = machine.Kernel.Operations[Math.Min(operation, count - 1)];
            string[] after = await machine.DescribeAsync();
            Assert.True(before.SequenceEqual(after), $"after {how} at {operation}, {struck}");
        }
    }

    [Theory]
    [InlineData("i40e")]
    [InlineData("mlx5")]
    public async Task ATrunkThatCannotBeAddedLeavesTheOldOne(string profile)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 1);
        string path = $"{machine.PfPath}/sriov/0/trunk";
        _ = (await SetTrunkAsync(machine, "5-7")).Value;
        machine.Kernel.Watch();
        _ = (await SetTrunkAsync(machine, "100-110")).Value;
        int added = machine.Kernel.Operations.ToList().FindLastIndex(operation => operation == $"write {path}");
        _ = (await SetTrunkAsync(machine, "5-7")).Value;
        machine.Kernel.StrikeAt(added, Strike.Refused);
        Refusal.Is(FaultKind.Kernel, await SetTrunkAsync(machine, "100-110"));
        Assert.Equal("5-7", machine.Simulated.Files.ReadText(path).Value);
    }

    [Fact]
    public async Task ATrunkThatIsStuckIsGivenUpAtTheDeadlineAndPutBack()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
        using ManualResetEventSlim done = new(false);
        string path = $"{machine.PfPath}/sriov/0/trunk";
        _ = (await SetTrunkAsync(machine, "5-7")).Value;
        machine.Kernel.Watch();
        _ = (await SetTrunkAsync(machine, "100-110")).Value;
        int written = machine.Kernel.Operations.ToList().IndexOf($"write {path}");
        _ = (await SetTrunkAsync(machine, "5-7")).Value;
        machine.Hurry();
        machine.Kernel.StrikeAt(written, done.Wait);
        Refusal.Is(FaultKind.TimedOut, await Task.Run(() => SetTrunkAsync(machine, "100-110")).WaitAsync(TimeSpan.FromSeconds(20)), "VLAN trunk");
        Refusal.Is(FaultKind.TimedOut, await SetTrunkAsync(machine, "9"), "another process");

        done.Set();
        for (int tries = 0; tries < 20 && !(await machine.Host.SetAsync(machine.Vf(0), new VfSettings { SpoofCheck = true }, false, false)).Succeeded; tries++)
            await Task.Delay(10);
        Assert.Equal("5-7", machine.Simulated.Files.ReadText(path).Value);
    }

    [Fact]
    public async Task AMacThatAnotherProcessGivesAwayMeanwhileIsPutBack()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice", 2);
        VfSettings wish = new() { Mac = new MacAddress(0x02_00_00_00_00_07) };
        MacAddress? before = (await machine.ReadVfAsync()).Settings!.Mac;
        machine.Kernel.Watch();
        _ = (await machine.Host.SetAsync(machine.Vf(0), wish, false, false)).Value;
        int sent = machine.Kernel.Operations.ToList().FindLastIndex(operation => operation == $"send {RouteMessage.SetLink}");
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = before }, false, false)).Value;
        machine.Kernel.StrikeAt(sent, () => SetWithoutLook(machine, wish));
        Refusal.Is(FaultKind.Refused, await machine.Host.SetAsync(machine.Vf(0), wish, false, false), "VF 1", "--force");
        Assert.Equal(before, (await machine.ReadVfAsync()).Settings!.Mac);
    }

    /// <summary>Another process sets the second VF after this one has looked at it.</summary>
    private static void SetWithoutLook(HostMachine machine, VfSettings wish)
    {
        using RouteClient route = RouteClient.Open(machine.Simulated).Value;
        int pf = route.GetLinkAsync(machine.Pf).AsTask().GetAwaiter().GetResult().Value.Index;
        _ = route.ChangeVfsAsync(pf, machine.Pf, [new VfChange { Index = 1, Mac = wish.Mac }]).AsTask().GetAwaiter().GetResult().Value;
    }

    private static Task<Outcome<VfInfo>> SetTrunkAsync(HostMachine machine, string list) => VlanTrunk.TryParse(list, out VlanTrunk? trunk)
        ? machine.Host.SetAsync(machine.Vf(0), new VfSettings { Trunk = trunk }, false, false)
        : throw new ArgumentException(list, nameof(list));

    private static async Task<Outcome<VfInfo>?> TryAsync(HostMachine machine)
    {
        try
        {
            return await machine.Host.SetAsync(machine.Vf(1), Everything, false, false, cancel: machine.Kernel.Cancel.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task PutBackAsync(HostMachine machine)
    {
        machine.Kernel.Watch();
        VfSettings clean = new() { Mac = MacAddress.Zero, Vlan = 0, SpoofCheck = false, Trust = false, LinkState = VfLinkState.Auto, MinTxRateMbps = 0, MaxTxRateMbps = 0 };
        _ = (await machine.Host.SetAsync(machine.Vf(1), clean, false, false)).Value;
    }
}
