using System.Diagnostics.CodeAnalysis;
using System.Text;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Capture;

namespace Vfleet.Telemetry.Tests.Capture;

/// <summary>Captures of a program that stands for tcpdump.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class UnitCaptureTests
{
    /// <summary>Writes the stream and waits to be ended, as tcpdump does.</summary>
    private const string Listens = "cat $FOLDER/stream\ntrap 'echo \"3 packets dropped by kernel\" >&2; exit 0' INT\nwhile :; do sleep 0.1; done";

    private static readonly CapturePoint Point = new("net1", "/run/netns/blue", IsRepresentor: false, 7);
    private static readonly DiskSpace Roomy = new(1L << 40, 1L << 41);

    [Fact]
    public async Task TheTimeEndsItAndTheFileTellsWhosePacketsItHolds()
    {
        using FakeProgram program = Listening(5);
        CaptureResult result = (await RunAsync(program, Order(program))).Value;

        Assert.Equal((5L, CaptureEnd.Time, 3L), (result.Packets, result.Ended, result.Lost));
        Assert.Null(result.Problem);
        byte[] file = await File.ReadAllBytesAsync(program.Of("a.pcapng"));
        Assert.Equal((file.LongLength, 5), (result.Bytes, PcapBytes.Packets(file)));
        string comment = Encoding.UTF8.GetString(PcapBytes.Blocks(file)[0].Content);
        foreach (string line in new[] { "host: node7", "allocation: a17", "owner: web two", "tenant: red", "asked by: anna through cli", "filter: icmp", "interface: net1" })
            Assert.Contains($"{line}\n", comment, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(program.Of("a.pcapng")));
        Assert.Equal(["a.pcapng", "stream"], program.Files);
    }

    [Fact]
    public async Task PacketsAfterTheEndAreLeftOut()
    {
        using FakeProgram program = new(Listens);
        uint now = (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await File.WriteAllBytesAsync(program.Of("stream"),
            [.. PcapBytes.Header(), .. PcapBytes.Packet(now, 0, [1]), .. PcapBytes.Packet(now + 60, 0, [2])]);
        Assert.Equal(1, (await RunAsync(program, Order(program))).Value.Packets);
    }

    [Fact]
    public async Task TheSizeEndsItWithAWholeFile()
    {
        using FakeProgram program = Listening(5000);
        CaptureResult result = (await RunAsync(program, Order(program) with { MostBytes = 20_000, Duration = TimeSpan.FromMinutes(1) })).Value;

        Assert.Equal(CaptureEnd.Size, result.Ended);
        byte[] file = await File.ReadAllBytesAsync(program.Of("a.pcapng"));
        Assert.Equal(result.Packets, PcapBytes.Packets(file));
        // The last block alone, of what was counted, comes on top.
        Assert.InRange(file.Length, 19_000, 20_100);
    }

    [Fact]
    public async Task AFullFileSystemEndsItAndWhatWasWrittenStays()
    {
        using FakeProgram program = Listening(20_000);
        int looks = 0;
        // Room for the first portion, and none after it.
        DiskSpace Room(string folder) => ++looks < 4 ? Roomy : new DiskSpace(1L << 30, 1L << 31);
        CaptureResult result = (await RunAsync(program, Order(program) with { Duration = TimeSpan.FromMinutes(1) }, Room)).Value;

        Assert.Equal((CaptureEnd.Disk, FaultKind.Refused), (result.Ended, result.Problem?.Kind));
        Assert.InRange(PcapBytes.Packets(await File.ReadAllBytesAsync(program.Of("a.pcapng"))), 1, 19_999);
    }

    [Fact]
    public async Task AFullFileSystemIsRefusedBefore()
    {
        using FakeProgram program = Listening(1);
        Fault fault = (await RunAsync(program, Order(program), _ => new DiskSpace(1L << 30, 1L << 31))).Fault!;
        Assert.Equal(FaultKind.Refused, fault.Kind);
        // 5 % of a large file system are more than 1 GiB.
        Assert.NotNull((await RunAsync(program, Order(program), _ => new DiskSpace(40L << 30, 1L << 40))).Fault);
        Assert.Equal(["stream"], program.Files);
    }

    [Fact]
    public async Task WhoeverAskedMayEndIt()
    {
        using FakeProgram program = Listening(4);
        using CancellationTokenSource end = new(TimeSpan.FromSeconds(1));
        CaptureResult result = (await RunAsync(program, Order(program) with { Duration = TimeSpan.FromMinutes(5) }, cancel: end.Token)).Value;
        Assert.Equal((4L, CaptureEnd.Signal), (result.Packets, result.Ended));
        Assert.Equal(4, PcapBytes.Packets(await File.ReadAllBytesAsync(program.Of("a.pcapng"))));
    }

    [Fact]
    public async Task AStreamThatIsCutKeepsWhatCameBefore()
    {
        using FakeProgram program = new("cat $FOLDER/stream\nkill -9 $$");
        await File.WriteAllBytesAsync(program.Of("stream"), PcapBytes.Stream(3)[..^10]);
        CaptureResult result = (await RunAsync(program, Order(program))).Value;
        Assert.Equal((2L, CaptureEnd.Interface, FaultKind.Kernel), (result.Packets, result.Ended, result.Problem?.Kind));
        Assert.Equal(2, PcapBytes.Packets(await File.ReadAllBytesAsync(program.Of("a.pcapng"))));
    }

    [Fact]
    public async Task AnInterfaceThatGoesIsTold()
    {
        using FakeProgram program = new("cat $FOLDER/stream\necho 'tcpdump: pcap_loop: The interface disappeared' >&2\nexit 1");
        await File.WriteAllBytesAsync(program.Of("stream"), PcapBytes.Stream(2));
        CaptureResult result = (await RunAsync(program, Order(program))).Value;
        Assert.Equal((2L, CaptureEnd.Interface), (result.Packets, result.Ended));
        Assert.Contains("disappeared", result.Problem?.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoFileIsLeftWhereItDoesNotBegin()
    {
        using FakeProgram program = new("echo 'tcpdump: net1: That device is not up' >&2\nexit 1");
        Fault fault = (await RunAsync(program, Order(program))).Fault!;
        Assert.Contains("not up", fault.Cause, StringComparison.Ordinal);
        Assert.Empty(program.Files);
    }

    [Fact]
    public async Task TwoAtOnceIntoOneFileLoseNothing()
    {
        using FakeProgram program = Listening(3);
        Outcome<CaptureResult>[] both = await Task.WhenAll(RunAsync(program, Order(program)), RunAsync(program, Order(program)));
        CaptureResult[] results = [.. both.Select(each => each.Value)];
        // The one that comes second says where its packets are.
        CaptureResult second = Assert.Single(results, each => each.Problem is not null);
        Assert.Contains(".part", second.Problem!.Remedy, StringComparison.Ordinal);
        Assert.All(program.Files.Where(name => name.StartsWith("a.", StringComparison.Ordinal)),
            name => Assert.Equal(3, PcapBytes.Packets(File.ReadAllBytes(program.Of(name)))));
        Assert.Equal(3, program.Files.Length);
    }

    [Fact]
    public async Task AFileThatIsThereIsReplacedOnlyOnDemandAndALinkNever()
    {
        using FakeProgram program = Listening(1);
        await File.WriteAllTextAsync(program.Of("a.pcapng"), "old");
        Assert.Equal(FaultKind.Refused, (await RunAsync(program, Order(program))).Fault?.Kind);
        Assert.Equal("old", await File.ReadAllTextAsync(program.Of("a.pcapng")));
        Assert.Null((await RunAsync(program, Order(program) with { Replaces = true })).Value.Problem);
        Assert.Equal(1, PcapBytes.Packets(await File.ReadAllBytesAsync(program.Of("a.pcapng"))));

        File.CreateSymbolicLink(program.Of("link"), program.Of("a.pcapng"));
        Assert.Equal(FaultKind.Refused,
            (await RunAsync(program, Order(program) with { File = program.Of("link"), Replaces = true })).Fault?.Kind);
        Assert.Equal(FaultKind.Refused, (await RunAsync(program, Order(program) with { File = "/dev/null", Replaces = true })).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await RunAsync(program, Order(program) with { File = "/nowhere/a.pcapng" })).Fault?.Kind);
        Assert.Equal(FaultKind.Usage, (await RunAsync(program, Order(program) with { File = Path.GetTempPath() })).Fault?.Kind);
    }

    [Fact]
    public void AFilterIsNeverTakenForAnOption()
    {
        CaptureOrder order = new() { File = "a", Duration = TimeSpan.FromSeconds(1), Filter = "-z rm" };
        Assert.Equal(["--", "-z rm"], Tcpdump.Words(Point, order).TakeLast(2));
    }

    internal static async Task<Outcome<CaptureResult>> RunAsync(
        FakeProgram program, CaptureOrder order, Func<string, DiskSpace>? space = null, CancellationToken cancel = default) =>
        await new CaptureRun(program.Start, TimeProvider.System, space ?? (_ => Roomy)).RunAsync(
            Point, order, await IdentityAsync(), null, null, cancel);

    internal static async Task<CaptureIdentity> IdentityAsync()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        VirtualFunction vf = await machine.Machine.ReadAsync(machine.Machine.Vf(1));
        LedgerAllocation allocation = new()
        {
            Id = "a17",
            Pool = "fast",
            Owner = new Owner { Name = "web\ntwo" },
            Tenant = "red",
            FrontDoor = "cni",
            Vfs = [],
            RequestedAt = DateTimeOffset.UnixEpoch,
        };
        return new CaptureIdentity("node7", vf, "fast", allocation, new Actor("cli", "anna", null), DateTimeOffset.UnixEpoch);
    }

    private static FakeProgram Listening(int packets)
    {
        FakeProgram program = new(Listens);
        File.WriteAllBytes(program.Of("stream"), PcapBytes.Stream(packets));
        return program;
    }

    private static CaptureOrder Order(FakeProgram program) =>
        new() { File = program.Of("a.pcapng"), Duration = TimeSpan.FromMilliseconds(500), Filter = "icmp" };
}
