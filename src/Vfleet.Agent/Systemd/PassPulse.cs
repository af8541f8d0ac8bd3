using Vfleet.Linux.Netlink;

namespace Vfleet.Agent.Systemd;

/// <summary>
/// Feeds the manager's watchdog while a pass that takes long goes on: with each step on the kernel, after half of the manager's patience.
/// A pass that hangs takes no step. What the API or the events do meanwhile counts nothing.
/// </summary>
/// <param name="notifier">Whom to tell.</param>
/// <param name="time">Clock.</param>
public sealed class PassPulse(ServiceNotifier notifier, TimeProvider time)
{
    private readonly AsyncLocal<bool> _isPass = new();
    private long _fedAt;

    /// <summary>Makes a pass.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> pass)
    {
        Interlocked.Exchange(ref _fedAt, time.GetTimestamp());
        // Ends with this method; until then everything that is begun in it is the pass.
        _isPass.Value = true;
        return await pass().ConfigureAwait(false);
    }

    /// <summary>The kernel, whose use by a pass is told to the manager.</summary>
    public IKernel On(IKernel kernel) => notifier.Watchdog is null ? kernel : new PulsingKernel(kernel, this);

    private void Step()
    {
        long fed = Interlocked.Read(ref _fedAt);
        if (_isPass.Value && time.GetElapsedTime(fed) >= notifier.Watchdog / 2
            && Interlocked.CompareExchange(ref _fedAt, time.GetTimestamp(), fed) == fed)
            notifier.Alive();
    }

    private sealed class PulsingKernel(IKernel below, PassPulse pulse) : ForwardingKernel(below)
    {
        public override IFileTree Files
        {
            get
            {
                pulse.Step();
                return Below.Files;
            }
        }

        public override Outcome<INetlinkSocket> OpenNetlink(
            NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups)
        {
            pulse.Step();
            return Below.OpenNetlink(protocol, within, groups);
        }

        public override Outcome<NetworkNamespace> OpenNamespace(string path)
        {
            pulse.Step();
            return Below.OpenNamespace(path);
        }
    }
}
