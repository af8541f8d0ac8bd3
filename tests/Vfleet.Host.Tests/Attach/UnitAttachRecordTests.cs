using Vfleet.Host.Attach;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.Tests.Isolation;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Attach;

public sealed class UnitAttachRecordTests
{
    [Fact]
    public async Task AForcedAttachDoesNotTakeTheTenantsSettingsForTheBaseline()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("ice", 1);
        string[] before = await machine.DescribeAsync();
        AttachRequest request = await AttachAsync(machine, vlan: 100);
        _ = machine.Kernel.DeleteNamespace("blue").Value;
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        Outcome<AttachResult> second = await machine.Host.Attacher.AttachAsync(request with { Force = true });
        Assert.Equal(FaultKind.Refused, second.Fault?.Kind);
        DetachResult back = (await machine.Host.Detacher.DetachAsync(request.Vf)).Value;
        Assert.True(back.NamespaceWasGone);
        _ = machine.Kernel.DeleteNamespace("blue").Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task RecordsOfDestroyedVfsDoNotHoldTheirSuccessors()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("ice", 2);
        _ = await AttachAsync(machine, vlan: 100);
        Assert.Equal(FaultKind.Refused, (await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: false)).Fault?.Kind);
        await ChangeAsync(machine, 0, force: true);
        await ChangeAsync(machine, 2, force: false);
        Assert.Empty((await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: false)).Value.InUse);
    }

    [Theory]
    [InlineData("i40e")]
    [InlineData("mlx5")]
    public async Task ADetachTakesTheTrunkBack(string profile)
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync(profile, 1);
        VirtualFunction vf = (await machine.Host.FindVfAsync($"{machine.Pf}/0")).Value.Vf;
        string path = $"{vf.Pf.SysfsPath}/sriov/0/trunk";
        Assert.True(VlanTrunk.TryParse("5", out VlanTrunk? old));
        Assert.True(VlanTrunk.TryParse("100-110,200", out VlanTrunk? wanted));
        _ = (await machine.Host.SetAsync(vf.Label, new VfSettings { Trunk = old }, force: false, dryRun: false)).Value;
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        _ = (await machine.Host.Attacher.AttachAsync(new AttachRequest { Vf = vf.Label, NamespacePath = "/run/netns/blue", Settings = new VfSettings { Trunk = wanted } })).Value;
        Assert.Equal("100-110,200", machine.Kernel.Files.ReadText(path).Value);
        _ = (await machine.Host.Detacher.DetachAsync(vf.Label)).Value;
        Assert.Equal("5", machine.Kernel.Files.ReadText(path).Value);
    }

    private static async Task<AttachRequest> AttachAsync(IsolationMachine machine, int vlan)
    {
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        AttachRequest request = new() { Vf = $"{machine.Pf}/0", NamespacePath = "/run/netns/blue", Settings = new VfSettings { Vlan = vlan } };
        _ = (await machine.Host.Attacher.AttachAsync(request)).Value;
        return request;
    }

    private static async Task ChangeAsync(IsolationMachine machine, int count, bool force)
    {
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, count, null, force)).Value;
        _ = (await machine.Host.Creator.ApplyAsync(plan, force)).Value;
    }
}
