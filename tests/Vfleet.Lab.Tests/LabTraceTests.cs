using System.Globalization;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>Captures and traces of real VFs in two namespaces, whose interfaces have one name.</summary>
public sealed class LabTraceTests : IAsyncLifetime
{
    private const string Pf = "eth0", First = "trace-a", Second = "trace-b";

    /// <summary>Pings, bytes over TCP, and datagrams that nobody takes, until it is ended.</summary>
    private const string Traffic = """
        ip netns exec trace-b sh -c 'while :; do timeout 20 busybox nc -l -p 5000 > /dev/null; done' &
        while :; do
            ip netns exec trace-a busybox ping -c 1 -W 1 10.9.0.2
            (echo a; sleep 0.1; echo b) | ip netns exec trace-a timeout 3 busybox nc 10.9.0.2 5000
            ip netns exec trace-a bash -c 'echo x > /dev/udp/10.9.0.2/9'
            sleep 0.5
        done > /dev/null 2>&1
        """;

    private string _vf = "", _other = "";

    public async Task InitializeAsync()
    {
        await CleanAsync();
        JsonElement vfs = await Lab.JsonAsync("vf", "create", Pf, "2");
        (_other, _vf) = (vfs[0].GetProperty("bdf").GetString()!, vfs[1].GetProperty("bdf").GetString()!);
        foreach ((string vf, string space, string address) in new[] { (_other, First, "10.9.0.1/24"), (_vf, Second, "10.9.0.2/24") })
        {
            await Lab.MustAsync("ip", "netns", "add", space);
            await Lab.JsonAsync("attach", vf, "--netns", space, "--name", "net1", "--address", address, "--tenant", $"tenant of {space}");
        }
        await Lab.MustAsync("ip", "netns", "exec", First, "busybox", "ping", "-c", "1", "-w", "30", "10.9.0.2");
    }

    public async Task DisposeAsync() => await CleanAsync();

    [Fact]
    public async Task A_capture_holds_exactly_the_packets_and_tells_whose_they_are()
    {
        const string File = "/tmp/lab.pcapng";
        Task<JsonElement> capture = Lab.JsonAsync("capture", "--vf", _vf, "--write", File, "--for", "20s", "--filter", "icmp", "--force");
        // A packet socket with another protocol than none is listening.
        await Lab.MustAsync("sh", "-c", $"for i in $(seq 100); do grep -q ' 0003 ' /proc/net/packet || ip netns exec {Second} grep -q ' 0003 ' "
            + "/proc/net/packet && break; sleep 0.2; done; sleep 1");
        await Lab.MustAsync("ip", "netns", "exec", First, "busybox", "ping", "-c", "4", "10.9.0.2");
        JsonElement result = await capture;

        Assert.Equal((8, "time", Second, $"tenant of {Second}"),
            (result.GetProperty("packets").GetInt32(), result.GetProperty("ended").GetString(), result.GetProperty("owner").GetString(),
                result.GetProperty("tenant").GetString()));
        string[] lines = (await Lab.MustAsync("tcpdump", "-n", "-r", File)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Count(line => line.Contains("10.9.0.1 > 10.9.0.2: ICMP echo request", StringComparison.Ordinal)));
        Assert.Equal(4, lines.Count(line => line.Contains("10.9.0.2 > 10.9.0.1: ICMP echo reply", StringComparison.Ordinal)));
        string comment = await Lab.MustAsync("strings", File);
        foreach (string line in new[] { $"vf: {_vf}", $"allocation: {result.GetProperty("allocation").GetString()}", $"owner: {Second}", $"tenant: tenant of {Second}" })
            Assert.Contains($"{line}\n", comment, StringComparison.Ordinal);
        JsonElement[] rows = [.. (await Lab.JsonAsync("ledger", "history", _vf, "--limit", "2")).EnumerateArray()];
        Assert.Equal(["capture", "capture ended"], rows.Select(row => row.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_forced_drop_is_seen_with_its_reason_and_stack()
    {
        JsonElement result = await TraceAsync("drops", "--folded", "/tmp/lab.folded", "--force");
        JsonElement drop = Assert.Single(result.GetProperty("counts").EnumerateArray(), each => each.GetProperty("name").GetString() == "NO_SOCKET");
        Assert.True(drop.GetProperty("count").GetInt32() > 0);
        string folded = await Lab.MustAsync("cat", "/tmp/lab.folded");
        Assert.Contains(folded.Split('\n'), line => line.Contains("udp", StringComparison.Ordinal) && line.Contains(";NO_SOCKET ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Interrupts_are_of_the_VF_alone()
    {
        JsonElement result = await TraceAsync("interrupts");
        HashSet<string> own = [.. await VectorsAsync(_vf)], others = [.. await VectorsAsync(_other)];
        string[] seen = [.. result.GetProperty("counts").EnumerateArray().Select(each => each.GetProperty("name").GetString()!)];
        Assert.NotEmpty(seen);
        Assert.Subset(own, seen.ToHashSet());
        Assert.Empty(seen.Intersect(others));
        foreach (string name in new[] { "between", "handler", "interrupt_to_poll" })
            Assert.True(Samples(result, name) > 0, name);
    }

    [Fact]
    public async Task Latency_has_samples_from_interrupt_to_socket_and_is_told_for_an_hour()
    {
        JsonElement result = await TraceAsync("latency");
        foreach (string name in new[] { "interrupt_to_poll", "poll", "poll_to_stack", "softirq_to_socket" })
            Assert.True(Samples(result, name) > 0, name);
        Assert.Empty(result.GetProperty("missing").EnumerateArray());
        TimeSpan took = result.GetProperty("to").GetDateTimeOffset() - result.GetProperty("from").GetDateTimeOffset();
        Assert.InRange(took.TotalSeconds, 8, 60);
    }

    private async Task<JsonElement> TraceAsync(params string[] words)
    {
        // Ended by its own group, with all that it started.
        string pid = (await Lab.MustAsync("sh", "-c", $"setsid bash -c '{Traffic.Replace("'", "'\\''", StringComparison.Ordinal)}' > /dev/null 2>&1 & echo $!")).Trim();
        try
        {
            return await Lab.JsonAsync(["trace", words[0], "--vf", _vf, "--for", "8s", .. words[1..]]);
        }
        finally
        {
            await Lab.GuestAsync("sh", "-c", $"kill -- -{int.Parse(pid, CultureInfo.InvariantCulture)}");
        }
    }

    private static long Samples(JsonElement result, string name) => result.GetProperty("histograms").EnumerateArray()
        .Where(each => each.GetProperty("name").GetString() == name).Sum(each => each.GetProperty("count").GetInt64());

    private static async Task<string[]> VectorsAsync(string bdf) =>
        (await Lab.MustAsync("ls", $"/sys/bus/pci/devices/{bdf}/msi_irqs")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task CleanAsync()
    {
        foreach (string space in (string[])[First, Second])
            await Lab.GuestAsync("ip", "netns", "delete", space);
        foreach (JsonElement vf in (await Lab.JsonAsync("ledger", "list")).EnumerateArray().ToArray())
            await Lab.VfleetAsync("release", vf.GetProperty("id").GetString()!, "--yes");
        await Lab.VfleetAsync("vf", "delete", Pf, "--yes");
    }
}
