using System.Globalization;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>netdevsim of the guest's kernel: a PF that is no PCI device, with as many VFs as one likes.</summary>
public sealed class LabNetdevsimTests : IAsyncLifetime
{
    private string _pf = "";

    public async Task InitializeAsync()
    {
        await Lab.MustAsync("sh", "-c", "echo '7 1' >/sys/bus/netdevsim/new_device");
        _pf = (await Lab.MustAsync("ls", "/sys/bus/netdevsim/devices/netdevsim7/net")).Trim();
    }

    public async Task DisposeAsync() => await Lab.MustAsync("sh", "-c", "echo 7 >/sys/bus/netdevsim/del_device");

    [Fact]
    public async Task Its_pf_has_no_address_and_its_vfs_are_made_and_set()
    {
        JsonElement pfs = await Lab.JsonAsync("pf", "list");
        JsonElement pf = Assert.Single(pfs.EnumerateArray(), one => one.GetProperty("name").GetString() == _pf);
        Assert.Equal(JsonValueKind.Null, pf.GetProperty("bdf").ValueKind);
        Assert.Equal("netdevsim", pf.GetProperty("driver").GetString());

        await Lab.JsonAsync("vf", "create", _pf, "3");
        await Lab.JsonAsync("vf", "set", $"{_pf}/1", "--vlan", "33", "--mac", "02:00:00:00:33:01");
        JsonElement vfs = await Lab.JsonAsync("vf", "list", _pf);

        Assert.Equal([0, 1, 2], vfs.EnumerateArray().Select(vf => vf.GetProperty("index").GetInt32()));
        Assert.All(vfs.EnumerateArray(), vf => Assert.Equal(JsonValueKind.Null, vf.GetProperty("bdf").ValueKind));
        Assert.Equal([0, 33, 0], vfs.EnumerateArray().Select(vf => vf.GetProperty("vlan").GetInt32()));
    }

    /// <summary>The answer is one message of some 130 KiB, and its list's length has wrapped twice.</summary>
    [Fact]
    public async Task Of_512_vfs_every_one_is_listed_where_ip_shows_few()
    {
        await Lab.MustAsync("sh", "-c", "echo 512 >/sys/kernel/debug/netdevsim/netdevsim7/max_vfs");
        Assert.Equal(512, (await Lab.JsonAsync("vf", "create", _pf, "512")).GetArrayLength());
        await Lab.JsonAsync("vf", "set", $"{_pf}/511", "--vlan", "4094");

        JsonElement vfs = await Lab.JsonAsync("vf", "list", _pf);
        string shown = await Lab.MustAsync("sh", "-c", $"ip link show {_pf} 2>/dev/null | grep -c 'vf '; true");

        Assert.Equal(Enumerable.Range(0, 512), vfs.EnumerateArray().Select(vf => vf.GetProperty("index").GetInt32()));
        Assert.Equal(4094, vfs[511].GetProperty("vlan").GetInt32());
        Assert.True(int.Parse(shown, CultureInfo.InvariantCulture) < 512, $"ip shows {shown} VFs: the list does not wrap any more");
    }
}
