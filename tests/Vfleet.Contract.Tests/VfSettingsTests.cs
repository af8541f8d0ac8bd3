using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

public sealed class VfSettingsTests : IgbContract
{
    private static readonly MacAddress Mac = new(0x02_00_00_00_aa_01);

    [ContractFact]
    public async Task New_vfs_are_listed_whole_with_spoof_check_on_and_nothing_else()
    {
        CreateVfs(7);
        IReadOnlyList<VfInfo> vfs = await ReadVfsAsync();
        Assert.Equal(Enumerable.Range(0, 7), vfs.Select(vf => vf.Index));
        Assert.All(vfs, vf => Assert.Equal((0, 0, VlanProtocol.Dot1Q, true, false), (vf.Vlan, vf.VlanQos, vf.VlanProtocol, vf.SpoofCheck, vf.Trust)));
        Assert.All(vfs, vf => Assert.Equal((0u, 0u, VfLinkState.Auto, null, null), (vf.MinTxRateMbps, vf.MaxTxRateMbps, vf.LinkState, vf.NodeGuid, vf.PortGuid)));
        Assert.All(vfs, vf => Assert.True(vf.Mac!.Value.IsZero));
    }

    [ContractFact]
    public async Task The_list_tells_the_same_as_the_single_reply()
    {
        CreateVfs(2);
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 1, Vlan = new VfVlan(55, 3) }));
        using RouteClient route = RouteClient.Open(Kernel).Value;
        IReadOnlyList<VfInfo> listed = (await route.ListLinksAsync(VfDetail.Settings)).Value.Find(link => link.Index == PfLink.Index)!.Vfs;
        Assert.Equal(await ReadVfsAsync(), listed);
    }

    [ContractFact]
    public async Task Counters_come_when_they_are_asked_for()
    {
        CreateVfs(2);
        Assert.All(await ReadVfsAsync(VfDetail.SettingsAndCounters), vf => Assert.Equal(new VfCounters(0, 0, 0, 0, 0, 0, 0, 0), vf.Counters));
        Assert.All(await ReadVfsAsync(), vf => Assert.Null(vf.Counters));
        Assert.Empty(await ReadVfsAsync(VfDetail.None));
    }

    [ContractFact]
    public async Task Each_setting_reads_back_and_leaves_the_others_alone()
    {
        CreateVfs(2);
        await CarrierAsync();
        await SetsAsync(new VfChange { Index = 1, Mac = Mac }, vf => vf with { Mac = Mac });
        await SetsAsync(new VfChange { Index = 1, Vlan = new VfVlan(100, 5) }, vf => vf with { Vlan = 100, VlanQos = 5 });
        await SetsAsync(new VfChange { Index = 1, SpoofCheck = false }, vf => vf with { SpoofCheck = false });
        await SetsAsync(new VfChange { Index = 1, Trust = true }, vf => vf with { Trust = true });
        await SetsAsync(new VfChange { Index = 1, Rate = new VfRate(0, 500) }, vf => vf with { MaxTxRateMbps = 500 });
        await SetsAsync(new VfChange { Index = 1, Rate = new VfRate(0, 0) }, vf => vf with { MaxTxRateMbps = 0 });
        await SetsAsync(new VfChange { Index = 1, Trust = false }, vf => vf with { Trust = false });
        await SetsAsync(new VfChange { Index = 1, SpoofCheck = true }, vf => vf with { SpoofCheck = true });
        await SetsAsync(new VfChange { Index = 1, Vlan = new VfVlan(0) }, vf => vf with { Vlan = 0, VlanQos = 0 });
        await SetsAsync(new VfChange { Index = 1, Mac = MacAddress.Zero }, vf => vf with { Mac = MacAddress.Zero });
    }

    [ContractFact]
    public async Task What_igb_cannot_do_it_refuses_with_these_errors()
    {
        CreateVfs(2);
        await CarrierAsync();
        IReadOnlyList<VfInfo> before = await ReadVfsAsync();
        Answer.Is(Errno.EOPNOTSUPP, await ChangeVfAsync(new VfChange { Index = 0, LinkState = VfLinkState.Enable }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Rate = new VfRate(100, 0) }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Rate = new VfRate(100, 50) }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Rate = new VfRate(0, 1001) }));
        Answer.Is(Errno.EPROTONOSUPPORT, await ChangeVfAsync(new VfChange { Index = 0, Vlan = new VfVlan(100, 0, VlanProtocol.Dot1Ad) }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Vlan = new VfVlan(4096) }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Vlan = new VfVlan(100, 8) }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Mac = new MacAddress(0x01_00_5e_00_00_01) }));
        Answer.Is(Errno.EOPNOTSUPP, await ChangeVfAsync(new VfChange { Index = 0, NodeGuid = 1 }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 2, Vlan = new VfVlan(100) }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 2, Mac = Mac }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 2, Trust = true }));
        Assert.Equal(before, await ReadVfsAsync());
    }

    [ContractFact]
    public async Task The_reserved_vlan_4095_is_taken_by_the_driver_so_vfleet_must_refuse_it()
    {
        CreateVfs(1);
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 0, Vlan = new VfVlan(4095) }));
    }

    [ContractFact]
    public async Task A_rate_needs_the_ports_link()
    {
        CreateVfs(1);
        Answer.Done(await ChangeLinkAsync(PfLink, new LinkChange { Up = false }));
        Answer.Is(Errno.EINVAL, await ChangeVfAsync(new VfChange { Index = 0, Rate = new VfRate(0, 500) }));
    }

    [ContractFact]
    public async Task An_administrative_mac_is_the_interfaces_when_the_driver_is_bound()
    {
        CreateVfs(1);
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 0, Mac = Mac }));
        Bind(0, "igbvf");
        Assert.Equal(Mac, (await VfLinkAsync(0)).Mac);
    }

    [ContractFact]
    public async Task An_administrative_mac_reaches_a_bound_interface_only_when_it_is_bound_anew()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 0, Mac = Mac }));
        Assert.Equal(link.Mac, (await VfLinkAsync(0)).Mac);
        Answer.Done(Drivers.Unbind(Vf(0)));
        Bind(0, "igbvf");
        Assert.Equal(Mac, (await VfLinkAsync(0)).Mac);
        Assert.Equal(Mac, (await ReadVfsAsync())[0].Mac);
    }

    [ContractFact]
    public async Task The_vfs_own_mac_is_listed_as_if_it_had_been_set()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Up = true }));
        Assert.Equal(link.Mac, (await ReadVfsAsync())[0].Mac);
    }

    [ContractFact]
    public async Task Settings_outlive_the_driver_and_end_with_the_vf()
    {
        CreateVfs(1);
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 0, Mac = Mac, Vlan = new VfVlan(100, 3), Trust = true, SpoofCheck = false }));
        VfInfo set = (await ReadVfsAsync())[0];
        Assert.Equal((Mac, 100, 3, true, false), (set.Mac, set.Vlan, set.VlanQos, set.Trust, set.SpoofCheck));
        Bind(0, "igbvf");
        await VfLinkAsync(0);
        Answer.Done(Drivers.Unbind(Vf(0)));
        Assert.Equal(set, (await ReadVfsAsync())[0]);
        Answer.Done(WritePf("sriov_numvfs", "0"));
        CreateVfs(1);
        VfInfo fresh = (await ReadVfsAsync())[0];
        Assert.Equal((0, true, true), (fresh.Vlan, fresh.SpoofCheck, fresh.Mac!.Value.IsZero));
    }

    private async Task SetsAsync(VfChange change, Func<VfInfo, VfInfo> expected)
    {
        IReadOnlyList<VfInfo> before = await ReadVfsAsync();
        Answer.Done(await ChangeVfAsync(change));
        Assert.Equal(before.Select((vf, index) => index == change.Index ? expected(vf) : vf), await ReadVfsAsync());
    }
}
