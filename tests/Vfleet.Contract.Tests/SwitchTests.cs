using Vfleet.Host.Warm;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

/// <summary>Switches of an interface below /proc/sys/net. Source: Documentation/networking/ip-sysctl.rst.</summary>
public sealed class SwitchTests : IgbContract
{
    /// <summary>conf/default: "These settings would be used during creating new interfaces."</summary>
    [ContractTheory]
    [InlineData("ipv6", "disable_ipv6")]
    [InlineData("ipv6", "accept_ra")]
    [InlineData("ipv6", "addr_gen_mode")]
    [InlineData("ipv4", "arp_ignore")]
    public async Task A_new_interface_begins_with_the_defaults(string family, string name)
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Assert.Equal(Read(family, "default", name), Read(family, link.Name, name));
    }

    /// <summary>disable_ipv6 from 0 to 1 deletes every address, and from 1 to 0 makes a link-local one.</summary>
    [ContractFact]
    public async Task Without_ipv6_an_interface_that_is_up_has_no_address_of_it()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Up = true }));
        await Eventually.IsAsync("a link-local address", () => HasOwnAddressAsync(link));
        Answer.Done(Write(link, "disable_ipv6", "1"));
        Assert.Equal("1", Read("ipv6", link.Name, "disable_ipv6"));
        await Eventually.IsAsync("no address", async () => !await HasOwnAddressAsync(link));
        Answer.Done(Write(link, "disable_ipv6", "0"));
        await Eventually.IsAsync("a link-local address again", () => HasOwnAddressAsync(link));
    }

    /// <summary>addr_gen_mode 1: no link-local address is generated. Another interface tells that there was time enough.</summary>
    [ContractFact]
    public async Task Without_generation_of_addresses_an_interface_that_is_up_has_none_of_its_own()
    {
        LinkInfo[] links = await CreateNativeAsync(2);
        Answer.Done(Write(links[0], "addr_gen_mode", "1"));
        foreach (LinkInfo link in links)
            Answer.Done(await ChangeLinkAsync(link, new LinkChange { Up = true }));
        await Eventually.IsAsync("a link-local address of the other", () => HasOwnAddressAsync(links[1]));
        Assert.False(await HasOwnAddressAsync(links[0]));
    }

    [ContractFact]
    public async Task A_quiet_interface_reads_back_and_has_no_address_when_it_is_up()
    {
        LinkInfo[] links = await CreateNativeAsync(2);
        Assert.NotEmpty(QuietInterface.Differences(Files, links[0].Name));
        Answer.Done(QuietInterface.Set(Files, links[0].Name));
        Assert.Empty(QuietInterface.Differences(Files, links[0].Name));
        foreach (LinkInfo link in links)
            Answer.Done(await ChangeLinkAsync(link, new LinkChange { Up = true }));
        await Eventually.IsAsync("a link-local address of the other", () => HasOwnAddressAsync(links[1]));
        Assert.False(await HasOwnAddressAsync(links[0]));
        Assert.Empty(QuietInterface.Differences(Files, links[0].Name));
        Assert.NotEmpty(QuietInterface.Differences(Files, links[1].Name));
    }

    private string Read(string family, string name, string file) => Files.ReadText($"/proc/sys/net/{family}/conf/{name}/{file}").Value;

    private Outcome<Unit> Write(LinkInfo link, string file, string value) => Files.WriteText($"/proc/sys/net/ipv6/conf/{link.Name}/{file}", value);

    private async Task<bool> HasOwnAddressAsync(LinkInfo link)
    {
        using RouteClient route = RouteClient.Open(Kernel).Value;
        return (await route.ListAddressesAsync()).Value.Exists(address => address.InterfaceIndex == link.Index && address.IsLinkLocal);
    }
}
