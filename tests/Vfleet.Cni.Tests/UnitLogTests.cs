using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vfleet.Cni.Config;

namespace Vfleet.Cni.Tests;

/// <summary>What <c>logLevel</c> and <c>logFile</c> do.</summary>
public sealed partial class UnitLogTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private string _file = "";

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync();
        _machine.AddStaticPlugin("fixed", """{"ips": [{"address": "10.0.0.2/24"}]}""");
        _file = Path.Combine(_machine.Plugins, "sriov.log");
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("panic", "")]
    [InlineData("error", "error")]
    [InlineData("warning", "error warning")]
    [InlineData(null, "error info warning")]
    [InlineData("INFO", "error info warning")]
    [InlineData("debug", "debug error info warning")]
    public async Task File_has_a_line_for_each_step_of_the_levels_that_are_wanted(string? level, string levels)
    {
        JsonObject config = await ConfigAsync(("logFile", _file), ("logLevel", level));
        await AllAsync(config);
        string[] lines = File.Exists(_file) ? await File.ReadAllLinesAsync(_file) : [];
        Assert.All(lines, line => Assert.Matches(Line(), line));
        Assert.Equal(levels, string.Join(' ', lines.Select(line => Line().Match(line).Groups["level"].Value).Distinct().Order()));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("info", true)]
    public async Task Without_a_file_standard_error_has_what_was_changed_only_where_that_is_asked_for(string? level, bool isThere)
    {
        CniAnswer added = await _machine.CallAsync("ADD", await ConfigAsync(("logLevel", level)));
        Assert.Equal(0, added.Exit);
        Assert.Equal(isThere, added.Log.Contains("level=info", StringComparison.Ordinal));
        Assert.True(isThere || added.Log.Length == 0, added.Log);
    }

    [Fact]
    public async Task Lines_of_many_calls_at_once_are_whole()
    {
        const int Calls = 8, Lines = 200;
        NetworkConfig config = new() { Bytes = default, CniVersion = "1.0.0", LogFile = _file };
        string filler = new('x', 500);
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(call => Task.Run(() =>
        {
            using CniLog log = new(TextWriter.Null, TimeProvider.System, _ => $"c{call}");
            Assert.Null(log.Use(config));
            for (int line = 0; line < Lines; line++)
                log.Write(CniLogLevel.Info, $"{filler}\nlevel=forged \"{line}\"");
        })));
        string[] lines = await File.ReadAllLinesAsync(_file);
        Assert.Equal(Calls * Lines, lines.Length);
        Assert.All(lines, line => Assert.Matches(Line(), line));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("missing")]
    public async Task File_that_cannot_be_written_fails_add_before_anything_is_touched_and_never_del(string why)
    {
        string before = await _machine.PictureAsync();
        string path = why == "folder" ? _machine.Plugins : Path.Combine(_machine.Plugins, "nosuch", "sriov.log");
        JsonObject good = await ConfigAsync(), bad = await ConfigAsync(("logFile", path));
        CniAnswer refused = await _machine.CallAsync("ADD", bad);
        Assert.Equal((1, 5), (refused.Exit, refused.Code));
        Assert.Contains($"logFile {path} cannot be written", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_machine.CallsOf("fixed"));
        Assert.Empty(_machine.History(await _machine.VfAsync(0)));
        Assert.Equal(0, (await _machine.CallAsync("ADD", good)).Exit);
        CniAnswer deleted = await _machine.CallAsync("DEL", bad);
        Assert.Equal((0, ""), (deleted.Exit, deleted.Output));
        Assert.Contains("cannot be written", deleted.Log, StringComparison.Ordinal);
        Assert.Equal(before, await _machine.PictureAsync());
    }

    [Theory]
    [InlineData("link")]
    [InlineData("second name")]
    [InlineData("everybody's folder")]
    [InlineData("linked folder")]
    [InlineData("device")]
    public async Task File_that_may_be_somebody_else_s_is_not_written(string what)
    {
        string target = Path.Combine(_machine.Plugins, "precious"), path = _file;
        await File.WriteAllTextAsync(target, "kept");
        switch (what)
        {
            case "link":
                File.CreateSymbolicLink(_file, target);
                break;
            case "second name":
                using (Process linked = Process.Start(new ProcessStartInfo("ln", [target, _file]))!)
                    await linked.WaitForExitAsync();
                break;
            case "everybody's folder":
                path = Path.Combine(Directory.CreateDirectory(Path.Combine(_machine.Plugins, "all")).FullName, "sriov.log");
                CniMachine.OpenToAll(Path.GetDirectoryName(path)!);
                break;
            case "linked folder":
                File.CreateSymbolicLink(Path.Combine(_machine.Plugins, "way"), _machine.Plugins);
                path = Path.Combine(_machine.Plugins, "way", "sriov.log");
                break;
            default:
                path = "/dev/null";
                break;
        }
        CniAnswer refused = await _machine.CallAsync("ADD", await ConfigAsync(("logFile", path), ("logLevel", "debug")));
        Assert.Equal((1, 5), (refused.Exit, refused.Code));
        Assert.Equal("kept", await File.ReadAllTextAsync(target));
    }

    [Fact]
    public async Task Words_of_others_end_neither_their_field_nor_the_line()
    {
        using (CniLog log = new(TextWriter.Null, TimeProvider.System, _ => "ADD level=panic\n\u2028\"x"))
        {
            Assert.Null(log.Use(new NetworkConfig { Bytes = default, CniVersion = "1.0.0", LogFile = _file }));
            log.Write(CniLogLevel.Info, "one\" level=panic\\\" two\u2028three\u2029four\u0085five\nsix\u202eseven");
        }
        string line = Assert.Single(await File.ReadAllLinesAsync(_file));
        Assert.Matches(Line(), line);
        Assert.DoesNotContain(line, c => c is '\\' or '\u2028' or '\u2029' or '\u0085' or '\u202e');
    }

    [GeneratedRegex("""^time=\S+Z level=(?<level>[a-z]+) cni=sriov command=\S* container=\S* ifname=\S* msg="[^"]*"$""")]
    private static partial Regex Line();

    private async Task<JsonObject> ConfigAsync(params (string Key, JsonNode? Value)[] more) => CniMachine.Config(
        await _machine.VfAsync(0), [("cniVersion", "1.1.0"), CniMachine.Ipam("fixed"), .. more]);

    /// <summary>An ADD, one that is refused, a DEL, and one that finds a cache that is out of date.</summary>
    private async Task AllAsync(JsonObject config)
    {
        Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        Assert.Equal(1, (await _machine.CallAsync("ADD", config)).Exit);
        Assert.Equal(0, (await _machine.CallAsync("CHECK", config)).Exit);
        Directory.CreateDirectory(_machine.Options.OldCache);
        await File.WriteAllTextAsync(Path.Combine(_machine.Options.OldCache, "ctr2-net1"), """{"deviceID": "0000:99:10.0"}""");
        Assert.Equal(0, (await _machine.CallAsync("DEL", config, ("CNI_CONTAINERID", "ctr2"))).Exit);
        Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
    }
}
