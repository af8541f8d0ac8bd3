using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

public sealed class NamespaceTests : IgbContract
{
    private static readonly MacAddress Mac = new(0x02_00_00_00_aa_01), Other = new(0x02_00_00_00_aa_02);

    [ContractFact]
    public async Task A_new_namespace_has_its_loopback_up_and_nothing_else()
    {
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        using RouteClient route = RouteClient.Open(Kernel, blue).Value;
        LinkInfo only = Assert.Single((await route.ListLinksAsync()).Value);
        Assert.Equal(("lo", 1, true), (only.Name, only.Index, only.IsUp));
    }

    [ContractFact]
    public void A_namespace_is_opened_by_name_and_by_process()
    {
        using NetworkNamespace made = Kernel.CreateNamespace(Blue).Value;
        using NetworkNamespace named = Kernel.OpenNamespace($"/run/netns/{Blue}").Value;
        Assert.Equal(made.Inode, named.Inode);
        Assert.Contains(Blue, Files.List("/run/netns").Value);
        using NetworkNamespace first = Kernel.OpenNamespace("/proc/1/ns/net").Value;
        using NetworkNamespace own = Kernel.OpenNamespace("/proc/self/ns/net").Value;
        Assert.Equal(first.Inode, own.Inode);
        Assert.NotEqual(first.Inode, made.Inode);
    }

    [ContractFact]
    public void What_is_no_namespace_is_not_opened()
    {
        Answer.Is(FaultKind.NotFound, Kernel.OpenNamespace("/run/netns/contract-nowhere"));
        Answer.Is(FaultKind.NotFound, Kernel.OpenNamespace("/proc/4194999/ns/net"));
        Answer.Is(FaultKind.Usage, Kernel.OpenNamespace(PfFile("vendor")));
    }

    [ContractFact]
    public void A_name_is_given_once_and_taken_away_once()
    {
        Kernel.CreateNamespace(Blue).Value.Dispose();
        Answer.Is(FaultKind.Refused, Kernel.CreateNamespace(Blue));
        Answer.Done(Kernel.DeleteNamespace(Blue));
        Answer.Is(FaultKind.NotFound, Kernel.DeleteNamespace(Blue));
        Answer.Is(FaultKind.Usage, Kernel.CreateNamespace("with/slash"));
    }

