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
        Assert.All(first.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean(), check.GetRawText()));
        Assert.Contains(first.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "reach-vlan-100");
        Assert.Contains(first.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "mac-takeover-refused");
        Assert.Contains(first.GetProperty("measurements").EnumerateArray(), one => one.GetProperty("name").GetString() == "forged-source");
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

    private static async Task<JsonElement> UpAsync()
    {
        Ended up = await Lab.VfleetAsync("up", "--json", "--yes");
        Assert.True(up.ExitCode == 0, up.Errors + up.Output);
        return JsonDocument.Parse(up.Output).RootElement;
    }

    private static string[] Owners(JsonElement up) =>
        [.. up.GetProperty("vfs").EnumerateArray().Select(vf => $"{vf.GetProperty("bdf")} {vf.GetProperty("namespace")}")];
}
