using System.Globalization;
using System.Text.RegularExpressions;
using Vfleet.Telemetry.Programs;

namespace Vfleet.Telemetry.Tracing;

/// <summary>What this kernel lets be traced.</summary>
public sealed partial record TraceKernel
{
    /// <summary>Where the kernel shows its trace points (tracefs).</summary>
    public const string TraceFolder = "/sys/kernel/tracing";

    private const string OlderFolder = "/sys/kernel/debug/tracing";

    /// <summary>Its types are known (BTF), which programs need to read its structures.</summary>
    public bool HasTypes { get; init; }

    /// <summary>Trace points that are there, as <c>irq:irq_handler_entry</c>.</summary>
    public IReadOnlySet<string> Points { get; init; } = new HashSet<string>();

    /// <summary>The function that every driver's NAPI poll goes through can be probed.</summary>
    public bool HasPoll { get; init; }

    /// <summary>Names of the reasons for drops, by number; empty where it tells no reasons (before Linux 5.17).</summary>
    public IReadOnlyDictionary<int, string> DropReasons { get; init; } = new Dictionary<int, string>();

    /// <summary>A drop tells the socket it was for (Linux 6.11).</summary>
    public bool TellsDropSocket { get; init; }

    /// <summary>Looks what is there. Equivalent to <c>bpftrace -l</c> for what programs use.</summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="start">How programs are started.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Refused where nothing can be traced.</returns>
    public static async Task<Outcome<TraceKernel>> ReadAsync(IFileTree files, ToolStart start, CancellationToken cancel = default)
    {
        string? folder = new[] { TraceFolder, OlderFolder }.FirstOrDefault(each => files.Exists($"{each}/events"));
        if (folder is null)
        {
            return Fault.Refused("this kernel's trace points cannot be seen", $"tracefs is not mounted on {TraceFolder}",
                $"`mount -t tracefs tracefs {TraceFolder}`");
        }
        Outcome<(int, string, string)> asked =
            await ToolProcess.RunAsync(start, [Bpftrace.Program, "-l", $"kprobe:{TraceProgram.PollFunction}"], null, cancel).ConfigureAwait(false);
        if (!asked.Try(out (int, string Output, string) told, out Fault? fault))
            return fault;
        string format = files.ReadText($"{folder}/events/skb/kfree_skb/format").Or(null) ?? "";
        return new TraceKernel
        {
            HasTypes = files.Exists("/sys/kernel/btf/vmlinux"),
            Points = TraceProgram.Points.Where(point => files.Exists($"{folder}/events/{point.Replace(':', '/')}"))
                .ToHashSet(StringComparer.Ordinal),
            HasPoll = files.Exists($"{folder}/kprobe_events") && told.Output.Contains(TraceProgram.PollFunction, StringComparison.Ordinal),
            DropReasons = Reasons(format),
            TellsDropSocket = format.Contains(" rx_sk;", StringComparison.Ordinal),
        };
    }

    /// <summary>The kernel's own names of reasons, from how it prints the trace point.</summary>
    internal static IReadOnlyDictionary<int, string> Reasons(string format)
    {
        Dictionary<int, string> names = [];
        if (!format.Contains(" reason;", StringComparison.Ordinal))
            return names;
        foreach (Match match in Reason().Matches(format))
        {
            if (int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                names[number] = match.Groups["name"].Value;
        }
        return names;
    }

    [GeneratedRegex("""\{ *(?<number>[0-9]+), "(?<name>[A-Za-z0-9_]{1,64})" *\}""", RegexOptions.ExplicitCapture)]
    private static partial Regex Reason();
}
