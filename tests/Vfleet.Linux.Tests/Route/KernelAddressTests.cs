using System.Net;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Route;

public sealed class KernelAddressTests
{
    [KernelFact("ip")]
    public async Task Broadcast_scope_and_lifetime_of_an_address_are_read_and_the_first_two_written()
    {
        using KernelNamespace space = new("link add vft0 type bridge", "address add 198.51.100.9/24 dev vft0 valid_lft 1000 preferred_lft 1000");
        using RouteClient route = Expect.Value(RouteClient.Open(space.Kernel, space.Namespace));
        int index = Expect.Value(await route.GetLinkAsync("vft0")).Index;
        AddressInfo wanted = new(index, new IPNetworkAddress(IPAddress.Parse("192.0.2.7"), 24), 253) { Broadcast = IPAddress.Parse("192.0.2.255") };
        Expect.Done(await route.AddAddressAsync("vft0", wanted));
        List<AddressInfo> listed = Expect.Value(await route.ListAddressesAsync());
        Assert.Contains(wanted, listed);
        Assert.False(Assert.Single(listed, one => one.Address.ToString() == "198.51.100.9/24").IsPermanent);
    }
}
