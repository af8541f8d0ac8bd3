using System.Text.Json.Nodes;
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

    private Task<JsonObject> OldAddAsync() => new OldPlugin(_machine).AddAsync(0, "ctr1", "net1", "blue", "sriov-net");
}
