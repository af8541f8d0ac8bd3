using System.Text.Json.Nodes;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Tests;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Tests;

/// <summary>Two VFs on two PFs as one interface.</summary>
public sealed class UnitBondTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private PhysicalFunction[] _pfs = [];
    private JsonObject _config = null!;
    private string _before = "";
    private string[] _second = [];

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync(vfs: 2);
        _machine.AddStaticPlugin("fixed", """{"ips": [{"address": "10.0.0.2/24"}]}""");
        using (LocalNode node = _machine.Node())
        {
            _pfs = [.. (await node.Host.Inventory.ListPfsAsync()).Value];
            CreatePlan plan = (await node.Host.Creator.PlanAsync(_pfs[1].Label, 2, null, force: false)).Value;
            _ = (await node.Host.Creator.ApplyAsync(plan, force: false)).Value;
            const string Pools = """{"resourceList": [{"resourceName": "both", "selectors": {"drivers": ["igbvf"]}}]}""";
            _ = node.Ledger.Change(
                LedgerStep.Census, change => change.PutDocument(NodeDefinitions.DevicePluginKind, "config", Pools)).Value;
        }
        JsonObject bond = new() { ["mode"] = "active-backup", ["miimon"] = "100" };
        _config = CniMachine.Config(null, ("pool", "both"), ("vlan", 100), ("mtu", 1400), ("bond", bond), CniMachine.Ipam("fixed"));
        _before = await _machine.PictureAsync();
        List<string> second = [];
        for (int i = 0; i < 2; i++)
            second.Add((await _machine.ReadAsync($"{_pfs[1].Label}/{i}")).Link!.Name);
        _second = [.. second];
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Bond_has_name_addresses_and_mtu_and_its_members_are_on_two_pfs()
    {
        CniAnswer added = await AddAsync();
        IReadOnlyList<LinkInfo> links = await _machine.LinksInAsync("blue");
        LinkInfo bond = Assert.Single(links, link => link.Name == "net1");
        Assert.Equal((LinkInfo.BondKind, true, 1400), (bond.Kind, bond.IsUp, bond.Mtu));
        Assert.Equal(["net1p0", "net1p1"], links.Where(link => link.Master == bond.Index && link.IsUp).Select(link => link.Name).Order());
        JsonNode shown = Assert.Single(added.Json["interfaces"]!.AsArray())!;
        Assert.Equal(("net1", bond.Mac.ToString(), 1400), ((string)shown["name"]!, (string)shown["mac"]!, (int)shown["mtu"]!));
        Assert.Equal(["10.0.0.2/24"], await _machine.AddressesInAsync("blue"));
        LedgerAllocation open = Assert.Single(_machine.Open());
        Assert.Equal(2, open.Vfs.Select(vf => vf.Pf).Distinct().Count());
        Assert.Equal(0, (await _machine.CallAsync("DEL", _config)).Exit);
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Bond_has_a_carrier_as_long_as_one_of_its_pfs_has()
    {
        await AddAsync();
        foreach ((int pf, bool isThere) in ((int, bool)[])[(0, true), (1, false)])
        {
            _machine.Kernel.Machine.SetCable(_pfs[pf].Address!.Value, plugged: false);
            LinkInfo bond = Assert.Single(await _machine.LinksInAsync("blue"), link => link.Name == "net1");
            Assert.Equal(isThere, bond.HasCarrier);
        }
    }

    [Fact]
    public async Task Check_finds_a_member_that_left_and_a_bond_that_is_gone()
    {
        CniAnswer added = await AddAsync();
        _config["prevResult"] = added.Json.DeepClone();
        CniAnswer same = await _machine.CallAsync("CHECK", _config);
        Assert.True(same.Exit == 0, same.Output);
        await _machine.ChangeInAsync("blue", "net1p1", new LinkChange { Master = 0 });
        CniAnswer left = await _machine.CallAsync("CHECK", _config);
        Assert.Equal((1, 105), (left.Exit, left.Code));
        Assert.Contains("net1p1 does not belong to net1", left.Message, StringComparison.Ordinal);
        using (NetworkNamespace blue = _machine.Kernel.OpenNamespace("/run/netns/blue").Value)
        using (RouteClient route = RouteClient.Open(_machine.Kernel, blue).Value)
            _ = (await route.RemoveLinkAsync((await route.GetLinkAsync("net1")).Value.Index, "net1")).Value;
        Assert.Contains("no interface net1", (await _machine.CallAsync("CHECK", _config)).Message, StringComparison.Ordinal);
        Assert.Equal(0, (await _machine.CallAsync("DEL", _config)).Exit);
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Namespace_that_ends_takes_the_bond_and_both_vfs_come_back()
    {
        await AddAsync();
        _ = _machine.Kernel.DeleteNamespace("blue").Value;
        Assert.Equal(0, (await _machine.CallAsync("DEL", _config)).Exit);
        _machine.Kernel.CreateNamespace("blue").Value.Dispose();
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Bond_of_a_namespace_that_took_the_path_is_left_alone()
    {
        await AddAsync();
        _ = _machine.Kernel.DeleteNamespace("blue").Value;
        using (NetworkNamespace blue = _machine.Kernel.CreateNamespace("blue").Value)
        using (RouteClient route = RouteClient.Open(_machine.Kernel, blue).Value)
            _ = (await route.AddBondAsync("net1", new BondSettings(BondMode.ActiveBackup, 100, 1))).Value;
        Assert.Equal(0, (await _machine.CallAsync("DEL", _config)).Exit);
        Assert.Contains(await _machine.LinksInAsync("blue"), link => link.Name == "net1");
        Assert.Empty(_machine.Open());
    }

    [Fact]
    public async Task Bonds_whose_long_names_begin_alike_have_members_of_their_own()
    {
        foreach (string name in (string[])["longinterface1", "longinterface2"])
        {
            CniAnswer added = await _machine.CallAsync("ADD", _config, ("CNI_IFNAME", name));
            Assert.True(added.Exit == 0, added.Output);
        }
        IReadOnlyList<LinkInfo> links = await _machine.LinksInAsync("blue");
        Assert.Equal(4, links.Count(link => link.Master != 0));
        foreach (string name in (string[])["net1", "longinterface1", "\u7f51\u7f51\u7f51\u7f51\u7f51", "a\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"])
            Assert.Null(InterfaceName.Check($"{Config.BondReader.MembersOf(name)}1"));
    }

    [Fact]
    public async Task What_fails_after_the_attach_leaves_neither_bond_nor_vf_and_a_bond_of_that_name_alone()
    {
        _machine.AddPlugin("bad", "exit 1");
        _config["ipam"]!["type"] = "bad";
        Assert.Equal(104, (await _machine.CallAsync("ADD", _config)).Code);
        Assert.Equal(_before, await _machine.PictureAsync());
        using (NetworkNamespace blue = _machine.Kernel.OpenNamespace("/run/netns/blue").Value)
        using (RouteClient route = RouteClient.Open(_machine.Kernel, blue).Value)
            _ = (await route.AddBondAsync("net1", new BondSettings(BondMode.ActiveBackup, 100, 1))).Value;
        string before = await _machine.PictureAsync();
        CniAnswer taken = await _machine.CallAsync("ADD", _config);
        Assert.Equal((1, 103), (taken.Exit, taken.Code));
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Theory]
    [InlineData("ADD", true)]
    [InlineData("DEL", true)]
    [InlineData("ADD", false)]
    public async Task What_happens_between_any_two_steps_is_put_right_by_the_next_del(string struck, bool isNamespaceGone)
    {
        WatchedKernel watched = new(_machine.Kernel);
        _machine.Seen = watched;
        _ = _config.Remove("ipam");
        int steps = int.MaxValue;
        for (int step = 0; step < steps; step += 3)
        {
            if (struck == "DEL")
                await AddAsync();
            if (isNamespaceGone)
                watched.StrikeAt(step, () => _machine.Kernel.DeleteNamespace("blue"));
            else
                watched.StrikeAt(step, Strike.Refused);
            CniAnswer answer = await _machine.CallAsync(struck, _config);
            string what = $"{struck}, step {step}: {answer.Output}";
            steps = step < watched.Operations.Count ? int.MaxValue : 0;
            watched.Watch();
            CniAnswer deleted = await _machine.CallAsync("DEL", _config);
            Assert.True(deleted.Exit == 0, $"{what}\nDEL: {deleted.Output}");
            _ = _machine.Kernel.DeleteNamespace("blue");
            _machine.Kernel.CreateNamespace("blue").Value.Dispose();
            using (LocalNode node = _machine.Node())
                _ = (await node.ReclaimAsync()).Value;
            Assert.True(_before == await _machine.PictureAsync(), $"{what}\n{await _machine.PictureAsync()}");
        }
    }

    [Theory]
    [InlineData("namespace gone")]
    [InlineData("second VF taken")]
    [InlineData("kernel refuses")]
    public async Task Add_that_fails_at_any_step_leaves_nothing_of_it_without_a_del(string struck)
    {
        WatchedKernel watched = new(_machine.Kernel);
        _machine.Seen = watched;
        int failed = 0;
        for (int step = 0, steps = int.MaxValue; step < steps; step++)
        {
            if (struck == "kernel refuses")
                watched.StrikeAt(step, Strike.Refused);
            else if (struck == "namespace gone")
                watched.StrikeAt(step, () => _machine.Kernel.DeleteNamespace("blue"));
            else
                watched.StrikeAt(step, () => TakeSecondAsync().GetAwaiter().GetResult());
            CniAnswer answer = await _machine.CallAsync("ADD", _config);
            string what = $"{struck}, step {step}: {answer.Output}";
            steps = step < watched.Operations.Count ? int.MaxValue : 0;
            watched.Watch();
            failed += answer.Exit;
            Assert.True(answer.Exit == 0 || answer.Code != 999, what);
            if (answer.Exit == 0)
                Assert.True((await _machine.CallAsync("DEL", _config)).Exit == 0, what);
            _ = _machine.Kernel.DeleteNamespace("blue");
            _machine.Kernel.CreateNamespace("blue").Value.Dispose();
            await ReturnSecondAsync();
            string after = await _machine.PictureAsync();
            Assert.True(_before == after, $"{what}\n{_before}\n{after}");
            Assert.True(_machine.CallsOf("fixed") is [] or [.., "DEL ctr1 net1"], $"{what}\nthe address was kept");
        }
        Assert.True(failed > 10, $"{failed} calls failed");
    }

    [Theory]
    [InlineData("{\"mode\": \"fast\"}", 7)]
    [InlineData("{\"miimon\": \"soon\"}", 7)]
    [InlineData("{\"failOverMac\": 3}", 7)]
    [InlineData("true", 6)]
    public async Task Bond_that_cannot_be_meant_is_refused(string bond, int code)
    {
        _config["bond"] = JsonNode.Parse(bond);
        Assert.Equal(code, (await _machine.CallAsync("ADD", _config)).Code);
        Assert.Equal(_before, await _machine.PictureAsync());
    }

    [Fact]
    public async Task Bond_needs_a_pool_with_vfs_on_two_pfs()
    {
        _config["pool"] = null;
        _config["deviceID"] = await _machine.VfAsync(0);
        Assert.Equal(7, (await _machine.CallAsync("ADD", _config)).Code);
        JsonObject second = (JsonObject)_config.DeepClone();
        second["deviceID"] = null;
        second["pool"] = "both";
        foreach (string name in (string[])["net1", "net2"])
            Assert.Equal(0, (await _machine.CallAsync("ADD", second, ("CNI_IFNAME", name))).Exit);
        Assert.Equal(102, (await _machine.CallAsync("ADD", second, ("CNI_IFNAME", "net3"))).Code);
    }

    /// <summary>Somebody moves every VF of the second PF that is on the host, under the name it has there.</summary>
    private async Task TakeSecondAsync()
    {
        using NetworkNamespace green = _machine.Kernel.OpenNamespace("/run/netns/green").Value;
        using RouteClient route = RouteClient.Open(_machine.Kernel).Value;
        foreach (LinkInfo link in (await route.ListLinksAsync()).Value.Where(link => _second.Contains(link.Name)))
            _ = (await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Namespace = green, Name = link.Name })).Value;
    }

    private async Task ReturnSecondAsync()
    {
        using NetworkNamespace host = _machine.Kernel.OpenNamespace("/proc/1/ns/net").Value;
        using NetworkNamespace green = _machine.Kernel.OpenNamespace("/run/netns/green").Value;
        using RouteClient route = RouteClient.Open(_machine.Kernel, green).Value;
        foreach (LinkInfo link in (await route.ListLinksAsync()).Value.Where(link => _second.Contains(link.Name)))
            _ = (await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Namespace = host, Name = link.Name })).Value;
    }

    private async Task<CniAnswer> AddAsync()
    {
        CniAnswer added = await _machine.CallAsync("ADD", _config);
        Assert.True(added.Exit == 0, added.Output);
        return added;
    }
}