    [ContractFact]
    public async Task One_request_moves_renames_and_sets_the_mtu()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue, Name = "eth0", Mtu = 1400 }));
        LinkInfo there = (await FindLinkAsync(Vf(0), blue))!;
        Assert.Equal(("eth0", 1400, false, link.Mac), (there.Name, there.Mtu, there.IsUp, there.Mac));
        Assert.Null(await FindLinkAsync(Vf(0)));
        Assert.False(Files.Exists($"/sys/class/net/{link.Name}"));
    }

    [ContractFact]
    public async Task While_the_interface_is_away_its_device_shows_an_empty_directory()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue }));
        Assert.True(Files.Exists($"{Vf(0).SysfsPath}/net"));
        Assert.Empty(new PciBus(Files).NetworkInterfaces(Vf(0)).Value);
        Assert.Equal("igbvf", Drivers.Of(Vf(0)).Value);
    }

    [ContractFact]
    public async Task A_move_takes_an_interface_down_and_forgets_its_addresses()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Up = true }));
        Assert.True(IPNetworkAddress.TryParse("192.0.2.7/24", out IPNetworkAddress? address));
        using (RouteClient here = RouteClient.Open(Kernel).Value)
            Answer.Done(await here.AddAddressAsync(link.Index, link.Name, address));
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue }));
        LinkInfo moved = (await FindLinkAsync(Vf(0), blue))!;
        Assert.False(moved.IsUp);
        using RouteClient there = RouteClient.Open(Kernel, blue).Value;
        Assert.DoesNotContain((await there.ListAddressesAsync()).Value, found => found.InterfaceIndex == moved.Index);
    }

    [ContractFact]
    public async Task A_name_that_is_taken_refuses_the_move_and_the_interface_stays()
    {
        LinkInfo[] links = await CreateNativeAsync(2);
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        Answer.Done(await ChangeLinkAsync(links[0], new LinkChange { Namespace = blue, Name = "eth0" }));
        // Its own name is free there, but the one it is to be given afterwards is not.
        Answer.Is(Errno.EEXIST, await ChangeLinkAsync(links[1], new LinkChange { Namespace = blue, Name = "eth0" }));
        LinkInfo? stayed = await FindLinkAsync(Vf(1)), moved = await FindLinkAsync(Vf(1), blue);
        Assert.True(stayed is null != moved is null);
        if (moved is not null)
            Assert.Equal(links[1].Name, moved.Name);
    }

    [ContractFact]
    public async Task An_alternative_name_that_is_taken_refuses_the_move()
    {
        LinkInfo[] links = await CreateNativeAsync(2);
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        using (RouteClient here = RouteClient.Open(Kernel).Value)
            Answer.Done(await here.ChangeAlternativeNamesAsync(links[0].Index, links[0].Name, ["contract-alt"], add: true));
        Answer.Done(await ChangeLinkAsync(links[0], new LinkChange { Namespace = blue }));
        using (RouteClient here = RouteClient.Open(Kernel).Value)
            Answer.Done(await here.ChangeAlternativeNamesAsync(links[1].Index, links[1].Name, ["contract-alt"], add: true));
        Answer.Is(Errno.EEXIST, await ChangeLinkAsync(links[1], new LinkChange { Namespace = blue }));
        Assert.NotNull(await FindLinkAsync(Vf(1)));
    }

    [ContractFact]
    public async Task Alternative_names_are_added_listed_and_removed()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using RouteClient route = RouteClient.Open(Kernel).Value;
        string[] before = [.. link.AlternativeNames];
        Answer.Done(await route.ChangeAlternativeNamesAsync(link.Index, link.Name, ["contract-one", "contract-two"], add: true));
        Assert.Equal(before.Concat(["contract-one", "contract-two"]), (await route.GetLinkAsync(link.Index)).Value.AlternativeNames);
        Assert.Equal(link.Index, (await route.GetLinkAsync(link.Name)).Value.Index);
        Answer.Is(Errno.EEXIST, await route.ChangeAlternativeNamesAsync(link.Index, link.Name, ["contract-one"], add: true));
        Answer.Is(Errno.EEXIST, await route.ChangeLinkAsync(PfLink.Index, PfLink.Name, new LinkChange { Name = "contract-two" }));
        Answer.Done(await route.ChangeAlternativeNamesAsync(link.Index, link.Name, ["contract-one", "contract-two"], add: false));
        Answer.Is(Errno.ENOENT, await route.ChangeAlternativeNamesAsync(link.Index, link.Name, ["contract-one"], add: false));
    }

    [ContractFact]
    public async Task The_interface_comes_back_when_its_namespace_dies()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using (NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value)
            Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue, Name = "contract0", Up = true }));
        Answer.Done(Kernel.DeleteNamespace(Blue));
        LinkInfo back = await VfLinkAsync(0);
        Assert.Equal(("contract0", false, link.Mac), (back.Name, back.IsUp, back.Mac));
    }

    [ContractFact]
    public async Task It_comes_back_under_a_name_of_the_kernels_when_its_own_is_taken()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using (NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value)
            Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue, Name = PfLink.Name }));
        Answer.Done(Kernel.DeleteNamespace(Blue));
        Assert.StartsWith("dev", (await VfLinkAsync(0)).Name, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task An_open_handle_keeps_a_namespace_that_lost_its_name()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using (NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value)
        {
            Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue, Name = "eth0" }));
            Answer.Done(Kernel.DeleteNamespace(Blue));
            Assert.Equal("eth0", (await FindLinkAsync(Vf(0), blue))!.Name);
        }
        Assert.NotNull(await VfLinkAsync(0));
    }

    [ContractFact]
    public async Task A_vf_without_trust_cannot_leave_its_administrative_mac()
    {
        CreateVfs(1);
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 0, Mac = Mac }));
        Bind(0, "igbvf");
        LinkInfo link = await VfLinkAsync(0);
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue, Name = "eth0" }));
        LinkInfo there = (await FindLinkAsync(Vf(0), blue))!;
        Answer.Is(Errno.EADDRNOTAVAIL, await ChangeLinkAsync(there, new LinkChange { Mac = Other }, blue));
        Assert.Equal(Mac, (await ReadVfsAsync())[0].Mac);
    }

    [ContractFact]
    public async Task A_vf_with_trust_may_leave_it()
    {
        CreateVfs(1);
        Answer.Done(await ChangeVfAsync(new VfChange { Index = 0, Mac = Mac, Trust = true }));
        Bind(0, "igbvf");
        Answer.Done(await ChangeLinkAsync(await VfLinkAsync(0), new LinkChange { Mac = Other }));
        Assert.Equal(Other, (await VfLinkAsync(0)).Mac);
    }

    [ContractFact]
    public async Task A_vf_without_an_administrative_mac_chooses_its_own()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Mac = Other }));
        Assert.Equal(Other, (await VfLinkAsync(0)).Mac);
        Assert.Equal(Other, (await ReadVfsAsync())[0].Mac);
    }

    [ContractTheory]
    [InlineData(67)]
    [InlineData(9300)]
    public async Task An_mtu_the_driver_does_not_take_is_refused(int mtu)
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Is(Errno.EINVAL, await ChangeLinkAsync(link, new LinkChange { Mtu = mtu }));
        Assert.Equal(1500, (await VfLinkAsync(0)).Mtu);
    }
}
