using System.Text.Json.Nodes;

namespace Vfleet.Cni.Tests;

/// <summary>GC of what today's plugin attached before it was replaced.</summary>
public sealed class UnitOldGcTests : IAsyncLifetime
{
    private const string Uuid = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    private static readonly string[] All = ["lives-net1", $"{Uuid}-net-1", "other-net2"];
    private CniMachine _machine = null!;
    private string _before = "";

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync(vfs: 4);
        _machine.AddStaticPlugin("fixed", """{"ips": [{"address": "10.0.0.2/24"}]}""");
        _before = await _machine.PictureAsync();
        OldPlugin old = new(_machine);
        _ = await old.AddAsync(0, "lives", "net1", "blue", "mine");
        _ = await old.AddAsync(1, Uuid, "net-1", "green", "mine");
        _ = await old.AddAsync(2, "other", "net2", "blue", "another");
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_named_goes_back_as_by_del_and_nothing_of_other_networks(bool isNamespaceGone)
    {
        if (isNamespaceGone)
            _ = _machine.Kernel.DeleteNamespace("green").Value;
        await CollectAsync(0, "lives");
        Assert.Equal(["lives-net1", "other-net2"], Kept());
        Assert.Equal("/run/netns/blue - /run/netns/blue -", string.Join(' ', (await PlacesAsync()).Select(place => place ?? "-")));
        // The file's name can be read in two ways; for the one that never was the address plugin has nothing to do.
        Assert.Equal([$"DEL {Uuid} net-1", $"DEL {Uuid}-net 1", "GC"], _machine.CallsOf("fixed"));
        await CollectAsync(0);
        Assert.Equal(["other-net2"], Kept());
        Assert.Empty(_machine.Open());
    }

    [Fact]
    public async Task Address_that_is_not_given_back_is_told_and_the_next_gc_goes_on()
    {
        _machine.AddPlugin("fixed", "[ $CNI_COMMAND = GC ] || { echo '{\"code\": 100, \"msg\": \"store is locked\"}'; exit 1; }");
        CniAnswer left = await CollectAsync(1, "lives");
        Assert.Contains("store is locked", left.Message, StringComparison.Ordinal);
        Assert.Equal(All.Order(), Kept());
        Assert.Null((await PlacesAsync())[1]);
        _machine.AddPlugin("fixed", "exit 0");
        await CollectAsync(0, "lives");
        Assert.Equal(["lives-net1", "other-net2"], Kept());
    }

    [Theory]
    [InlineData("{\"name\": \"mine\"")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task File_that_does_not_say_whose_it_is_is_left_and_told_of(string text)
    {
        string file = Path.Combine(_machine.Options.OldCache, "lives-net1");
        await File.WriteAllTextAsync(file, text);
        CniAnswer collected = await CollectAsync(0);
        Assert.Contains(file, collected.Log, StringComparison.Ordinal);
        Assert.Equal(["lives-net1", "other-net2"], Kept());
        Assert.Equal("/run/netns/blue", (await PlacesAsync())[0]);
    }

    [Fact]
    public async Task Empty_list_gives_back_every_one_of_the_network_as_it_was()
    {
        await CollectAsync(0);
        // A GC of the other network is none of this one's affair.
        await CollectAsync(0, network: "another");
        Assert.Empty(Kept());
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    private async Task<CniAnswer> CollectAsync(int exit, string? valid = null, string network = "mine")
    {
        JsonObject config = CniMachine.Config(null, ("cniVersion", "1.1.0"), ("name", network), CniMachine.Ipam("fixed"));
        JsonNode[] named = valid is null ? [] : [new JsonObject { ["containerID"] = valid, ["ifname"] = "net1" }];
        config["cni.dev/valid-attachments"] = new JsonArray(named);
        CniAnswer answer = await _machine.CallAsync("GC", config, ("CNI_CONTAINERID", null), ("CNI_IFNAME", null), ("CNI_NETNS", null));
        Assert.True(answer.Exit == exit, answer.Output + answer.Log);
        return answer;
    }

    private IEnumerable<string> Kept() =>
        Directory.EnumerateFiles(_machine.Options.OldCache).Select(file => Path.GetFileName(file)).Order();

    private async Task<string?[]> PlacesAsync()
    {
        List<string?> places = [];
        for (int i = 0; i < 4; i++)
            places.Add((await _machine.ReadAsync(await _machine.VfAsync(i))).NamespacePath);
        return [.. places];
    }
}
