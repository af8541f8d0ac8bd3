using System.Diagnostics;
using System.Globalization;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;

namespace Vfleet.Cli.Session;

/// <summary>Prints each kernel operation that changes or asks something, with its time: <c>--verbose</c>.</summary>
internal sealed class TracingKernel(IKernel inner, TextWriter log) : IKernel
{
    public string Name => inner.Name;

    public bool IsSimulated => inner.IsSimulated;

    public IFileTree Files { get; } = new TracingFiles(inner.Files, log);

    public Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        inner.OpenNetlink(protocol, within, groups).Map(socket => (INetlinkSocket)new TracingSocket(socket, protocol, log));

    public Outcome<NetworkNamespace> OpenNamespace(string path) => inner.OpenNamespace(path);

    public Outcome<NetworkNamespace> CreateNamespace(string name) => Timed($"ip netns add {name}", () => inner.CreateNamespace(name));

    public Outcome<Unit> DeleteNamespace(string name) => Timed($"ip netns delete {name}", () => inner.DeleteNamespace(name));

    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) => inner.OpenPacketSocket(interfaceIndex, within);

    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => Timed($"open vfio {address}", () => inner.OpenVfio(address, iommuGroup));

    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => inner.IsVfioGroupOpen(iommuGroup);

    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null) =>
        inner.EthtoolIoctl(interfaceName, command, within);

    public Outcome<Unit> LoadModule(string name) => Timed($"modprobe {name}", () => inner.LoadModule(name));

    private Outcome<T> Timed<T>(string operation, Func<Outcome<T>> work)
    {
        long started = Stopwatch.GetTimestamp();
        Outcome<T> outcome = work();
        Line(log, started, operation, outcome.Fault);
        return outcome;
    }

    private static void Line(TextWriter log, long started, string operation, Fault? fault)
    {
        string time = Stopwatch.GetElapsedTime(started).TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture);
        // One call, so that lines of parallel operations do not mix.
        log.WriteLine(fault is null ? $"{time,10} ms  {operation}" : $"{time,10} ms  {operation}  = {fault.Errno?.ToString() ?? fault.Kind.ToString()}");
    }

    private sealed class TracingFiles(IFileTree files, TextWriter log) : IFileTree
    {
        public Outcome<string> ReadText(string path) => files.ReadText(path);

        public Outcome<int> ReadBytes(string path, Span<byte> destination) => files.ReadBytes(path, destination);

        public Outcome<Unit> WriteText(string path, string text)
        {
            long started = Stopwatch.GetTimestamp();
            Outcome<Unit> outcome = files.WriteText(path, text);
            Line(log, started, $"echo {text.TrimEnd()} > {path}", outcome.Fault);
            return outcome;
        }

        public Outcome<IReadOnlyList<string>> List(string path) => files.List(path);

        public Outcome<string> ReadLink(string path) => files.ReadLink(path);

        public bool Exists(string path) => files.Exists(path);
    }

    private sealed class TracingSocket(INetlinkSocket socket, NetlinkProtocol protocol, TextWriter log) : INetlinkSocket
    {
        public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            long started = Stopwatch.GetTimestamp();
            Outcome<Unit> outcome = await socket.SendAsync(datagram, cancel).ConfigureAwait(false);
            Line(log, started, $"netlink {protocol}: {Describe(datagram.Span)}", outcome.Fault);
            return outcome;
        }

        public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) => socket.ReceiveAsync(buffer, cancel);

        public void Dispose() => socket.Dispose();

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
