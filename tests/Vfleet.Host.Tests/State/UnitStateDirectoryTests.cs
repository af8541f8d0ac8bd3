using System.Diagnostics.CodeAnalysis;
using Vfleet.Host.Locks;
using Vfleet.Host.State;

namespace Vfleet.Host.Tests.State;

[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class UnitStateDirectoryTests : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private readonly string _parent = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    private string State => $"{_parent}/state";

    [Fact]
    public async Task NobodyElseMayOpenWhatIsKept()
    {
        HostOptions options = new() { StateDirectory = State };
        Assert.Null((await new ForceLog(options, null).AppendAsync("vf set eth0/0", [])).Fault);
        _ = new AttachmentStore(State).Save(Record()).Value;
        using DeviceLock held = (await DeviceLock.ForVfAsync(options, "0000:01:00.0", 0, default)).Value;
        foreach (string path in Directory.GetFileSystemEntries(_parent, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Everybody);
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    private static AttachmentRecord Record() => new()
    {
        Vf = "0000:01:10.0",
        Pf = "0000:01:00.0",
        Index = 0,
        NamespacePath = "/run/netns/blue",
        NamespaceInode = 1,
        RequestedAt = DateTimeOffset.UnixEpoch,
        Baseline = new Baseline(),
    };
}
