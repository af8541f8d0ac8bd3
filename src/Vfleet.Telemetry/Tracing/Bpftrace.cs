using System.Diagnostics;
using Vfleet.Telemetry.Programs;

namespace Vfleet.Telemetry.Tracing;

/// <summary>Runs bpftrace (bpftrace(8)) with a program of ours.</summary>
/// <param name="start">How programs are started.</param>
/// <param name="time">The clock.</param>
public sealed class Bpftrace(ToolStart start, TimeProvider time)
{
    /// <summary>The program, and the Debian package it is in.</summary>
    public const string Program = "bpftrace";

    // Attaching has taken 20 s on a machine whose processors were busy.
    private static readonly TimeSpan AttachDeadline = TimeSpan.FromMinutes(3), Kindness = TimeSpan.FromMinutes(1);

    /// <summary>What is said where it is missing.</summary>
    public static Fault Missing =>
        Fault.Refused($"trace needs the program {Program}, and it is not in PATH", null, "install the package bpftrace", Program);

    /// <summary>Traces.</summary>
    /// <param name="program">The program.</param>
    /// <param name="reasons">Names of reasons for drops.</param>
    /// <param name="duration">How long, from when all is attached.</param>
    /// <param name="attached">Told when that is.</param>
    /// <param name="cancel">Ends it; what it has stays where all was attached.</param>
    /// <returns>What it printed, and from when to when. Kernel where it could not attach or was killed.</returns>
    public async Task<Outcome<(BpftraceOutput Output, DateTimeOffset From, DateTimeOffset To)>> RunAsync(TraceProgram program,
        IReadOnlyDictionary<int, string> reasons, TimeSpan duration, Action? attached = null, CancellationToken cancel = default)
    {
        if (!ToolProcess.Start(Roomy, [Program, "-f", "json", "-e", program.Text], null).Try(out ToolProcess? tool, out Fault? fault))
            return fault;
        await using (tool.ConfigureAwait(false))
        {
            // A second request would end it while it prints.
            int asked = 0;
            using CancellationTokenRegistration whenCancelled = cancel.Register(AskOnce);
            BpftraceOutput output = new(reasons);
            using StreamReader lines = new(tool.Output);
            DateTimeOffset from = default;
            ITimer end = time.CreateTimer(_ => AskOnce(), null, AttachDeadline, Timeout.InfiniteTimeSpan);
            ITimer late = time.CreateTimer(_ => tool.Interrupt(), null, AttachDeadline + Kindness, Kindness);
            await using (end.ConfigureAwait(false))
            await using (late.ConfigureAwait(false))
            {
                while (await lines.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
                {
                    output.Read(line);
                    if (!output.IsReady || from != default)
                        continue;
                    from = time.GetUtcNow();
                    end.Change(duration, Timeout.InfiniteTimeSpan);
                    late.Change(duration + Kindness, Kindness);
                    attached?.Invoke();
                }
            }
            DateTimeOffset to = time.GetUtcNow();
            int code = await tool.EndedAsync().ConfigureAwait(false);
            if (from != default && (code == 0 || output.HasEnded))
                return (output, from, to);
            cancel.ThrowIfCancellationRequested();
            return NotTraced(tool, from == default, code);

            void AskOnce()
            {
                if (Interlocked.Exchange(ref asked, 1) == 0)
                    tool.Interrupt();
            }
        }
    }

    /// <summary>With room for as many packets on their way at once as a busy VF has; 4096 by default.</summary>
    private ProcessStartInfo Roomy(IReadOnlyList<string> words)
    {
        ProcessStartInfo info = start(words);
        info.Environment["BPFTRACE_MAP_KEYS_MAX"] = "16384";
        return info;
    }

    private static Fault NotTraced(ToolProcess tool, bool isBefore, int code)
    {
        // It complains of a limit on memory that is none since Linux 5.11, and goes on.
        string? said = tool.Words.Split('\n').Select(line => line.Trim()).LastOrDefault(line =>
            line.Contains("ERROR", StringComparison.Ordinal) && !line.Contains("RLIMIT_MEMLOCK", StringComparison.Ordinal));
        return Fault.Unsupported(isBefore ? "bpftrace could not attach its probes" : "bpftrace ended without its results",
            said ?? tool.LastWords ?? $"it ended with {code}", "see whether `bpftrace -e 'BEGIN { exit(); }'` works as root", Program);
    }
}
