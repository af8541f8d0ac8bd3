using System.Runtime.CompilerServices;
using Vfleet.Telemetry.Programs;

namespace Vfleet.Telemetry.Capture;

/// <summary>
/// One capture: tcpdump's packets become a pcapng file until time, size, room or patience ends. The file is whole however it ends, except
/// by the death of this process, which leaves the draft beside its place.
/// </summary>
/// <param name="start">How programs are started.</param>
/// <param name="time">The clock.</param>
/// <param name="space">Tells the room of a file system.</param>
public sealed class CaptureRun(ToolStart start, TimeProvider time, Func<string, DiskSpace> space)
{
    /// <summary>The kernel hands packets over in portions, the last one up to a second late (packet(7), TPACKET_V3).</summary>
    private static readonly TimeSpan Portion = TimeSpan.FromMilliseconds(1200);

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30), Kindness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenReports = TimeSpan.FromMilliseconds(250);

    private TimeProvider Clock => time;

    /// <summary>Captures.</summary>
    /// <param name="point">Where.</param>
    /// <param name="order">What.</param>
    /// <param name="identity">Whose packets they are.</param>
    /// <param name="within">The namespace the interface is in; this process's own when null.</param>
    /// <param name="report">Told how far it is.</param>
    /// <param name="cancel">Ends the capture; what it has stays.</param>
    /// <returns>Why there is no file.</returns>
    public async Task<Outcome<CaptureResult>> RunAsync(CapturePoint point, CaptureOrder order, CaptureIdentity identity,
        NetworkNamespace? within, Action<CaptureProgress>? report = null, CancellationToken cancel = default)
    {
        if (!CaptureFile.Create(order, space, time).Try(out CaptureFile? file, out Fault? fault))
            return fault;
        using (file)
        {
            if (!ToolProcess.Start(start, Tcpdump.Words(point, order), within).Try(out ToolProcess? tool, out fault))
                return fault;
            await using (tool.ConfigureAwait(false))
                return await new Listening(this, tool, file, point, order).RunAsync(identity, report, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>One program that listens.</summary>
    private sealed class Listening(CaptureRun run, ToolProcess tool, CaptureFile file, CapturePoint point, CaptureOrder order)
    {
        private readonly PcapngWriter _writer = new();
        private readonly PcapStream _stream = new(tool.Output);
        /// <summary>LINKTYPE_ETHERNET. A name that libpcap takes for something else, such as <c>any</c> or <c>usbmon0</c>, gives another.</summary>
        private const int Ethernet = 1;

        private int _end = -1;
        private long _packets;
        private Fault? _problem;

        private TimeProvider Time => run.Clock;

        public async Task<Outcome<CaptureResult>> RunAsync(CaptureIdentity identity, Action<CaptureProgress>? report, CancellationToken cancel)
        {
            using CancellationTokenRegistration asked = cancel.Register(() => End(CaptureEnd.Signal));
            Outcome<PcapHeader?> began;
            await using (Time.CreateTimer(_ => tool.Interrupt(), null, StartDeadline, Kindness).ConfigureAwait(false))
                began = await _stream.ReadHeaderAsync(CancellationToken.None).ConfigureAwait(false);
            if (!began.Try(out PcapHeader? header, out Fault? fault))
                return fault;
            if (header is not { } described)
            {
                await tool.EndedAsync().ConfigureAwait(false);
                cancel.ThrowIfCancellationRequested();
                return Tcpdump.NotListening(point, tool.LastWords);
            }
            if (described.LinkType != Ethernet)
            {
                tool.Interrupt();
                await tool.EndedAsync().ConfigureAwait(false);
                return Fault.Refused($"what is called {point.Interface} there is no Ethernet interface", $"its frames are of type {described.LinkType}", "nothing was kept; look at the VF again", point.Interface);
            }
            DateTimeOffset from = Time.GetUtcNow();
            _writer.Section(identity.Comment(point, order), "vfleet capture");
            if (Keep(_writer.Block) is { } first)
                return first.Problem ?? TooSmall();
            _writer.Interface(new PcapngInterface(
                point.Interface, $"{identity.Vf.Label} of {identity.Vf.Pf.Label}", described.LinkType, (uint)order.SnapLength, order.Filter));
            if (Keep(_writer.Block) is { } second)
                return second.Problem ?? TooSmall();
            fault = await CopyAsync(from, report).ConfigureAwait(false);
            await tool.EndedAsync().ConfigureAwait(false);
            return Finish(from, fault);
        }

        private async Task<Fault?> CopyAsync(DateTimeOffset from, Action<CaptureProgress>? report)
        {
            DateTimeOffset to = from + order.Duration;
            // The device's clock may be another than the system's: packets after the end cannot be told by it.
            ulong last = order.StampType is not null ? ulong.MaxValue : PcapngWriter.Nanoseconds(to);
            TimeSpan wait = order.StampType is not null ? order.Duration : order.Duration + Portion;
            await using ConfiguredAsyncDisposable timer =
                Time.CreateTimer(_ => End(CaptureEnd.Time), null, wait, Kindness).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable reports = Time.CreateTimer(_ => Report(to, report), null, BetweenReports, BetweenReports)
                .ConfigureAwait(false);
            while (true)
            {
                if (!(await _stream.ReadAsync().ConfigureAwait(false)).Try(out PcapPacket? next, out Fault? fault))
                {
                    // A program that was killed on demand may leave half a packet.
                    End(CaptureEnd.Interface);
                    return fault;
                }
                if (next is not { } packet)
                {
                    End(CaptureEnd.Interface);
                    return null;
                }
                if (_end is (int)CaptureEnd.Size or (int)CaptureEnd.Disk || packet.Nanoseconds > last)
                    continue;
                _writer.Packet(packet);
                if (Keep(_writer.Block) is { } full)
                {
                    End(full.End);
                    _problem = full.Problem;
                    continue;
                }
                Interlocked.Increment(ref _packets);
            }
        }

        private (CaptureEnd End, Fault? Problem)? Keep(ReadOnlyMemory<byte> block) => file.Add(block);

        private Fault TooSmall() => Fault.Usage($"{order.MostBytes} bytes hold no packet beside what the file says of itself",
            "allow more with --max", order.File);

        private Outcome<CaptureResult> Finish(DateTimeOffset from, Fault? broken)
        {
            DateTimeOffset to = Time.GetUtcNow();
            if (to > from + order.Duration)
                to = from + order.Duration;
            long? lost = Tcpdump.Lost(tool.Words);
            _writer.Statistics(from, to, _packets, lost);
            file.AddLast(_writer.Block);
            Fault? notKept = file.Keep();
            CaptureEnd end = (CaptureEnd)_end;
            if (end == CaptureEnd.Interface && broken is null)
                broken = Fault.Unsupported("tcpdump ended by itself before the time was over", tool.LastWords,
                    "see whether the interface is still there", point.Interface);
            return new CaptureResult(order.File, _packets, file.Length, from, to, end, lost, notKept ?? _problem ?? broken);
        }

        /// <summary>Ends it for a reason; the first counts. Called again where the program has not ended meanwhile.</summary>
        private void End(CaptureEnd why)
        {
            Interlocked.CompareExchange(ref _end, (int)why, -1);
            tool.Interrupt();
        }

        private void Report(DateTimeOffset to, Action<CaptureProgress>? report)
        {
            TimeSpan left = to - Time.GetUtcNow();
            report?.Invoke(new CaptureProgress(Interlocked.Read(ref _packets), file.Length, left > TimeSpan.Zero ? left : TimeSpan.Zero));
        }
    }
}
