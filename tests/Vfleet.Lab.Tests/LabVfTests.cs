using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vfleet.Lab.Tests;

/// <summary>The life of VFs of the real igb driver, through the command line.</summary>
public sealed partial class LabVfTests : IAsyncLifetime
{
    private const string Pf = "eth0", Other = "eth1";

    public async Task InitializeAsync() => await CleanAsync();

    public async Task DisposeAsync() => await CleanAsync();

    [Fact]
    public async Task Vfs_are_created_on_their_native_driver_and_autoprobe_is_as_before()
    {
        string before = await AutoprobeAsync();
        JsonElement vfs = await Lab.JsonAsync("vf", "create", Pf, "7");

        Assert.Equal(7, vfs.GetArrayLength());
        Assert.All(vfs.EnumerateArray(), vf => Assert.Equal("igbvf", vf.GetProperty("driver").GetString()));
        Assert.All(vfs.EnumerateArray(), vf => Assert.NotNull(vf.GetProperty("netdev").GetString()));
        Assert.Equal(before, await AutoprobeAsync());
    }

    [Fact]
    public async Task Vfs_for_vfio_never_meet_their_native_driver()
    {
        await Lab.MustAsync("dmesg", "-C");
        JsonElement vfs = await Lab.JsonAsync("vf", "create", Pf, "7", "--driver", "vfio-pci");

        Assert.All(vfs.EnumerateArray(), vf => Assert.Equal("vfio-pci", vf.GetProperty("driver").GetString()));
        Assert.All(
            vfs.EnumerateArray(),
            vf => Assert.StartsWith("/dev/vfio/", vf.GetProperty("vfioDevice").GetString(), StringComparison.Ordinal));
        Assert.DoesNotContain("igbvf", await Lab.MustAsync("dmesg"), StringComparison.Ordinal);
        Ended reset = await Lab.VfleetAsync(["vf", "reset", .. Enumerable.Range(0, 7).Select(i => $"{Pf}/{i}"), "-o", "json"]);
        Assert.All(JsonDocument.Parse(reset.Output).RootElement.EnumerateArray(), one => Assert.True(one.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public async Task Settings_are_read_back_and_refusals_change_nothing()
    {
        await Lab.JsonAsync("vf", "create", Pf, "2");
        JsonElement set = await Lab.JsonAsync(
            "vf", "set", $"{Pf}/1", "--mac", "02:00:00:00:10:01", "--vlan", "77", "--qos", "3", "--spoofchk", "off", "--trust", "on");

        Assert.Equal("02:00:00:00:10:01", set.GetProperty("adminMac").GetString());
        Assert.Equal(77, set.GetProperty("vlan").GetInt32());
        Assert.Equal(3, set.GetProperty("vlanQos").GetInt32());
        Assert.False(set.GetProperty("spoofCheck").GetBoolean());
        Assert.True(set.GetProperty("trust").GetBoolean());

        Assert.Equal(5, (await Lab.VfleetAsync("vf", "set", $"{Pf}/1", "--vlan", "78", "--link-state", "disable")).ExitCode);
        Assert.Equal(2, (await Lab.VfleetAsync("vf", "set", $"{Pf}/1", "--vlan", "4095")).ExitCode);
        Assert.Equal(4, (await Lab.VfleetAsync("vf", "set", $"{Pf}/0", "--mac", "02:00:00:00:10:01")).ExitCode);
        Assert.Equal(77, (await Lab.JsonAsync("vf", "show", $"{Pf}/1")).GetProperty("vlan").GetInt32());
    }

    [Fact]
    public async Task Attached_vf_is_in_use_and_comes_back_as_it_was()
    {
        await Lab.JsonAsync("vf", "create", Pf, "2");
        JsonElement before = await Lab.JsonAsync("vf", "show", $"{Pf}/0");
        await Lab.MustAsync("ip", "netns", "add", "lab-test");
        await Lab.JsonAsync(
            "attach", $"{Pf}/0", "--netns", "lab-test", "--name", "net1", "--mac", "02:00:00:00:20:01", "--vlan", "9", "--mtu", "1400",
            "--address", "10.9.0.1/24");

        string inside = await Lab.MustAsync("ip", "-n", "lab-test", "address", "show", "net1");
        Assert.Contains("02:00:00:00:20:01", inside, StringComparison.Ordinal);
        Assert.Contains("mtu 1400", inside, StringComparison.Ordinal);
        Assert.Contains("10.9.0.1/24", inside, StringComparison.Ordinal);
        Ended refused = await Lab.VfleetAsync("vf", "delete", Pf, "-o", "json");
        Assert.Equal(4, refused.ExitCode);
        string? cause = JsonDocument.Parse(refused.Errors).RootElement.GetProperty("cause").GetString();
        Assert.Contains("lab-test", cause, StringComparison.Ordinal);

        await Lab.JsonAsync("detach", $"{Pf}/0");
        JsonElement after = await Lab.JsonAsync("vf", "show", $"{Pf}/0");
        Assert.Equal(before.GetRawText(), after.GetRawText());
        Assert.Equal(3, (await Lab.VfleetAsync("detach", $"{Pf}/0")).ExitCode);

        // Free VFs are destroyed with a yes alone, and here is no terminal to ask for one.
        Ended unasked = await Lab.VfleetAsync("vf", "delete", Pf);
        Assert.Equal(4, unasked.ExitCode);
        Assert.Contains("--yes", unasked.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await Lab.JsonAsync("vf", "list", Pf)).GetArrayLength());
    }

    [Fact]
    public async Task Vf_comes_back_clean_when_its_namespace_is_gone()
    {
        await Lab.JsonAsync("vf", "create", Pf, "1");
        JsonElement before = await Lab.JsonAsync("vf", "show", $"{Pf}/0");
        await Lab.MustAsync("ip", "netns", "add", "lab-test");
        await Lab.JsonAsync("attach", $"{Pf}/0", "--netns", "lab-test", "--mac", "02:00:00:00:20:02", "--vlan", "10");
        await Lab.MustAsync("ip", "netns", "delete", "lab-test");
        // The kernel takes a namespace apart in the background.
        await Lab.MustAsync(
            "sh", "-c", "for i in $(seq 100); do ls /sys/bus/pci/devices/0000:41:10.0/net | grep -q . && exit 0; sleep 0.1; done; exit 1");

        JsonElement detached = await Lab.JsonAsync("detach", $"{Pf}/0");

        Assert.True(detached.GetProperty("namespaceWasGone").GetBoolean());
        Assert.Equal(before.GetRawText(), (await Lab.JsonAsync("vf", "show", $"{Pf}/0")).GetRawText());
    }

    [Fact]
    public async Task Controller_with_127_vfs_is_given_to_vfio()
    {
        JsonElement vfs = await Lab.JsonAsync("vf", "create", "0000:01:00.0", "127", "--driver", "vfio-pci");

        Assert.Equal(127, vfs.GetArrayLength());
        Assert.All(vfs.EnumerateArray(), vf => Assert.Equal("vfio-pci", vf.GetProperty("driver").GetString()));
        Assert.Equal(0, (await Lab.VfleetAsync("vf", "delete", "0000:01:00.0", "--yes")).ExitCode);
    }

    [Theory]
    [InlineData(2, "vf", "create", "eth0", "8")]
    [InlineData(3, "vf", "create", "eth9", "1")]
    [InlineData(3, "vf", "show", "0000:41:1f.7")]
    [InlineData(2, "vf", "show", "0000:41:10.8")]
    [InlineData(2, "attach", "eth0/0", "--netns", "/etc/hostname")]
    public async Task Wrong_call_has_its_exit_code(int code, params string[] arguments) =>
        Assert.Equal(code, (await Lab.VfleetAsync(arguments)).ExitCode);

    [Fact]
    public async Task Lists_are_sorted_by_pf_and_index_and_every_command_has_four_formats()
    {
        await Lab.JsonAsync("vf", "create", Other, "2");
        await Lab.JsonAsync("vf", "create", Pf, "2");

        JsonElement vfs = await Lab.JsonAsync("vf", "list");
        IEnumerable<string> names = vfs.EnumerateArray().Select(vf => $"{vf.GetProperty("pf")}/{vf.GetProperty("index")}");
        Assert.Equal(["eth0/0", "eth0/1", "eth1/0", "eth1/1"], names);
        Assert.All(vfs.EnumerateArray(), vf => Assert.Equal((true, false, 0),
            (vf.GetProperty("spoofCheck").GetBoolean(), vf.GetProperty("trust").GetBoolean(), vf.GetProperty("vlan").GetInt32())));
        string[] commands = ["pf list", "pf show eth0", "vf list", "vf list eth0", "vf show eth0/1", "preflight eth0"];
        string[] calls = [.. from command in commands from format in (string[])["table", "wide", "yaml"] select $"{command} -o {format}"];
        Assert.All(await EachAsync(calls), ended =>
        {
            Assert.True(ended.ExitCode == 0, ended.Output);
            Assert.Contains(Pf, ended.Output, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Isolation_is_measured_and_everything_put_back()
    {
        await Lab.JsonAsync("vf", "create", Pf, "2");
        string before = await EverythingAsync();

        Ended measured = await Lab.VfleetAsync("preflight", "--isolation", Pf, "-o", "json");

        JsonElement report = JsonDocument.Parse(measured.Output).RootElement;
        Dictionary<string, bool> holds = report.GetProperty("results").EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("holds").GetBoolean());
        // The emulated igb says that its spoof check is on, and lets forged addresses through.
        Assert.Equal(["forged-source"], holds.Where(one => !one.Value).Select(one => one.Key));
        Assert.True(holds["same-vlan-reach"] && holds["other-vlan-reach"] && holds["mac-takeover"] && holds["foreign-vlan-tag"]);
        Assert.Equal(5, measured.ExitCode);
        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task Without_privileges_a_change_is_not_permitted()
    {
        await Lab.JsonAsync("vf", "create", Pf, "1");
        string before = await EverythingAsync();
        string[] nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/run/vfleet/program/vfleet"];

        Assert.Equal(6, (await Lab.GuestAsync([.. nobody, "vf", "set", $"{Pf}/0", "--vlan", "5"])).ExitCode);
        Assert.Equal(6, (await Lab.GuestAsync([.. nobody, "--state", "/tmp/nobody", "vf", "set", $"{Pf}/0", "--vlan", "5"])).ExitCode);
        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task What_another_process_holds_is_waited_for_and_given_up()
    {
        await Lab.JsonAsync("vf", "create", Pf, "1");

        Ended late = await Lab.GuestAsync(
            "flock", "-x", "/var/lib/vfleet/locks/0000:41:00.0.lock", "/run/vfleet/program/vfleet", "vf", "delete", Pf, "--yes");

        Assert.True(late.ExitCode == 7, late.Errors);
    }

    [Fact]
    public async Task Words_that_cannot_be_meant_change_nothing()
    {
        await Lab.JsonAsync("vf", "create", Pf, "1");
        await Lab.MustAsync("ip", "netns", "add", "lab-test");
        string before = await EverythingAsync();
        string[] calls =
        [
            "vf set VF --mac 02:00:00:00:00", "vf set VF --mac 01:00:5e:00:00:01", "vf set VF --max-rate -1", "vf set VF --min-rate=-1",
            "vf set VF --max-rate 99999999999", "vf set VF --max-rate 4294967295", "vf set VF --max-rate fast", "vf set VF --vlan 4095",
            "vf set VF --vlan 7 --qos 8", "attach VF --netns lab-test --name a/b", "attach VF --netns lab-test --name abcdefghijklmnop",
            "attach VF --netns a/b", "vf bind 0000:41:10 igbvf", "vf bind VF nosuchdriver", "vf create eth1 1 --driver nosuchdriver",
        ];

        Assert.All(await EachAsync(calls.Select(call => call.Replace("VF", $"{Pf}/0", StringComparison.Ordinal))), ended =>
        {
            Assert.True(ended.ExitCode == 2, ended.Output);
            Assert.StartsWith("vfleet: ", ended.Output, StringComparison.Ordinal);
        });
        Assert.Equal(before, await EverythingAsync());
    }

    /// <summary>Runs vfleet several times in one go; both its streams, and its exit code.</summary>
    private static async Task<IReadOnlyList<(int ExitCode, string Output)>> EachAsync(IEnumerable<string> calls)
    {
        string[] lines = [.. calls.Select(call => $"/run/vfleet/program/vfleet {call} 2>&1; echo \"=$?\"")];
        MatchCollection ended = EndOfOne().Matches(await Lab.MustAsync("sh", "-c", string.Join('\n', lines)));
        Assert.Equal(lines.Length, ended.Count);
        return [.. ended.Select(one => (int.Parse(one.Groups["code"].Value, CultureInfo.InvariantCulture), one.Groups["said"].Value))];
    }

    [GeneratedRegex(@"(?<said>.*?)^=(?<code>\d+)\n", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex EndOfOne();

    /// <summary>All that a command could have changed: VFs, interfaces (their numbers grow when a driver is bound anew), records.</summary>
    private static async Task<string> EverythingAsync() =>
        (await Lab.JsonAsync("vf", "list")).GetRawText()
        + await Lab.MustAsync("sh", "-c", "ip -br link | sort; ip -n lab-test -br link; find /run/netns /var/lib/vfleet/attachments -mindepth 1 | sort; true");

    private static Task<string> AutoprobeAsync() => Lab.MustAsync("cat", "/sys/class/net/eth0/device/sriov_drivers_autoprobe");

    private static async Task CleanAsync()
    {
        await Lab.VfleetAsync("detach", $"{Pf}/0");
        await Lab.GuestAsync("ip", "netns", "delete", "lab-test");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
        await Lab.VfleetAsync("vf", "delete", Other, "--yes");
    }
}
