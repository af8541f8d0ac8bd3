using System.Text.Json.Nodes;
using Vfleet.Host.Tests;
using Vfleet.Node;

namespace Vfleet.Cni.Tests;

/// <summary>What happens between two steps of a call: the namespace goes, another call comes.</summary>
public sealed class UnitRaceTests : IAsyncLifetime
{
    private CniMachine _machine = null!;
    private WatchedKernel _watched = null!;

    public async Task InitializeAsync()
    {
        _machine = await CniMachine.CreateAsync();
        _machine.Seen = _watched = new WatchedKernel(_machine.Kernel);
    }

    public Task DisposeAsync()
    {
        _machine.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    public async Task Namespace_that_goes_between_any_two_steps_leaves_a_clean_vf_after_del(string struck)
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100), ("mtu", 1400));
        int steps = await CountAsync(struck, config);
        Assert.Equal(before, await _machine.PictureAsync());
        for (int step = 0; step < steps; step++)
        {
            if (struck == "DEL")
                Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
            _watched.StrikeAt(step, () => _machine.Kernel.DeleteNamespace("blue"));
            CniAnswer answer = await _machine.CallAsync(struck, config);
            string operation = _watched.Operations[Math.Min(step, _watched.Operations.Count - 1)];
            string what = $"{struck}, step {step} ({operation}): {answer.Output}";
            _watched.Watch();
            Assert.True(answer.Exit == 0 || (answer.Exit == 1 && answer.Code is 3 or 101 or 102 or 103), what);
            Assert.True(answer.Exit == 0 || struck == "ADD", what);
            CniAnswer deleted = await _machine.CallAsync("DEL", config);
            Assert.True(deleted.Exit == 0, $"{what}\nDEL: {deleted.Output}");
            // Where the call was over before that step, it is deleted only now.
            _ = _machine.Kernel.DeleteNamespace("blue");
            _machine.Kernel.CreateNamespace("blue").Value.Dispose();
            Assert.True(before == await _machine.PictureAsync(), $"{what}\n{await _machine.PictureAsync()}");
            Assert.True(_machine.Open().Count == 0, what);
        }
    }

    [Theory]
    [InlineData("DEL")]
    [InlineData("GC")]
    public async Task Del_that_is_killed_at_any_step_is_finished_by_the_next_call(string next)
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100), ("cniVersion", "1.1.0"));
        int steps = await CountAsync("DEL", config);
        config["cni.dev/valid-attachments"] = new JsonArray();
        for (int step = 0; step < steps; step++)
        {
            Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
            _watched.StrikeAt(step, () => throw new ProcessDiedException());
            // Nothing of DEL catches it but the last resort, which does nothing more than answer.
            Assert.Contains(nameof(ProcessDiedException), (await _machine.CallAsync("DEL", config)).Message, StringComparison.Ordinal);
            string what = $"step {step} ({_watched.Operations[^1]})";
            _watched.Watch();
            CniAnswer answer = await _machine.CallAsync(next, config);
            Assert.True(answer.Exit == 0, $"{what}: {answer.Output}");
            Assert.True(before == await _machine.PictureAsync(), $"{what}\n{await _machine.PictureAsync()}");
            Assert.True(_machine.Open().Count == 0, what);
        }
    }

    [Fact]
    public async Task Of_two_adds_for_one_vf_at_once_one_has_it_and_the_other_is_told_who()
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100));
        for (int round = 0; round < 10; round++)
        {
            string[] containers = ["ctr1", "ctr2"];
            string[] spaces = ["/run/netns/blue", "/run/netns/green"];
            CniAnswer[] answers = await Task.WhenAll(containers.Zip(spaces, (container, space) => Task.Run(() =>
                _machine.CallAsync("ADD", config, ("CNI_CONTAINERID", container), ("CNI_NETNS", space)))));
            int winner = Array.FindIndex(answers, answer => answer.Exit == 0);
            Assert.True(winner >= 0, answers[0].Output + answers[1].Output);
            CniAnswer loser = answers[1 - winner];
            Assert.True((1, 102) == (loser.Exit, loser.Exit == 0 ? 0 : loser.Code), loser.Output);
            Assert.Contains(containers[winner], loser.Message, StringComparison.Ordinal);
            Assert.Equal(0, (await _machine.CallAsync("DEL", config, ("CNI_CONTAINERID", containers[1 - winner]))).Exit);
            Assert.Single(_machine.Open());
            Assert.Equal(0, (await _machine.CallAsync("DEL", config, ("CNI_CONTAINERID", containers[winner]))).Exit);
            Assert.Equal(before, await _machine.PictureAsync());
        }
    }

    [Theory]
    [InlineData("pool", null)]
    [InlineData("deviceID", null)]
    [InlineData("pool", "vfio-pci")]
    [InlineData("deviceID", "vfio-pci")]
    public async Task Second_add_for_one_interface_at_any_step_of_the_first_gets_no_second_vf(string key, string? driver)
    {
        _machine.Dispose();
        _machine = await CniMachine.CreateAsync(driver: driver);
        _machine.Seen = _watched = new WatchedKernel(_machine.Kernel);
        string before = await _machine.PictureAsync();
        JsonObject config = key == "pool" ? CniMachine.Config(null, ("pool", _machine.Pf)) : CniMachine.Config(await _machine.VfAsync(0));
        int steps = await CountAsync("ADD", config), inTheWay = 0;
        for (int step = 0; step < steps; step++)
        {
            Task<CniAnswer>? second = null;
            _watched.StrikeAt(step, () =>
            {
                second = Task.Run(() => _machine.CallAsync("ADD", config));
                // As far as it comes: what the first has locked it waits for.
                _ = Task.WaitAny([second], TimeSpan.FromMilliseconds(200));
            });
            CniAnswer first = await _machine.CallAsync("ADD", config);
            // Where the first had fewer steps this time, the second comes after it, and no third during that.
            if (second is null)
                _watched.Watch();
            CniAnswer[] answers = [first, await (second ?? _machine.CallAsync("ADD", config))];
            _watched.Watch();
            string what = $"step {step}: {answers[0].Output}{answers[1].Output}";
            Assert.True(answers.Count(answer => answer.Exit == 0) == 1, what);
            CniAnswer refused = answers.Single(answer => answer.Exit != 0);
            Assert.True(refused.Code == 102, what);
            Assert.True(Assert.Single(_machine.Open()).Vfs.Count == 1, what);
            inTheWay += refused.Message.Contains("for the same request", StringComparison.Ordinal) ? 1 : 0;
            Assert.True((await _machine.CallAsync("DEL", config)).Exit == 0, what);
            Assert.True(before == await _machine.PictureAsync(), $"{what}\n{await _machine.PictureAsync()}");
        }
        Assert.True(inTheWay > 0, "no ADD met another at work");
    }

    [Fact]
    public async Task Add_that_comes_during_the_del_before_gets_the_vf_clean_or_is_refused()
    {
        string before = await _machine.PictureAsync();
        JsonObject first = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100));
        JsonObject second = CniMachine.Config(await _machine.VfAsync(0));
        int steps = await CountAsync("DEL", first), got = 0;
        for (int step = 0; step < steps; step += 3)
        {
            Assert.Equal(0, (await _machine.CallAsync("ADD", first)).Exit);
            Task<CniAnswer>? add = null;
            _watched.StrikeAt(step, () => add = Task.Run(() =>
                _machine.CallAsync("ADD", second, ("CNI_CONTAINERID", "ctr2"), ("CNI_NETNS", "/run/netns/green"))));
            CniAnswer deleted = await _machine.CallAsync("DEL", first);
            CniAnswer added = await add!;
            _watched.Watch();
            Assert.True(deleted.Exit == 0, $"step {step}: {deleted.Output}");
            Assert.True(added.Exit == 0 || added.Code == 102, $"step {step}: {added.Output}");
            if (added.Exit == 0)
            {
                got++;
                Assert.Equal(0, (await _machine.ReadAsync(await _machine.VfAsync(0))).Settings!.Vlan);
                Assert.Equal(0, (await _machine.CallAsync("DEL", second, ("CNI_CONTAINERID", "ctr2"))).Exit);
            }
            Assert.Equal(before, await _machine.PictureAsync());
        }
        Assert.True(got > 0, "no ADD waited for the DEL before it");
    }

    [Fact]
    public async Task Call_whose_kernel_refuses_at_any_step_leaves_what_the_next_del_takes_back()
    {
        string before = await _machine.PictureAsync();
        JsonObject config = CniMachine.Config(await _machine.VfAsync(0), ("vlan", 100));
        int steps = await CountAsync("ADD", config);
        for (int step = 0; step < steps; step += 2)
        {
            _watched.StrikeAt(step, Strike.Refused);
            CniAnswer answer = await _machine.CallAsync("ADD", config);
            string what = $"step {step} ({_watched.Operations[Math.Min(step, _watched.Operations.Count - 1)]}): {answer.Output}";
            _watched.Watch();
            if (answer.Exit == 1)
                Assert.True(answer.Code != 999, what);
            Assert.True((await _machine.CallAsync("DEL", config)).Exit == 0, what);
            using (LocalNode node = _machine.Node())
                _ = (await node.ReclaimAsync()).Value;
            Assert.True(before == await _machine.PictureAsync(), $"{what}\n{await _machine.PictureAsync()}");
        }
    }

    private async Task<int> CountAsync(string command, JsonObject config)
    {
        if (command == "DEL")
            Assert.Equal(0, (await _machine.CallAsync("ADD", config)).Exit);
        _watched.Watch();
        CniAnswer answer = await _machine.CallAsync(command, config);
        Assert.True(answer.Exit == 0, answer.Output);
        int steps = _watched.Operations.Count;
        if (command == "ADD")
            Assert.Equal(0, (await _machine.CallAsync("DEL", config)).Exit);
        return steps;
    }

    private sealed class ProcessDiedException : Exception;
}
