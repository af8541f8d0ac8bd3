using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Vfleet.Cni.Tests;

/// <summary>An address plugin that fails leaves nothing behind, however it fails.</summary>
public sealed class UnitBadIpamTests : IAsyncLifetime
{
    private CniMachine _machine = null!;

    public async Task InitializeAsync() => _machine = await CniMachine.CreateAsync();

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Missing_plugin_is_told_before_a_vf_is_touched_and_del_after_it_succeeds()
    {
        CniAnswer refused = await FailedAsync(7, "nosuch");
        Assert.Contains("nosuch", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_machine.History(await _machine.VfAsync(0)));
        Assert.Equal(0, (await _machine.CallAsync("DEL", await ConfigAsync("nosuch"))).Exit);
    }

    [Theory]
    [InlineData("""echo '{"code": 11, "msg": "pool is empty", "details": "10.9.9.2"}'; exit 1""", "pool is empty: 10.9.9.2")]
    [InlineData("echo no such lease >&2; exit 3", "no such lease")]
    [InlineData("exit 7", "it ended with 7")]
    [InlineData("kill -9 $$", "it ended with")]
    [InlineData("exec 0<&-; exit 0", "")]
    [InlineData("echo lorem ipsum", "")]
    [InlineData("echo '[]'", "no JSON object")]
    [InlineData("echo '{}'", "no address")]
    [InlineData("""echo '{"ips": 7}'""", "ips")]
    [InlineData("""echo '{"ips": [null]}'""", "no address with a prefix length")]
    [InlineData("""echo '{"ips": [{"address": "10.0.0.2"}]}'""", "10.0.0.2")]
    [InlineData("""echo '{"ips": [{"address": "10.0.0.2/33"}]}'""", "10.0.0.2/33")]
    [InlineData("""echo '{"ips": [{"address": "1/24"}]}'""", "1/24")]
    [InlineData("""echo '{"ips": [{"address": "224.0.0.1/24"}]}'""", "224.0.0.1/24")]
    [InlineData("""echo '{"ips": [{"address": "10.0.0.2/24", "gateway": "next door"}]}'""", "next door")]
    [InlineData("""echo '{"ips": [{"address": "10.0.0.2/24"}], "routes": [{"dst": "nowhere"}]}'""", "nowhere")]
    [InlineData("""printf '{"ips": [{"address": "10.0.0.2/24"}], "dns": "\377"}'""", "UTF-8")]
    [InlineData("""printf '{"ips": "\\ud800"}'""", "")]
    [InlineData("yes", "more than")]
    public async Task Answer_that_cannot_be_used_takes_the_vf_back_and_asks_the_plugin_to_forget(string script, string told)
    {
        _machine.AddPlugin("bad", $"if [ \"$CNI_COMMAND\" = ADD ]; then {script}\nfi");
        CniAnswer refused = await FailedAsync(104, "bad");
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        Assert.True(refused.Message.Split("cannot be used").Length <= 2, refused.Message);
        Assert.Equal(["ADD ctr1 net1", "DEL ctr1 net1"], _machine.CallsOf("bad"));
    }

    [Fact]
    public async Task Plugin_that_hangs_is_ended_with_its_children_and_the_rest_goes_on()
    {
        _machine.Options = _machine.Options with { IpamDeadline = TimeSpan.FromMilliseconds(400) };
        _machine.AddPlugin("slow", "sleep 60 & echo $! >> $0.pids; wait");
        CniAnswer refused = await FailedAsync(104, "slow");
        Assert.Contains("was ended", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the address of ctr1 net1 was not given back", refused.Message, StringComparison.Ordinal);
        string[] children = await File.ReadAllLinesAsync(Path.Combine(_machine.Plugins, "slow.pids"));
        Assert.Equal(2, children.Length);
        bool areGone = SpinWait.SpinUntil(() => children.All(pid => !IsRunning(pid)), TimeSpan.FromSeconds(10));
        Assert.True(areGone, "a child of the plugin lives on");
    }

    [Fact]
    public async Task Del_whose_plugin_fails_says_so_takes_the_vf_back_and_asks_again()
    {
        _machine.AddPlugin("stubborn", $$"""
            if [ "$CNI_COMMAND" = ADD ]; then echo '{"ips": [{"address": "10.0.0.2/24"}]}'; exit 0; fi
            [ -e {{_machine.Plugins}}/willing ] || { echo '{"code": 100, "msg": "store is locked"}'; exit 1; }
            """);
        string before = await _machine.PictureAsync();
        JsonObject config = await ConfigAsync("stubborn");
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        CniAnswer kept = await _machine.CallAsync("DEL", config);
        Assert.Equal((1, 104), (kept.Exit, kept.Code));
        Assert.Equal(before, await _machine.PictureAsync());
        Assert.Equal(1, (await _machine.CallAsync("DEL", config)).Exit);
        await File.WriteAllTextAsync(Path.Combine(_machine.Plugins, "willing"), "");
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
    }

    [Theory]
    [InlineData("")]
    [InlineData(">/dev/null")]
    public async Task Child_that_a_plugin_leaves_behind_with_its_streams_is_ended_and_nobody_waits_for_it(string streams)
    {
        _machine.AddPlugin("parent", $$"""
            if [ "$CNI_COMMAND" = ADD ]; then (sleep 60 {{streams}} & echo $! >> $0.pids); echo '{"ips": [{"address": "10.0.0.2/24"}]}'; fi
            """);
        long started = Stopwatch.GetTimestamp();
        CniAnswer added = await _machine.CallAsync("ADD", await ConfigAsync("parent"));
        Assert.True(added.Exit == 0, added.Output);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15), $"it took {Stopwatch.GetElapsedTime(started)}");
        string child = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_machine.Plugins, "parent.pids")));
        Assert.True(SpinWait.SpinUntil(() => !IsRunning(child), TimeSpan.FromSeconds(10)), "the child lives on");
    }

    [Fact]
    public async Task What_a_plugin_says_beside_its_answer_is_kept_to_a_bound_and_no_hindrance()
    {
        _machine.AddPlugin("loud", """
            head -c 3000000 /dev/zero | tr '\\0' x >&2
            [ "$CNI_COMMAND" = DEL ] || exit 3
            """);
        CniAnswer refused = await FailedAsync(104, "loud");
        Assert.True(refused.Output.Length < 100_000, $"{refused.Output.Length} characters");
    }

    private static bool IsRunning(string pid)
    {
        try
        {
            using Process process = Process.GetProcessById(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture));
            return !process.HasExited && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            // The runtime's way to say that there is no such process.
            return false;
        }
    }

    private async Task<JsonObject> ConfigAsync(string plugin) =>
        CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100), ("trust", "on"), ("mac", "02:00:00:00:00:ee"), CniMachine.Ipam(plugin));

    private async Task<CniAnswer> FailedAsync(int code, string plugin)
    {
        string before = await _machine.PictureAsync();
        CniAnswer answer = await _machine.CallAsync("ADD", await ConfigAsync(plugin));
        Assert.True((1, code) == (answer.Exit, answer.Exit == 0 ? 0 : answer.Code), answer.Output);
        Assert.Equal(before, await _machine.PictureAsync());
        Assert.Empty(_machine.Open());
        return answer;
    }
}
