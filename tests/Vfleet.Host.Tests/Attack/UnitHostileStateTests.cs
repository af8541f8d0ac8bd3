using System.Diagnostics;
using Vfleet.Host.Attach;
using Vfleet.Host.State;
using Vfleet.Host.Tests.Isolation;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Attack;

public sealed class UnitHostileStateTests
{
    private const string Whole = """{"version":1,"vf":"0000:01:10.0","pf":"0000:01:00.0","index":0,"namespacePath":"/run/netns/x","namespaceInode":7,"requestedAt":"2026-01-01T00:00:00+00:00","baseline":{"name":"eth1"}}""";

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\u0000\u0001\u0002")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":3,\"vf\":\"0000:01:10.0\",\"pf\":\"a\",\"index\":0,\"namespacePath\":\"/x\",\"namespaceInode\":1,\"requestedAt\":\"2026-01-01T00:00:00+00:00\",\"baseline\":{}}")]
    public void ARecordThatIsNoneIsNamedAndLeft(string text) => Refused(text);

    [Theory]
    [InlineData("\"vf\":\"0000:01:10.0\"", "\"vf\":null")]
    [InlineData("\"vf\":\"0000:01:10.0\"", "\"vf\":\"0000:01:10.2\"")]
    [InlineData("\"vf\":\"0000:01:10.0\"", "\"vf\":\"../../../etc/passwd\"")]
    [InlineData("\"namespacePath\":\"/run/netns/x\"", "\"namespacePath\":null")]
    [InlineData("\"baseline\":{\"name\":\"eth1\"}", "\"baseline\":null")]
    [InlineData("{\"name\":\"eth1\"}", "{\"altNames\":null}")]
    [InlineData("{\"name\":\"eth1\"}", "{\"altNames\":[null]}")]
    [InlineData("{\"name\":\"eth1\"}", "{\"addresses\":null}")]
    [InlineData("{\"name\":\"eth1\"}", "{\"addresses\":[null]}")]
    [InlineData("{\"name\":\"eth1\"}", "{\"addresses\":[{\"address\":null}]}")]
    [InlineData("\"index\":0", "\"index\":99999999999")]
    public void ARecordWithAHoleOrAnotherVfsNameIsRefused(string part, string instead) => Refused(Whole.Replace(part, instead, StringComparison.Ordinal));

    [Fact]
    public void ARecordWithoutListsHasEmptyOnes()
    {
        using TemporaryFolder state = new();
        string folder = Directory.CreateDirectory(Path.Combine(state.Path, "attachments")).FullName;
        File.WriteAllText(Path.Combine(folder, "0000:01:10.0.json"), Whole);
        Baseline baseline = new AttachmentStore(state.Path).Find("0000:01:10.0").Value!.Baseline;
        Assert.Equal(("eth1", 0, 0), (baseline.Name, baseline.AltNames.Count, baseline.Addresses.Count));
    }

    [Fact]
    public void AHugeRecordIsNotRead() => Refused(Whole + new string(' ', 2 << 20));

    [Fact]
    public async Task APipeInTheDirectoryOfRecordsHoldsNobodyUp()
    {
        using TemporaryFolder state = new();
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(state.Path, "attachments")).FullName, "0000:01:10.0.json");
        using (Process made = Process.Start("mkfifo", path))
            await made.WaitForExitAsync();
        Task<Outcome<IReadOnlyList<AttachmentRecord>>> list = Task.Run(new AttachmentStore(state.Path).List);
        Fault fault = (await list.WaitAsync(TimeSpan.FromSeconds(10))).Fault!;
        Assert.Equal((FaultKind.Internal, path), (fault.Kind, fault.Target));
    }

    [Fact]
    public async Task ADetachByAForeignRecordTouchesNoVf()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        _ = (await machine.Host.Attacher.AttachAsync(new AttachRequest { Vf = $"{machine.Pf}/0", NamespacePath = "/run/netns/blue" })).Value;
        string folder = Path.Combine(machine.Host.Options.StateDirectory, "attachments");
        File.Copy(Path.Combine(folder, "0000:01:10.0.json"), Path.Combine(folder, "0000:01:10.2.json"));
        string[] before = await machine.DescribeAsync();
        Fault fault = (await machine.Host.Detacher.DetachAsync($"{machine.Pf}/1")).Fault!;
        Assert.Equal("it is about 0000:01:10.0", fault.Cause);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AFileInPlaceOfTheStateDirectoryIsSaidAtOnceAndNothingChanges()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 1);
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        using TemporaryFolder other = new();
        string file = Path.Combine(other.Path, "file");
        await File.WriteAllTextAsync(file, "x");
        SriovHost host = new(machine.Kernel, new HostOptions { StateDirectory = file });
        string[] before = await machine.DescribeAsync();
        long started = Stopwatch.GetTimestamp();
        Fault fault = (await host.Attacher.AttachAsync(new AttachRequest { Vf = $"{machine.Pf}/0", NamespacePath = "/run/netns/blue" })).Fault!;
        Assert.Equal(FaultKind.Kernel, fault.Kind);
        Assert.True(Stopwatch.GetElapsedTime(started) < host.Options.LockDeadline, "a lock that cannot be made was waited for as if another process held it");
        Assert.Equal(before, await machine.DescribeAsync());
    }

    private static void Refused(string text)
    {
        using TemporaryFolder state = new();
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(state.Path, "attachments")).FullName, "0000:01:10.0.json");
        File.WriteAllText(path, text);
        Fault one = new AttachmentStore(state.Path).Find("0000:01:10.0").Fault!;
        Fault all = new AttachmentStore(state.Path).List().Fault!;
        Assert.Equal((FaultKind.Internal, path, FaultKind.Internal, path), (one.Kind, one.Target, all.Kind, all.Target));
        Assert.Equal(text, File.ReadAllText(path));
    }
}
