using System.Net;
using Vfleet.Linux.Real;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Route;

public sealed class KernelNamespaceTests : IDisposable
{
    private readonly LinuxKernel _kernel = new();
    private readonly string _name = $"vft-{Environment.ProcessId}-{Guid.NewGuid().ToString("n")[..6]}";

    public void Dispose() => _kernel.DeleteNamespace(_name);

    [Fact]
    public async Task Created_namespace_has_its_loopback_up_and_nothing_else()
    {
        using NetworkNamespace created = Expect.Value(_kernel.CreateNamespace(_name));
        using RouteClient route = Expect.Value(RouteClient.Open(_kernel, created));

        List<LinkInfo> links = Expect.Value(await route.ListLinksAsync());

        Assert.Contains(links, link => link is { Name: "lo", IsUp: true });
        Assert.NotEqual(0ul, created.Inode);
    }

    [Fact]
    public async Task Address_set_on_a_link_is_listed_and_can_be_removed()
    {
        using NetworkNamespace created = Expect.Value(_kernel.CreateNamespace(_name));
        using RouteClient route = Expect.Value(RouteClient.Open(_kernel, created));
        IPNetworkAddress address = new(IPAddress.Parse("192.0.2.7"), 24);

        Expect.Done(await route.AddAddressAsync(1, "lo", address));
        Assert.Contains(Expect.Value(await route.ListAddressesAsync()), found => found.Address == address);
        Expect.Done(await route.RemoveAddressAsync(1, "lo", address));
        Assert.DoesNotContain(Expect.Value(await route.ListAddressesAsync()), found => found.Address == address);
    }

    [Fact]
    public void Same_namespace_twice_is_refused_and_the_first_stays()
    {
        using NetworkNamespace created = Expect.Value(_kernel.CreateNamespace(_name));
        Assert.Equal(FaultKind.Refused, Expect.Fault(_kernel.CreateNamespace(_name)).Kind);
        Expect.Value(_kernel.OpenNamespace(created.Path)).Dispose();
    }

    [Fact]
    public void Namespace_whose_loopback_stays_down_is_not_left_behind()
    {
        ScriptedKernel kernel = new() { Namespaces = _kernel.OpenNamespace, Netlink = (_, _) => Fault.FromErrno(Errno.EMFILE, "socket", "netlink") };
        Assert.Equal(Errno.EMFILE, Expect.Fault(NamedNamespaces.Create(kernel, _name)).Errno);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(_kernel.OpenNamespace($"/run/netns/{_name}")).Kind);
    }

    [Theory]
    [InlineData("/proc/self/ns/mnt")]
    [InlineData("/etc/hostname")]
    [InlineData("/dev/null")]
    public void File_that_is_no_network_namespace_is_a_usage_fault(string path) =>
        Assert.Equal(FaultKind.Usage, Expect.Fault(_kernel.OpenNamespace(path)).Kind);

    [Fact]
    public void Missing_namespace_is_not_found() =>
        Assert.Equal(FaultKind.NotFound, Expect.Fault(_kernel.OpenNamespace("/run/netns/no-such")).Kind);

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a b")]
    public void Bad_name_is_refused_before_anything_is_made(string name) =>
        Assert.Equal(FaultKind.Usage, Expect.Fault(_kernel.CreateNamespace(name)).Kind);

    [Fact]
    public async Task Kernel_words_of_a_refusal_reach_the_fault()
    {
        using NetworkNamespace created = Expect.Value(_kernel.CreateNamespace(_name));
        using RouteClient route = Expect.Value(RouteClient.Open(_kernel, created));

        Fault fault = Expect.Fault(await route.ChangeLinkAsync(1, "lo", new LinkChange { Mtu = int.MinValue }));

        Assert.Equal(Errno.EINVAL, fault.Errno);
        Assert.Contains("ip link set lo mtu", fault.Operation, StringComparison.Ordinal);
    }
}
