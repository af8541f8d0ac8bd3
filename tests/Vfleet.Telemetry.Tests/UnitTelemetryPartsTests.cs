using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Tests;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitTelemetryPartsTests : IAsyncLifetime, IDisposable
{
    private MeteredMachine _machine = null!;
    private OverlaidKernel _kernel = null!;
    private LocalNode _node = null!;
    private TelemetryReader _reader = null!;

    public async Task InitializeAsync()
    {
        _machine = await MeteredMachine.CreateAsync("ice");
        _kernel = new OverlaidKernel(_machine.Machine.Kernel);
        HostOptions options = _machine.Machine.Options with { ReadDeadline = TimeSpan.FromMilliseconds(300) };
        _node = LocalNode.Open(_kernel, options, _machine.Machine.NewActor()).Value;
        _reader = new TelemetryReader(_node, MeteredMachine.Host);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _kernel.Dispose();
        _node.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task APfThatHangsIsSkippedAndNamedAndTheOthersAreTold()
    {
        PhysicalFunction[] pfs = [.. (await _node.Host.Inventory.ListPfsAsync()).Value];
        CreatePlan plan = (await _node.Host.Creator.PlanAsync(pfs[1].Label, 2, null, force: false)).Value;
        _ = (await _node.Host.Creator.ApplyAsync(plan, force: false)).Value;
        Assert.Equal(5, (await SamplesAsync("vfleet_vf_info")).Length);

        _kernel.Hang($"{pfs[0].SysfsPath}/sriov_numvfs");
        string[] skipped = await SamplesAsync("vfleet_telemetry_skipped");
        Assert.Contains(skipped, line => line.Contains($"what=\"pf\",bdf=\"{pfs[0].Address}\"", StringComparison.Ordinal));
        Assert.Equal(2, (await SamplesAsync("vfleet_vf_info")).Length);
        int hanging = _kernel.Hanging;
        Assert.Equal(2, (await SamplesAsync("vfleet_vf_info")).Length);
        Assert.Equal(hanging, _kernel.Hanging);

        _kernel.Release();
        await Task.Delay(100);
        Assert.Equal(5, (await SamplesAsync("vfleet_vf_info")).Length);
        Assert.Empty(await SamplesAsync("vfleet_telemetry_skipped"));
    }

    [Fact]
    public async Task TotalsGoOnAfterTheirPfHung()
    {
        LedgerAllocation a = await AttachAsync("blue", 0, null);
        await _machine.SendAsync(0, 3);
        _kernel.Hang($"{(await PfAsync()).SysfsPath}/sriov_numvfs");
        Assert.Empty(await SamplesAsync("vfleet_vf_transmit_bytes_total"));
        await _machine.SendAsync(0, 2);
        _kernel.Release();
        await Task.Delay(100);

        Assert.Equal(["500"], Values(await SamplesAsync("vfleet_vf_transmit_bytes_total"), a.Id));
    }

    [Theory]
    [InlineData("/proc/interrupts", "interrupts")]
    [InlineData("/sys/bus/pci/devices/", "versions")]
    public async Task APartThatHangsHidesOnlyItself(string path, string part)
    {
        _kernel.Hang(path == "/proc/interrupts" ? path : $"{(await PfAsync()).SysfsPath}/aer_dev_fatal");
        string what = path == "/proc/interrupts" ? part : "pf_health";
        Assert.Contains($"what=\"{what}\"", Assert.Single(await SamplesAsync("vfleet_telemetry_skipped")), StringComparison.Ordinal);
        Assert.Equal(3, (await SamplesAsync("vfleet_vf_info")).Length);
    }

    [Fact]
    public async Task DriversCountersComeUnderCommonNames()
    {
        VirtualFunction vf = await _machine.Machine.ReadAsync(_machine.Machine.Vf(0));
        foreach ((string name, ulong value) in ((string, ulong)[])[("rx_crc_errors.nic", 7), ("tx_queue_1_packets", 11), ("mac_local_faults.nic", 2), ("unheard_of", 1)])
            _machine.Machine.Kernel.Machine.SetDriverCounter(vf.Pf.Address!.Value, name, value);
        _machine.Machine.Kernel.Machine.SetDriverCounter(vf.Address!.Value, "rx-0.packets", 21);
        string pf = $"host=\"{MeteredMachine.Host}\",pf=\"{vf.Pf.Label}\"";

        Assert.Equal([$"vfleet_pf_faults_total{{{pf},bdf=\"{vf.Pf.Address}\",direction=\"receive\",cause=\"crc\"}} 7"], await SamplesAsync("vfleet_pf_faults_total"));
        Assert.Equal(["2"], Values(await SamplesAsync("vfleet_pf_hardware_errors_total"), "error=\"local_fault\""));
        Assert.Equal(["11"], Values(await SamplesAsync("vfleet_pf_queue_packets_total"), "direction=\"transmit\",queue=\"1\""));
        Assert.Equal(["21"], Values(await SamplesAsync("vfleet_vf_queue_packets_total"), "vf=\"0\""));

        // In another namespace it is read where it is, and a driver that gains counters is asked anew.
        await AttachAsync("blue", 0, null);
        _machine.Machine.Kernel.Machine.SetDriverCounter(vf.Address!.Value, "rx-1.packets", 22);
        _ = await SamplesAsync("vfleet_vf_queue_packets_total");
        Assert.Equal(["21", "22"], Values(await SamplesAsync("vfleet_vf_queue_packets_total"), "vf=\"0\""));
    }

    [Fact]
    public async Task VendorsFilesComeUnderTheirOwnNamesAndNoneTwice()
    {
        PhysicalFunction pf = await PfAsync();
        _kernel.Texts[$"{pf.SysfsPath}/sriov/1/stats/tx_errors"] = "4";
        _kernel.Texts[$"{pf.SysfsPath}/sriov/1/stats/tx_bytes"] = "5";
        _kernel.Texts[$"{pf.SysfsPath}/sriov/1/stats/no number"] = "6";
        _kernel.Texts[$"{pf.SysfsPath}/sriov/1/stats/bad"] = "x";

        Assert.Equal(["4"], Values(await SamplesAsync("sriov_vf_tx_errors"), "vf=\"1\""));
        Assert.Equal(["0"], Values(await SamplesAsync("sriov_vf_tx_bytes"), "vf=\"1\""));
        Assert.Empty(await SamplesAsync("sriov_vf_bad"));
    }

    [Theory]
    [InlineData("/sys/fs/cgroup/kubepods.slice/kubepods-pod0a1b2c3d_0000_4000_8000_00000000000a.slice/cri-containerd-{0}.scope")]
    [InlineData("/sys/fs/cgroup/cpuset/kubepods/pod0a1b2c3d-0000-4000-8000-00000000000a/{0}")]
    public async Task CpusOfPodsAreThoseKeptForThem(string place)
    {
        string id = new('a', 64), other = new('b', 64);
        _kernel.Texts[$"{string.Format(null, place, id)}/cpuset.cpus"] = "1-2";
        _kernel.Texts[$"{string.Format(null, place, other)}/cpuset.cpus"] = "0,3";
        _kernel.Texts["/var/lib/kubelet/cpu_manager_state"] = """{"policyName":"static","defaultCpuSet":"0,3","entries":{}}""";
        _kernel.Texts["/sys/devices/system/node/node0/cpulist"] = "";
        _kernel.Texts["/sys/devices/system/node/node1/cpulist"] = "0-3";

        Assert.Equal(
        [
            $"sriov_kubepodcpu{{container_id=\"{id}\",cpu_id=\"1\",numa_node=\"1\",uid=\"0a1b2c3d-0000-4000-8000-00000000000a\"}} 1",
            $"sriov_kubepodcpu{{container_id=\"{id}\",cpu_id=\"2\",numa_node=\"1\",uid=\"0a1b2c3d-0000-4000-8000-00000000000a\"}} 1",
        ], await SamplesAsync("sriov_kubepodcpu"));
        Assert.Contains("sriov_cpu_info{cpu=\"3\",numa_node=\"1\"} 1", await SamplesAsync("sriov_cpu_info"));
    }

    [Fact]
    public async Task SoftInterruptsAreSharedByWhoInterrupted()
    {
        _kernel.Texts["/proc/stat"] = "cpu  0 0 0 0 0 0 500 0 0 0\ncpu0 0 0 0 0 0 0 500 30 0 0\nintr 1\n";
        await _machine.SendAsync(0, 1);
        Assert.Equal(["0"], Values(await SamplesAsync("vfleet_vf_softirq_seconds_total"), "vf=\"0\""));
        await _machine.SendAsync(0, 30);
        await _machine.SendAsync(1, 10);
        _kernel.Texts["/proc/stat"] = "cpu0 0 0 0 0 0 0 900 30 0 0\n";
        string[] shares = await SamplesAsync("vfleet_vf_softirq_seconds_total");

        double first = double.Parse(Values(shares, "vf=\"0\"")[0], System.Globalization.CultureInfo.InvariantCulture);
        double second = double.Parse(Values(shares, "vf=\"1\"")[0], System.Globalization.CultureInfo.InvariantCulture);
        // The first heard the other's ten, too.
        Assert.Equal(4, first / second, 0.01);
        Assert.InRange(first + second, 1, 4.001);
        Assert.Equal(["0.3"], Values(await SamplesAsync("vfleet_cpu_steal_seconds_total"), "cpu=\"0\""));
    }

    [Fact]
    public async Task AnOwnersCpuTimeIsThatOfGroupsThatAreItsAlone()
    {
        LedgerAllocation a = await AttachAsync("blue", 0, "acme");
        ulong inode = a.Owner.NamespaceInode!.Value;
        foreach ((int process, string group) in ((int, string)[])[(501, "/own"), (502, "/own"), (503, "/session")])
        {
            _kernel.Links[$"/proc/{process}/ns/net"] = $"net:[{inode}]";
            _kernel.Texts[$"/proc/{process}/cgroup"] = $"0::{group}";
        }
        _kernel.Links["/proc/504/ns/net"] = "net:[1]";
        _kernel.Texts["/sys/fs/cgroup/own/cgroup.procs"] = "501\n502";
        _kernel.Texts["/sys/fs/cgroup/session/cgroup.procs"] = "503\n504";
        _kernel.Texts["/sys/fs/cgroup/own/cpu.stat"] = "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000";
        _kernel.Texts["/sys/fs/cgroup/session/cpu.stat"] = "usage_usec 9000000\nuser_usec 8000000\nsystem_usec 1000000";

        Assert.Equal(["2"], Values(await SamplesAsync("vfleet_owner_cpu_seconds_total"), $"tenant=\"acme\",owner=\"blue\",allocation=\"{a.Id}\",mode=\"user\""));
        Assert.Equal(["1"], Values(await SamplesAsync("vfleet_owner_cpu_seconds_total"), "mode=\"system\""));

        // A container that ended has used what it used.
        _kernel.Texts["/proc/501/cgroup"] = _kernel.Texts["/proc/502/cgroup"] = "0::/next";
        _kernel.Texts["/sys/fs/cgroup/next/cgroup.procs"] = "501\n502";
        _kernel.Texts["/sys/fs/cgroup/next/cpu.stat"] = "user_usec 500000\nsystem_usec 0";
        Assert.Equal(["2.5"], Values(await SamplesAsync("vfleet_owner_cpu_seconds_total"), "mode=\"user\""));
    }

    [Fact]
    public async Task CollisionsAreCountedWhenTheyBegin()
    {
        string pf = $"bdf=\"{(await PfAsync()).Address}\",kind=", mac = $"{pf}\"mac_collision\"", vlan = $"{pf}\"vlan_collision\"";
        Assert.Equal(["0"], Values(await SamplesAsync("vfleet_isolation_breaches_total"), mac));
        await AttachAsync("blue", 0, "acme", 100);
        await AttachAsync("green", 1, "other", 100);
        Assert.Equal(["1"], Values(await SamplesAsync("vfleet_isolation_breaches_total"), vlan));
        Assert.Equal(["1"], Values(await SamplesAsync("vfleet_isolation_breaches_total"), vlan));
        Assert.Equal(["0"], Values(await SamplesAsync("vfleet_isolation_breaches_total"), mac));
    }

    [Fact]
    public async Task MaintenanceIsTold()
    {
        PhysicalFunction pf = await PfAsync();
        _ = Maintenance.Start(_node.Ledger, pf.DeviceName, null, DateTimeOffset.UnixEpoch).Value;
        Assert.Equal([$"vfleet_maintenance{{host=\"{MeteredMachine.Host}\",pf=\"{pf.Label}\"}} 1"], await SamplesAsync("vfleet_maintenance"));
    }

    private async Task<PhysicalFunction> PfAsync() => (await _node.Host.Inventory.ListPfsAsync()).Value[0];

    private async Task<LedgerAllocation> AttachAsync(string space, int vf, string? tenant, int? vlan = null) => (await _node.AttachAsync(
        _machine.Machine.RequestFor(space) with { Vf = _machine.Machine.Vf(vf), Tenant = tenant },
        NodeMachine.To(space) with { Settings = new VfSettings { Vlan = vlan } })).Value.Allocation;

    private async Task<string[]> SamplesAsync(string name) => MeteredMachine.SamplesOf(
        System.Text.Encoding.UTF8.GetString(ExpositionWriter.Write(NodeMetrics.Of((await _reader.ReadAsync()).Value), ExpositionFormat.PrometheusText)), name);

    private static string[] Values(string[] samples, string label) =>
        [.. samples.Where(line => line.Contains(label, StringComparison.Ordinal)).Select(line => line.Split(' ')[^1])];
}
