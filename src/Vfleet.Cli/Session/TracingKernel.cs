using System.Diagnostics;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;

namespace Vfleet.Cli.Session;

/// <summary>
/// Prints each kernel operation that changes or asks something, with its time: <c>--verbose</c>. Of the files read in between, which are many, it
/// prints the number and the time of all together.
/// </summary>
internal sealed class TracingKernel(IKernel below, TextWriter output) : ForwardingKernel(below), IDisposable
{
    private readonly TraceLog _log = new(output);

    public override IFileTree Files => new TracingFiles(Below.Files, _log);

    public override Outcome<INetlinkSocket> OpenNetlink(
        NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        Below.OpenNetlink(protocol, within, groups).Map(socket => (INetlinkSocket)new TracingSocket(socket, protocol, _log));

    public override Outcome<NetworkNamespace> CreateNamespace(string name) =>
        Timed($"ip netns add {name}", () => Below.CreateNamespace(name));

    public override Outcome<Unit> DeleteNamespace(string name) => Timed($"ip netns delete {name}", () => Below.DeleteNamespace(name));

    public override Outcome<IPrivateNamespace> CreatePrivateNamespace() => Timed("unshare --net", Below.CreatePrivateNamespace);

    public override Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) =>
        Timed($"open vfio {address}", () => Below.OpenVfio(address, iommuGroup));

    public override Outcome<bool> IsVfioGroupOpen(int iommuGroup) =>
        Timed($"look at vfio group {iommuGroup}", () => Below.IsVfioGroupOpen(iommuGroup));

    public override Outcome<Unit> LoadModule(string name) => Timed($"modprobe {name}", () => Below.LoadModule(name));

    public override Outcome<Unit> ReloadUdevRules() => Timed("udevadm control --reload", Below.ReloadUdevRules);

    /// <summary>Prints what was read last.</summary>
    public void Dispose() => _log.Flush();

    private Outcome<T> Timed<T>(string operation, Func<Outcome<T>> work)
    {
        long started = Stopwatch.GetTimestamp();
        Outcome<T> outcome = work();
        _log.Line(Stopwatch.GetElapsedTime(started), operation, outcome.Fault);
        return outcome;
    }

    private sealed class TracingFiles(IFileTree files, TraceLog log) : IFileTree
    {
        public Outcome<string> ReadText(string path) => Read(() => files.ReadText(path));

        public Outcome<int> ReadBytes(string path, Span<byte> destination)
        {
            long started = Stopwatch.GetTimestamp();
            Outcome<int> outcome = files.ReadBytes(path, destination);
            log.Read(Stopwatch.GetElapsedTime(started));
            return outcome;
        }

        public Outcome<Unit> WriteText(string path, string text)
        {
            long started = Stopwatch.GetTimestamp();
            Outcome<Unit> outcome = files.WriteText(path, text);
            log.Line(Stopwatch.GetElapsedTime(started), $"echo {text.TrimEnd()} > {path}", outcome.Fault);
            return outcome;
        }

        public Outcome<IReadOnlyList<string>> List(string path) => Read(() => files.List(path));

        public Outcome<string> ReadLink(string path) => Read(() => files.ReadLink(path));

        public bool Exists(string path) => Read(() => files.Exists(path));

        private T Read<T>(Func<T> read)
        {
            long started = Stopwatch.GetTimestamp();
            T result = read();
            log.Read(Stopwatch.GetElapsedTime(started));
            return result;
        }
    }

    /// <summary>Prints a request when its last reply is there: the kernel works until then, on a dump above all.</summary>
    private sealed class TracingSocket(INetlinkSocket socket, NetlinkProtocol protocol, TraceLog log) : INetlinkSocket
    {
        private string? _request;
        private long _started;
        private TimeSpan _took;
        private Fault? _fault;

        public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            Flush();
            _request = $"netlink {protocol}: {Describe(datagram.Span)}";
            _started = Stopwatch.GetTimestamp();
            return Note(await socket.SendAsync(datagram, cancel).ConfigureAwait(false));
        }

        public async ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) =>
            Note(await socket.ReceiveAsync(buffer, cancel).ConfigureAwait(false));

        public void WhenSent(Action then) => socket.WhenSent(then);

        public void Dispose()
        {
            Flush();
            socket.Dispose();
        }

        private Outcome<Unit> Note(Outcome<Unit> outcome)
        {
            _took = Stopwatch.GetElapsedTime(_started);
            _fault ??= outcome.Fault;
            return outcome;
        }

        private void Flush()
        {
            if (_request is not null)
                log.Line(_took, _request, _fault);
            _request = null;
            _fault = null;
        }

        private static string Describe(ReadOnlySpan<byte> datagram)
        {
            List<string> types = [];
            NetlinkReader reader = new(datagram);
            while (reader.Read())
                types.Add(NetlinkNames.Of(reader.Current.Type, reader.Current.Flags));
            return types.Count == 1 ? types[0] : $"{types.Count} × {types.FirstOrDefault()}";
        }
    }
}
