using System.Text;
using Microsoft.Data.Sqlite;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Tests;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitNodeMetricsTests
{
    private const string Sent = "vfleet_vf_transmit_bytes_total";

    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    public async Task AnOwnersTotalBeginsAtZeroAndEndsWithTheLastByte(string profile)
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync(profile);
        await machine.SendAsync(0, 5);
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        Assert.Equal(0UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
        await machine.SendAsync(0, 3);
        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));

        await machine.SendAsync(0, 4);
        _ = (await machine.Machine.Node.ReleaseAsync(a.Id)).Value;
        Assert.Equal(700UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));

        LedgerAllocation b = await AttachAsync(machine, "green", 0);
        Assert.Null(await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
        Assert.Equal(0UL, await machine.ValueAsync(Sent, $"allocation=\"{b.Id}\""));
        // What a VF sent, whoever had it, goes on in the names of today's exporter.
        Assert.True(await machine.ValueAsync("sriov_vf_tx_bytes", "vf=\"0\"") >= 1200);
    }

    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    public async Task WhatWasSentBeforeTheFirstScrapeCounts(string profile)
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync(profile);
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        await machine.SendAsync(0, 3);

        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
    }

    [Fact]
    public async Task ATotalOutlivesTheProcessThatReadIt()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        await machine.SendAsync(0, 3);
        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
        machine.Machine.Restart();
        await machine.SendAsync(0, 2);

        Assert.Equal(500UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
    }

    [Fact]
    public async Task AMeterThatIsDamagedBeginsAnewAndKeepsNobodyFromItsVf()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        _ = await machine.TextAsync();
        string[] keys = [.. (await machine.Machine.Node.Census.TakeAsync()).Value.Machine.Vfs.Select(vf => $"meter/{vf.Label}")];
        _ = machine.Machine.Node.Ledger.Change(LedgerStep.Repair, change => Array.ForEach(keys, key => change.SetMeta(key, "{\"vf\":7"))).Value;
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        await machine.SendAsync(0, 3);
        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
        Assert.Single((await machine.Machine.Node.ReleaseAsync(a.Id)).Value.Free);
    }

    /// <summary>Whoever reads next, such as a plugin that takes the VF back, goes on from it.</summary>
    [Fact]
    public async Task WhatIsToldIsKeptBefore()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        foreach (ulong told in (ulong[])[300, 600, 900])
        {
            await machine.SendAsync(0, 3);
            Assert.Equal(told, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
            string kept = Assert.Single(machine.Machine.Node.Ledger.Read(view => view.MetaOf($"meter/{a.Vfs[0].Vf}")).Value);
            Assert.Contains($"\"transmitBytes\":{told}", kept, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ALedgerThatTakesNothingMoreTakesNoMetricsAway()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        await machine.SendAsync(0, 3);
        using SqliteConnection connection = new($"Data Source={machine.Machine.Node.Ledger.Path};Pooling=false");
        connection.Open();
        using SqliteCommand full = connection.CreateCommand();
        full.CommandText = "CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
        _ = full.ExecuteNonQuery();
        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
        Assert.Contains(await machine.SamplesAsync("vfleet_telemetry_skipped"), line => line.Contains("\"counters\"", StringComparison.Ordinal));
    }

    /// <summary>What a reader remembers from one reading to the next must never show.</summary>
    [Fact]
    public async Task AReaderThatReadBeforeTellsWhatANewOneTells()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync("ice");
        TelemetryReader before = new(machine.Machine.Node, MeteredMachine.Host);
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        await CompareAsync();
        await machine.SendAsync(0, 3);
        await CompareAsync();
        _ = (await machine.Machine.Node.ReleaseAsync(a.Id)).Value;
        _ = await AttachAsync(machine, "green", 1);
        await CompareAsync();
        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));

        async Task CompareAsync()
        {
            // The other one writes meters in between.
            string[] anew = Lines(await machine.TextAsync());
            string text = Encoding.UTF8.GetString(
                ExpositionWriter.Write(NodeMetrics.Of((await before.ReadAsync()).Value), ExpositionFormat.PrometheusText));
            Assert.Equal(anew, Lines(text));
        }

        static string[] Lines(string text) =>
            [.. text.Split('\n').Where(line => !line.Contains("softirq", StringComparison.Ordinal) && !line.Contains("read_seconds", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task ASeriesCarriesWhomItIsFor()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        LedgerAllocation allocation = (await machine.Machine.Node.AttachAsync(
            machine.Machine.Request("a \"quoted\" owner\\") with { Vf =
                machine.Machine.Vf(0), Tenant = "blue" }, NodeMachine.To("blue"))).Value.Allocation;
        VirtualFunction vf = await machine.Machine.ReadAsync(machine.Machine.Vf(0));

        Assert.Equal(
            $$"""{{Sent}}{host="node7",pf="{{machine.Machine.Pf}}",vf="0",bdf="{{vf.Address}}",numa_node="{{vf.NumaNode}}",pool="{{machine.Machine.Pf}}","""
            + $$"""tenant="blue",owner="a \"quoted\" owner\\",allocation="{{allocation.Id}}"} 0""",
            Assert.Single(await machine.SamplesAsync(Sent)));
    }

    [Fact]
    public async Task TodaysNamesHaveTodaysLabels()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync("ice", vfs: 1);
        VirtualFunction vf = await machine.Machine.ReadAsync(machine.Machine.Vf(0));
        string labels = $$"""{numa_node="{{vf.NumaNode}}",pciAddr="{{vf.Address}}",pf="{{machine.Machine.Pf}}",vf="0"}""";

        foreach (string name in (string[])["rx_broadcast", "rx_bytes", "rx_dropped", "rx_multicast", "rx_packets", "tx_bytes",
            "tx_dropped", "tx_packets"])
            Assert.StartsWith($"sriov_vf_{name}{labels} ", Assert.Single(await machine.SamplesAsync($"sriov_vf_{name}")),
                StringComparison.Ordinal);
        string text = await machine.TextAsync();
        Assert.Contains("# HELP sriov_vf_rx_bytes Statistic rx_bytes.\n# TYPE sriov_vf_rx_bytes counter\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE sriov_vf_rx_bytes unknown\n", await machine.TextAsync(ExpositionFormat.OpenMetrics),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVfThatNothingCountsIsUnknownAndNotZero()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync(driver: "vfio-pci", vfs: 1);
        _ = (await machine.Machine.Node.AllocateAsync(machine.Machine.Request())).Value;

        Assert.Empty(await machine.SamplesAsync(Sent));
        Assert.Empty(await machine.SamplesAsync("sriov_vf_tx_bytes"));
        Assert.Single(await machine.SamplesAsync("vfleet_vf_info"));
        Assert.Equal(1UL, await machine.ValueAsync("vfleet_vf_counter_unavailable", "counter=\"transmit_bytes\""));
        Assert.Equal(10, (await machine.SamplesAsync("vfleet_vf_counter_unavailable")).Length);
    }

    [Fact]
    public async Task WhatTheDriverDoesNotCountIsNamedAndTheRestIsRead()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync(vfs: 1);

        Assert.Equal(["receive_broadcast_packets"],
            (await machine.SamplesAsync("vfleet_vf_counter_unavailable")).Select(line => line.Split("counter=\"")[1].Split('"')[0]));
    }

    [Fact]
    public async Task ANamespaceThatIsGoneLeavesTheTotalWhereItWas()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        await machine.SendAsync(0, 3);
        Assert.Equal(300UL, await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\""));
        _ = machine.Machine.Kernel.DeleteNamespace("blue").Value;
        await machine.TextAsync();
        _ = (await machine.Machine.Node.ReclaimAsync()).Value;

        Assert.True(await machine.ValueAsync(Sent, $"allocation=\"{a.Id}\"") >= 300);
    }

    [Fact]
    public async Task PoolsAreCountedByWhatBecameOfTheirVfs()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        await AttachAsync(machine, "blue", 0);

        Assert.Equal(3UL, await machine.ValueAsync("vfleet_pool_size", "pool="));
        Assert.Equal(2UL, await machine.ValueAsync("vfleet_pool_vfs", "state=\"free\""));
        Assert.Equal(1UL, await machine.ValueAsync("vfleet_pool_vfs", "state=\"attached\""));
        Assert.Equal(1UL, await machine.ValueAsync("vfleet_allocations_open", "host="));
    }

    [Fact]
    public async Task RequestsAreCountedByHowTheyEndedAndHowLongTheyTook()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync(vfs: 1);
        await AttachAsync(machine, "blue", 0);
        Assert.False((await machine.Machine.Node.AttachAsync(machine.Machine.RequestFor("green"), NodeMachine.To("green"))).Succeeded);
        Assert.False((await machine.Machine.Node.AllocateAsync(machine.Machine.Request(pool: "nowhere"))).Succeeded);
        machine.Machine.Restart();

        Assert.Equal(3UL, await machine.ValueAsync("vfleet_allocation_attempts_total", "host="));
        Assert.Equal(1UL, await machine.ValueAsync("vfleet_allocation_failures_total", "reason=\"refused\""));
        Assert.Equal(1UL, await machine.ValueAsync("vfleet_allocation_failures_total", "reason=\"not_found\""));
        Assert.Equal(0UL, await machine.ValueAsync("vfleet_allocation_failures_total", "reason=\"kernel\""));
        foreach (string stage in (string[])["allocate", "attach", "tune"])
        {
            Assert.Equal(1UL, await machine.ValueAsync("vfleet_allocation_stage_seconds_count", $"stage=\"{stage}\""));
            string[] buckets = [.. (await machine.SamplesAsync("vfleet_allocation_stage_seconds_bucket"))
                .Where(line => line.Contains(stage, StringComparison.Ordinal))];
            Assert.Contains("le=\"0.005\"", buckets[0], StringComparison.Ordinal);
            Assert.EndsWith("le=\"+Inf\"} 1", buckets[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task APfTellsItsDriverAndFirmware()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync("ice");
        PhysicalFunction pf = (await FirmwareReader.CompleteAsync(
            machine.Machine.Kernel, (await machine.Machine.Node.Host.Inventory.ListPfsAsync()).Value, CancellationToken.None))[0];

        string info = Assert.Single(await machine.SamplesAsync("vfleet_pf_info"), line => line.Contains($"pf=\"{pf.Label}\"",
            StringComparison.Ordinal));
        Assert.Contains($"driver=\"ice\",driver_version=\"{pf.DriverVersion}\",firmware_version=\"{pf.FirmwareVersion}\"", info,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorsOfPfsAreThoseTheirDriversCount()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync("ice");
        PhysicalFunction pf = (await machine.Machine.Node.Host.Inventory.ListPfsAsync()).Value[0];
        machine.Machine.Kernel.Machine.SetHealthReporter(pf.Address!.Value, "fw", false, 3);
        machine.Machine.Kernel.Machine.SetDriverCounter(pf.Address!.Value, "tx_spoof_packets", 12);
        string label = $"pf=\"{pf.Label}\"";

        Assert.Equal(3UL, await machine.ValueAsync("vfleet_pf_reporter_errors_total", $"{label},bdf=\"{pf.Address}\",reporter=\"fw\""));
        Assert.Equal(0UL, await machine.ValueAsync("vfleet_pf_reporter_healthy", $"{label},bdf=\"{pf.Address}\",reporter=\"fw\""));
        Assert.Equal(12UL, await machine.ValueAsync("vfleet_pf_spoofed_packets_total", label));
        Assert.Equal(0UL, await machine.ValueAsync("vfleet_vf_health", "vf=\"0\""));
        Assert.Empty(await machine.SamplesAsync("vfleet_telemetry_skipped"));
    }

    [Fact]
    public async Task InterruptsAreThoseOfTheVfsOwnVectors()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        await machine.SendAsync(1, 4);

        Assert.Equal(4UL, await machine.ValueAsync("vfleet_vf_interrupts_total", "vf=\"1\""));
    }

    [Fact]
    public async Task AFileOfInterruptsThatIsCutIsNotSummed()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        VirtualFunction[] vfs = [.. (await machine.Machine.Node.Census.TakeAsync()).Value.Machine.Vfs];
        IFileTree files = machine.Machine.Kernel.Files;
        string whole = files.ReadText("/proc/interrupts").Value;
        Assert.NotNull(InterruptReader.Read(new InterruptsFile(files, whole), vfs));
        Assert.Null(InterruptReader.Read(new InterruptsFile(files, whole + new string('\n', IFileTree.LongestText - whole.Length)), vfs));
    }

    [Fact]
    public async Task OpenMetricsLeadsFromABucketToAHandOutThatIsInIt()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        LedgerAllocation a = await AttachAsync(machine, "blue", 0);
        string[] buckets = [.. (await machine.TextAsync(ExpositionFormat.OpenMetrics)).Split('\n')
            .Where(line => line.StartsWith("vfleet_allocation_stage_seconds_bucket", StringComparison.Ordinal) && line.Contains(" # ", StringComparison.Ordinal))];

        Assert.Equal(3, buckets.Length);
        Assert.All(buckets, line => Assert.Matches($@"\}} 1 # \{{allocation=""{a.Id}""\}} [0-9.E-]+ [0-9]+\.[0-9]{{3}}$", line));
        Assert.DoesNotContain(" # ", await machine.TextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 1 2 x")]
    [InlineData("9223372036854775807 0 0 0 0 0 0 0 0 0 0 0 0 0")]
    [InlineData("1 0 0 0 0 0 0 0 0 0 0 0 0 1,A1,5,99999999999999999")]
    public async Task CountsOfAStageThatAreDamagedKeepNobodyFromAVf(string damaged)
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        await AttachAsync(machine, "blue", 0);
        _ = machine.Machine.Node.Ledger.Change(LedgerStep.Repair, change => change.SetMeta("handout/stage/attach", damaged)).Value;
        await AttachAsync(machine, "green", 1);
        Assert.NotEmpty(await machine.SamplesAsync("vfleet_allocation_stage_seconds_count"));
    }

    [Fact]
    public async Task EveryNameComesOnceAndFollowsTheGrammar()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync("ice");
        await AttachAsync(machine, "blue", 0);
        string[] types = [.. (await machine.TextAsync(ExpositionFormat.OpenMetrics)).Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))];

        Assert.Equal(types.Length, types.Select(line => line.Split(' ')[2]).Distinct().Count());
        Assert.All(types, line => Assert.Matches("^# TYPE [a-z][a-z0-9_]*[a-z0-9] (counter|gauge|info|histogram|unknown)$", line));
        Assert.DoesNotContain(types, line => line.Contains("_total ", StringComparison.Ordinal));
    }

    private static async Task<LedgerAllocation> AttachAsync(MeteredMachine machine, string space, int vf) =>
        (await machine.Machine.Node.AttachAsync(
        machine.Machine.RequestFor(space) with { Vf = machine.Machine.Vf(vf) }, NodeMachine.To(space))).Value.Allocation;

    /// <summary>The kernel's files, one of them with another text.</summary>
    private sealed class InterruptsFile(IFileTree files, string text) : IFileTree
    {
        public Outcome<string> ReadText(string path) => path == "/proc/interrupts" ? text : files.ReadText(path);

        public Outcome<int> ReadBytes(string path, Span<byte> destination) => files.ReadBytes(path, destination);

        public Outcome<Unit> WriteText(string path, string value) => files.WriteText(path, value);

        public Outcome<IReadOnlyList<string>> List(string path) => files.List(path);

        public Outcome<string> ReadLink(string path) => files.ReadLink(path);

        public bool Exists(string path) => files.Exists(path);
    }
}
