using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Route;

public sealed class UnitAddressTests
{
    [Theory]
    [InlineData("192.0.2.7/24")]
    [InlineData("2001:db8::7/64")]
    [InlineData("10.0.0.1/0")]
    public void Address_of_a_host_parses(string text)
    {
        Assert.True(IPNetworkAddress.TryParse(text, out IPNetworkAddress? address));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("192.0.2.7/33")]
    [InlineData("192.0.2.7/08")]
    [InlineData("10.1/24")]
    [InlineData("0x0a000001/24")]
    [InlineData("224.0.0.1/24")]
    [InlineData("255.255.255.255/32")]
    [InlineData("0.0.0.0/24")]
    [InlineData("::/64")]
    [InlineData("ff02::1/64")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("[2001:db8::7]/64")]
    [InlineData("::ffff:192.0.2.7/96")]
    [InlineData("2001:db8::7/129")]
    public void Address_no_interface_can_have_is_refused(string text) => Assert.False(IPNetworkAddress.TryParse(text, out _));

    [Theory]
    [InlineData("eth%d")]
    [InlineData("a/b")]
    [InlineData("sixteen-bytes-xx")]
    [InlineData("")]
    [InlineData("..")]
    public void Interface_name_the_kernel_would_not_keep_is_refused(string name) => Assert.Equal(FaultKind.Usage, InterfaceName.Check(name)?.Kind);
}
