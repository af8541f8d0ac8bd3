using System.Text.Json.Nodes;
using Vfleet.Host.Tests;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Tests;

/// <summary>Containers that today's plugin started before it was replaced.</summary>
public sealed class UnitUpgradeTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private string _before = "";
    private string _vf = "";

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync();
        _machine.AddStaticPlugin("fixed", """{"ips": [{"address": "10.0.0.2/24"}]}""");
        _vf = await _machine.VfAsync(0);
        _before = await _machine.PictureAsync();
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    private string Cache => Path.Combine(_machine.Options.OldCache, "ctr1-net1");

    private string Mark => Path.Combine(_machine.Options.OldMarks, _vf);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Del_takes_back_what_the_old_plugin_attached_as_it_was(bool isNamespaceGone)
    {
        JsonObject config = await OldAddAsync();
        if (isNamespaceGone)
            _ = _machine.Kernel.DeleteNamespace("blue").Value;
        CniAnswer deleted = await _machine.CallAsync("DEL", config);
        Assert.True((0, "") == (deleted.Exit, deleted.Output), deleted.Output);
        if (isNamespaceGone)
            _machine.Kernel.CreateNamespace("blue").Value.Dispose();
        Assert.Equal(_before, await _machine.PictureAsync());
        Assert.Empty(_machine.Open());
        Assert.False(File.Exists(Cache) || File.Exists(Mark));
        Assert.Equal(["DEL ctr1 net1"], _machine.CallsOf("fixed"));
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
    }

    [Fact]
    public async Task Until_then_it_is_in_use_and_its_owner_s_namespace_is_named()
    {
        JsonObject config = await OldAddAsync();
        CniAnswer refused = await _machine.CallAsync("ADD", config, ("CNI_CONTAINERID", "ctr2"), ("CNI_NETNS", "/run/netns/green"));
        Assert.Equal((1, 102), (refused.Exit, refused.Code));
        Assert.Contains("/run/netns/blue", refused.Message, StringComparison.Ordinal);
        JsonObject pool = CniMachine.Config(null, ("pool", _machine.Pf));
        foreach (string name in (string[])["a1", "a2"])
            Assert.Equal(0, (await _machine.CallAsync("ADD", pool, ("CNI_IFNAME", name), ("CNI_NETNS", "/run/netns/green"))).Exit);
        CniAnswer exhausted = await _machine.CallAsync("ADD", pool, ("CNI_IFNAME", "a3"), ("CNI_NETNS", "/run/netns/green"));
        Assert.Equal((1, 102), (exhausted.Exit, exhausted.Code));
        Assert.DoesNotContain(_machine.Open().SelectMany(each => each.Vfs), vf => vf.Vf == _vf);
        Assert.Equal(0, (await _machine.CallAsync("CHECK", config)).Exit);
    }

    [Fact]
    public async Task Vf_on_vfio_that_is_marked_is_in_use_though_nothing_else_shows_it()
    {
        using CniMachine machine = await CniMachine.CreateAsync(vfs: 2, driver: "vfio-pci");
        string vf = await machine.VfAsync(0);
        string mark = Path.Combine(machine.Options.OldMarks, vf);
        Directory.CreateDirectory(machine.Options.OldMarks);
        await File.WriteAllTextAsync(mark, "/run/netns/blue");
        CniAnswer refused = await machine.CallAsync("ADD", CniMachine.Config(vf), ("CNI_NETNS", "/run/netns/green"));
        Assert.Equal((1, 102), (refused.Exit, refused.Code));
        Assert.Contains("/run/netns/blue", refused.Message, StringComparison.Ordinal);
        JsonObject pool = CniMachine.Config(null, ("pool", machine.Pf));
        Assert.Equal(0, (await machine.CallAsync("ADD", pool, ("CNI_NETNS", "/run/netns/green"))).Exit);
        Assert.Equal(102, (await machine.CallAsync("ADD", pool, ("CNI_IFNAME", "net2"), ("CNI_NETNS", "/run/netns/green"))).Code);
        // A mark whose namespace is gone is stale, as it was for the old plugin.
        _ = machine.Kernel.DeleteNamespace("blue").Value;
        CniAnswer stale = await machine.CallAsync("ADD", pool, ("CNI_IFNAME", "net2"), ("CNI_NETNS", "/run/netns/green"));
        Assert.True(stale.Exit == 0, stale.Output);
    }

    [Fact]
    public async Task What_could_not_be_taken_back_is_kept_for_the_next_del()
    {
        JsonObject config = await OldAddAsync();
        config["ipam"]!["type"] = "stubborn";
        _machine.AddPlugin("stubborn", "exit 1");
        Assert.Equal(104, (await _machine.CallAsync("DEL", config)).Code);
        Assert.True(File.Exists(Cache) && File.Exists(Mark));
        _machine.AddPlugin("stubborn", "exit 0");
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.False(File.Exists(Cache) || File.Exists(Mark));
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"deviceID\": \"0000:")]
    [InlineData("{}")]
    public async Task Cache_that_is_cut_is_no_hindrance_where_the_configuration_names_the_vf(string text)
    {
        JsonObject config = await OldAddAsync();
        await File.WriteAllTextAsync(Cache, text);
        CniAnswer deleted = await _machine.CallAsync("DEL", config);
        Assert.True(deleted.Exit == 0, deleted.Output);
        Assert.Equal(_before, await _machine.PictureAsync());
        Assert.False(File.Exists(Cache) || File.Exists(Mark));
    }

    [Fact]
    public async Task Vf_that_belongs_to_another_by_now_is_left_to_that_one()
    {
        JsonObject config = await OldAddAsync();
        _ = _machine.Kernel.DeleteNamespace("blue").Value;
        _machine.Kernel.CreateNamespace("blue").Value.Dispose();
        File.Delete(Mark);
        using (LocalNode node = _machine.Node())
            _ = (await node.AdoptAsync(_vf, new Owner { Name = "db" }, null)).Value;
        CniAnswer deleted = await _machine.CallAsync("DEL", config);
        Assert.True(deleted.Exit == 0, deleted.Output);
        Assert.Equal("db", Assert.Single(_machine.Open()).Owner.Name);
        Assert.Contains("out of date", deleted.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(Cache));
    }

    [Fact]
    public async Task Vf_that_is_gone_needs_no_taking_back()
    {
        JsonObject config = await OldAddAsync();
        _machine.Kernel.Machine.Unplug(_machine.PfAddress);
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.False(File.Exists(Cache));
    }

    [Fact]
    public async Task Check_of_what_the_ledger_knows_needs_no_file_of_the_plugin_before()
    {
        JsonObject config = CniMachine.Config(_vf);
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        // A folder is no file that could be read.
        Directory.CreateDirectory(Cache);
        CniAnswer same = await _machine.CallAsync("CHECK", config);
        Assert.True(same.Exit == 0, same.Output);
    }

    [Fact]
    public async Task Vf_that_the_ledger_knows_goes_back_although_the_cache_cannot_be_read_and_that_is_told()
    {
        JsonObject config = CniMachine.Config(_vf);
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        Directory.CreateDirectory(Cache);
        CniAnswer told = await _machine.CallAsync("DEL", config);
        Assert.Contains(Cache, told.Message, StringComparison.Ordinal);
        Assert.Equal(_before, await _machine.PictureAsync());
        Directory.Delete(Cache);
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
    }

    [Fact]
    public async Task Container_whose_name_is_too_long_for_a_file_has_no_cache()
    {
        JsonObject config = CniMachine.Config(_vf);
        (string, string?) container = ("CNI_CONTAINERID", new string('c', 300));
        Directory.CreateDirectory(_machine.Options.OldCache);
        Assert.Equal(0, (await _machine.CallAsync("ADD", config, container)).Exit);
        for (int times = 0; times < 2; times++)
        {
            CniAnswer deleted = await _machine.CallAsync("DEL", config, container);
            Assert.True(deleted.Exit == 0, deleted.Output);
        }
    }

    [Theory]
    [InlineData("elsewhere")]
    [InlineData("given again")]
    [InlineData("given again, unseen")]
    [InlineData("used on the host")]
    public async Task Stale_cache_takes_no_vf_from_whoever_has_it_now(string how)
    {
        JsonObject config = await OldAddAsync();
        (string, string?) space = ("CNI_NETNS", "/run/netns/blue");
        _ = _machine.Kernel.DeleteNamespace("blue").Value;
        if (how == "used on the host")
            await UseOnHostAsync();
        else
            await new OldPlugin(_machine).AddAsync(0, "ctr2", "net1", "green", "sriov-net");
        if (how == "elsewhere")
            File.Delete(Mark);
        else if (how == "given again, unseen")
            space = ("CNI_NETNS", null);
        File.SetLastWriteTimeUtc(Cache, File.GetLastWriteTimeUtc(Cache) - TimeSpan.FromMinutes(1));
        if (how == "elsewhere")
            File.Delete(Path.Combine(_machine.Options.OldCache, "ctr2-net1"));
        string before = await _machine.PictureAsync();
        CniAnswer deleted = await _machine.CallAsync("DEL", config, space);
        Assert.True(deleted.Exit == 0, deleted.Output);
        Assert.Contains("out of date", deleted.Log, StringComparison.Ordinal);
        Assert.Equal(before, await _machine.PictureAsync());
        Assert.False(File.Exists(Cache));
        Assert.True(how == "elsewhere" || File.Exists(Mark));
    }

    [Fact]
    public async Task Taken_over_vf_belongs_to_the_call_so_that_whoever_comes_after_its_death_goes_on()
    {
        JsonObject config = await OldAddAsync();
        WatchedKernel watched = new(_machine.Kernel);
        _machine.Seen = watched;
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        int[] sends = [.. watched.Operations.Index().Where(each => each.Item.StartsWith("send ", StringComparison.Ordinal)).Select(each => each.Index)];
        foreach (int step in sends)
        {
            watched.Watch();
            _ = await _machine.CallAsync("DEL", config);
            _ = await OldAddAsync();
            watched.StrikeAt(step, Strike.Refused);
            _ = await _machine.CallAsync("DEL", config);
            if (_machine.Open().Count > 0)
                break;
        }
        Owner owner = Assert.Single(_machine.Open()).Owner;
        Assert.Equal((OwnerKind.Process, "ctr1"), (owner.Kind, owner.Name));
        Assert.NotNull(owner.ProcessId);
        watched.Watch();
        using (LocalNode node = _machine.Node())
            _ = (await node.ReclaimAsync()).Value;
        Assert.Empty(_machine.Open());
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Mark_that_is_empty_is_in_use_by_nobody_knows_whom()
    {
        Directory.CreateDirectory(_machine.Options.OldMarks);
        await File.WriteAllTextAsync(Mark, "");
        CniAnswer refused = await _machine.CallAsync("ADD", CniMachine.Config(_vf));
        Assert.Equal((1, 102), (refused.Exit, refused.Code));
        Assert.Contains(Mark, refused.Message, StringComparison.Ordinal);
    }

    private async Task UseOnHostAsync()
    {
        using RouteClient route = RouteClient.Open(_machine.Kernel).Value;
        LinkInfo link = (await _machine.ReadAsync(_vf)).Link!;
        Assert.True(IPNetworkAddress.TryParse("198.51.100.7/24", out IPNetworkAddress? address));
        _ = (await route.AddAddressAsync(link.Index, link.Name, address)).Value;
    }

    private Task<JsonObject> OldAddAsync() => new OldPlugin(_machine).AddAsync(0, "ctr1", "net1", "blue", "sriov-net");
}
