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

    private static async Task<Outcome<VfInfo>?> TryAsync(HostMachine machine)
    {
        try
        {
            return await machine.Host.SetAsync(machine.Vf(1), Everything, false, false, machine.Kernel.Cancel.Token);
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
