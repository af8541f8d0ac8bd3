using System.Collections.Concurrent;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;

namespace Vfleet.Host.Tests;

/// <summary>How a watched operation goes wrong.</summary>
public enum Strike
{
    /// <summary>It is not carried out and answers EIO.</summary>
    Refused,

    /// <summary>It is carried out, but the answer is lost: EIO.</summary>
    AnswerLost,

    /// <summary>It is carried out; then the caller is cancelled, as by Ctrl-C.</summary>
    Cancelled,

    /// <summary>It and every later one is not carried out and answers EIO, as when the process dies there.</summary>
    RefusedFromHere,
}

/// <summary>A kernel that lists the operations on another, and makes the one it is asked for go wrong.</summary>
internal sealed class WatchedKernel(IKernel below) : ForwardingKernel(below)
{
    private readonly ConcurrentQueue<string> _operations = new();
    private (int At, Strike How) _strike = (int.MaxValue, Strike.Refused);
    private (int At, Action Effect)? _effect;
    private int _count;

    public override IFileTree Files => new WatchedFiles(this, Below.Files);

    /// <summary>Operations since the last <see cref="Watch"/>, in order: what they are and on what.</summary>
    public IReadOnlyList<string> Operations => [.. _operations];

    /// <summary>Ends the caller when the strike is <see cref="Strike.Cancelled"/>.</summary>
    public CancellationTokenSource Cancel { get; private set; } = new();

    /// <summary>Counts from zero again; nothing goes wrong.</summary>
    public void Watch()
    {
        _operations.Clear();
        _count = 0;
        _effect = null;
        _strike = (int.MaxValue, Strike.Refused);
        Cancel = new CancellationTokenSource();
    }

    /// <summary>Counts from zero again; the operation of that number, from 0, goes wrong.</summary>
    public void StrikeAt(int operation, Strike how)
    {
        Watch();
        _strike = (operation, how);
    }

    /// <summary>False where the strike is the same as another: a reading whose answer is lost was as good as refused.</summary>
    public static bool IsWorthStriking(string operation, Strike how) => how is Strike.Refused or Strike.RefusedFromHere
        || operation.StartsWith("send ", StringComparison.Ordinal) || operation.StartsWith("write ", StringComparison.Ordinal);

    /// <summary>Counts from zero again; the effect happens right before the operation of that number.</summary>
    public void StrikeAt(int operation, Action effect)
    {
        Watch();
        _effect = (operation, effect);
    }

    public override Outcome<INetlinkSocket> OpenNetlink(
        NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups)
    {
        uint[] wanted = groups.ToArray();
        return Run($"open netlink {protocol}", () => Below.OpenNetlink(protocol, within, wanted).Map(socket => (INetlinkSocket)new WatchedSocket(this, socket)));
    }

    public override Outcome<NetworkNamespace> OpenNamespace(string path) => Run($"open namespace {path}", () => Below.OpenNamespace(path));

    public override Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) =>
        Run($"vfio {address}", () => Below.OpenVfio(address, iommuGroup));

    public override Outcome<bool> IsVfioGroupOpen(int iommuGroup) =>
        Run($"vfio group {iommuGroup}", () => Below.IsVfioGroupOpen(iommuGroup));

    public override Outcome<Unit> LoadModule(string name) => Run($"modprobe {name}", () => Below.LoadModule(name));

    public override Outcome<Unit> ReloadUdevRules() => Run("udevadm", Below.ReloadUdevRules);

    private Outcome<T> Run<T>(string operation, Func<Outcome<T>> work)
    {
        _operations.Enqueue(operation);
        int number = Interlocked.Increment(ref _count) - 1;
        if (_effect is { } effect && effect.At == number)
            effect.Effect();
        Strike? strike = number == _strike.At || (number > _strike.At && _strike.How == Strike.RefusedFromHere) ? _strike.How : null;
        if (strike is Strike.Refused or Strike.RefusedFromHere)
            return Broken(operation);
        Outcome<T> outcome = work();
        if (strike == Strike.Cancelled)
            Cancel.Cancel();
        if (strike != Strike.AnswerLost)
            return outcome;
        (outcome.Or(default) as IDisposable)?.Dispose();
        return Broken(operation);
    }

    private static Fault Broken(string operation) => Fault.FromErrno(Errno.EIO, operation, "struck on purpose");

    private sealed class WatchedFiles(WatchedKernel kernel, IFileTree files) : IFileTree
    {
        public Outcome<string> ReadText(string path) => kernel.Run($"read {path}", () => files.ReadText(path));

        public Outcome<int> ReadBytes(string path, Span<byte> destination) => files.ReadBytes(path, destination);

        public Outcome<Unit> WriteText(string path, string text) => kernel.Run($"write {path}", () => files.WriteText(path, text));

        public Outcome<IReadOnlyList<string>> List(string path) => kernel.Run($"list {path}", () => files.List(path));

        public Outcome<string> ReadLink(string path) => kernel.Run($"readlink {path}", () => files.ReadLink(path));

        public bool Exists(string path) => files.Exists(path);
    }

    private sealed class WatchedSocket(WatchedKernel kernel, INetlinkSocket socket) : INetlinkSocket
    {
        public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            NetlinkReader reader = new(datagram.Span);
            string what = reader.Read() ? $"send {reader.Current.Type}" : "send";
            // The simulated kernel carries out and answers within the call.
            return new(kernel.Run(what, () => socket.SendAsync(datagram, cancel).AsTask().GetAwaiter().GetResult()));
        }

        public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) => socket.ReceiveAsync(buffer, cancel);

        public void Dispose() => socket.Dispose();
    }
}
