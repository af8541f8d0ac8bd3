using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary><c>vfleet up</c> and its way back, inside the guest, whose igb ports are real hardware to it.</summary>
public sealed class LabMainJobTests
{
    [Fact]
    public async Task Up_passes_its_checks_twice_and_down_leaves_nothing()
    {
        JsonElement first = await UpAsync();
        JsonElement second = await UpAsync();

        Assert.Equal("hardware", first.GetProperty("mode").GetString());
        JsonElement checks = first.GetProperty("checks");
        Assert.All(checks.EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean(), check.GetRawText()));
        Assert.Contains("reach-vlan-100", Names(checks));
        Assert.Contains("mac-takeover-refused", Names(checks));
        Assert.Contains("forged-source", Names(first.GetProperty("measurements")));
        Assert.Equal(Owners(first), Owners(second));

        Assert.Equal(0, (await Lab.VfleetAsync("down")).ExitCode);
        Assert.Equal("", await Lab.MustAsync("ip", "netns", "list"));
        Assert.Equal("0\n", await Lab.MustAsync("cat", "/sys/class/net/eth0/device/sriov_numvfs"));
    }

    [Fact]
    public async Task Hardware_is_not_touched_before_somebody_said_yes()
    {
        Ended refused = await Lab.VfleetAsync("up", "--json");

        Assert.Equal(4, refused.ExitCode);
        Assert.Equal("0\n", await Lab.MustAsync("cat", "/sys/class/net/eth0/device/sriov_numvfs"));
    }

    [Fact]
    public async Task A_check_that_fails_is_exit_code_5()
    {
        await UpAsync();
        await Lab.MustAsync("ip", "link", "set", "eth0", "vf", "2", "vlan", "100");

        Ended up = await Lab.VfleetAsync("up", "--json", "--yes");

        Assert.Equal(5, up.ExitCode);
        JsonElement checks = JsonDocument.Parse(up.Output).RootElement.GetProperty("checks");
        JsonElement failed = checks.EnumerateArray().First(check => !check.GetProperty("ok").GetBoolean());
        Assert.Equal("settings-vfleet-red", failed.GetProperty("name").GetString());
        Assert.Equal(0, (await Lab.VfleetAsync("down")).ExitCode);
    }

    private static async Task<JsonElement> UpAsync()
    {
        Ended up = await Lab.VfleetAsync("up", "--json", "--yes");
        Assert.True(up.ExitCode == 0, up.Errors + up.Output);
        return JsonDocument.Parse(up.Output).RootElement;
    }

    private static IEnumerable<string?> Names(JsonElement list) => list.EnumerateArray().Select(one => one.GetProperty("name").GetString());

    private static string[] Owners(JsonElement up) =>
        [.. up.GetProperty("vfs").EnumerateArray().Select(vf => $"{vf.GetProperty("bdf")} {vf.GetProperty("namespace")}")];
}
