using System.Globalization;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

/// <summary>netdevsim: any number of VFs, and a driver that takes every setting.</summary>
public sealed class NetdevsimTests : IAsyncLifetime
{
    private const string Device = "netdevsim90", Folder = "/sys/bus/netdevsim/devices/" + Device;
    private readonly IKernel _kernel = ContractKernel.Netdevsim();
    private LinkInfo _link = null!;

    public async Task InitializeAsync()
    {
        Answer.Done(_kernel.Files.WriteText("/sys/bus/netdevsim/new_device", "90 1"));
        _link = await Eventually.GetAsync("the interface of netdevsim", async () =>
        {
            using RouteClient route = RouteClient.Open(_kernel).Value;
            return (await route.ListLinksAsync()).Value.Find(link => link.ParentDevice == Device);
        });
    }

    public Task DisposeAsync()
    {
        Answer.Done(_kernel.Files.WriteText("/sys/bus/netdevsim/del_device", "90"));
        return Task.CompletedTask;
    }

    [ContractTheory(ContractDevice.Netdevsim)]
    [InlineData(1)]
    [InlineData(221)]
    [InlineData(222)]
    [InlineData(223)]
    [InlineData(256)]
    [InlineData(334)]
    [InlineData(335)]
    [InlineData(512)]
    [InlineData(1000)]
    [InlineData(2000)]
    public async Task Every_vf_is_listed_also_where_the_kernels_list_wraps(int count)
    {
        Count(count);
        using RouteClient route = RouteClient.Open(_kernel).Value;
        foreach (VfDetail detail in (VfDetail[])[VfDetail.Settings, VfDetail.SettingsAndCounters])
        {
            Assert.Equal(Enumerable.Range(0, count), (await route.GetLinkAsync(_link.Index, detail)).Value.Vfs.Select(vf => vf.Index));
            LinkInfo listed = (await route.ListLinksAsync(detail)).Value.Find(link => link.Index == _link.Index)!;
            Assert.Equal(Enumerable.Range(0, count), listed.Vfs.Select(vf => vf.Index));
            Assert.Equal(count, listed.NumVfs);
        }
    }

    [ContractFact(ContractDevice.Netdevsim)]
    public async Task Every_setting_reads_back_on_the_last_of_many()
    {
        Count(300);
        using RouteClient route = RouteClient.Open(_kernel).Value;
        VfChange change = new()
        {
            Index = 299,
            Mac = new MacAddress(0x02_00_00_00_aa_01),
            Vlan = new VfVlan(100, 3, VlanProtocol.Dot1Ad),
            Rate = new VfRate(10, 20),
            SpoofCheck = true,
            Trust = true,
            LinkState = VfLinkState.Disable,
        };
        Answer.Done(await route.ChangeVfsAsync(_link.Index, _link.Name, [change]));
        IReadOnlyList<VfInfo> vfs = (await route.GetLinkAsync(_link.Index, VfDetail.Settings)).Value.Vfs;
        VfInfo last = vfs[299];
        Assert.Equal((change.Mac, 100, 3, VlanProtocol.Dot1Ad), (last.Mac, last.Vlan, last.VlanQos, last.VlanProtocol));
        Assert.Equal((10u, 20u, true, true, VfLinkState.Disable), (last.MinTxRateMbps, last.MaxTxRateMbps, last.SpoofCheck, last.Trust, last.LinkState));
        Assert.Equal((0, VfLinkState.Auto), (vfs[298].Vlan, vfs[298].LinkState));
    }

    [ContractFact(ContractDevice.Netdevsim)]
    public async Task A_thousand_settings_are_made_in_batches()
    {
        Count(1000);
        using RouteClient route = RouteClient.Open(_kernel).Value;
        VfChange[] changes = [.. Enumerable.Range(0, 1000).Select(index => new VfChange { Index = index, Vlan = new VfVlan(1 + index) })];
        Answer.Done(await route.ChangeVfsAsync(_link.Index, _link.Name, changes));
        Assert.Equal(Enumerable.Range(1, 1000), (await route.GetLinkAsync(_link.Index, VfDetail.Settings)).Value.Vfs.Select(vf => vf.Vlan!.Value));
    }

    [ContractFact(ContractDevice.Netdevsim)]
    public async Task One_refusal_in_a_batch_is_told_and_the_others_are_made()
    {
        Count(10);
        using RouteClient route = RouteClient.Open(_kernel).Value;
        VfChange[] changes = [.. Enumerable.Range(0, 10).Select(index => new VfChange { Index = index == 4 ? 77 : index, Vlan = new VfVlan(1 + index) })];
        Answer.Is(Errno.EINVAL, await route.ChangeVfsAsync(_link.Index, _link.Name, changes));
        Assert.Equal([1, 2, 3, 4, 0, 6, 7, 8, 9, 10], (await route.GetLinkAsync(_link.Index, VfDetail.Settings)).Value.Vfs.Select(vf => vf.Vlan!.Value));
    }

    [ContractFact(ContractDevice.Netdevsim)]
    public void A_count_is_changed_by_way_of_zero_and_within_its_limit()
    {
        Count(4);
        Answer.Is(Errno.EBUSY, _kernel.Files.WriteText($"{Folder}/sriov_numvfs", "2"));
        Answer.Is(Errno.EBUSY, _kernel.Files.WriteText($"/sys/kernel/debug/netdevsim/{Device}/max_vfs", "9"));
        Answer.Done(_kernel.Files.WriteText($"{Folder}/sriov_numvfs", "0"));
        Answer.Is(Errno.ENOMEM, _kernel.Files.WriteText($"{Folder}/sriov_numvfs", "5"));
        Assert.Equal("0", _kernel.Files.ReadText($"{Folder}/sriov_numvfs").Value);
    }

    private void Count(int count)
    {
        string text = count.ToString(CultureInfo.InvariantCulture);
        Answer.Done(_kernel.Files.WriteText($"/sys/kernel/debug/netdevsim/{Device}/max_vfs", text));
        Answer.Done(_kernel.Files.WriteText($"{Folder}/sriov_numvfs", text));
        Assert.Equal(text, _kernel.Files.ReadText($"{Folder}/sriov_numvfs").Value);
    }
}
