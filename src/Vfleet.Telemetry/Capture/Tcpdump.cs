using System.Globalization;
using System.Text.RegularExpressions;
using Vfleet.Telemetry.Programs;

namespace Vfleet.Telemetry.Capture;

/// <summary>How tcpdump is called (tcpdump(1)), and what it says.</summary>
/// <param name="start">How programs are started.</param>
public sealed partial class Tcpdump(ToolStart start)
{
    /// <summary>The program, and the Debian package it is in.</summary>
    public const string Program = "tcpdump";

    /// <summary>Longest filter, characters.</summary>
    public const int LongestFilter = 4096;

    // Times as the device has them; "adapter" is set by the system's clock, "adapter_unsynced" by nobody.
    private static readonly string[] HardwareStamps = ["adapter", "adapter_unsynced"];

    /// <summary>What is said where it is missing.</summary>
    public static Fault Missing => Fault.Refused($"capture needs the program {Program}, and it is not in PATH", null, "install the package tcpdump", Program);

    /// <summary>The words of a capture.</summary>
    /// <param name="point">Where.</param>
    /// <param name="order">What.</param>
    public static IReadOnlyList<string> Words(CapturePoint point, CaptureOrder order) =>
    [
        // Not promiscuous: the interface stays as its owner has it. As root, because who changes his user outlives whoever started him
        // (prctl(2), PR_SET_PDEATHSIG); it takes no packet apart.
        Program, "-i", point.Interface, "-p", "-n", "-U", "-Z", "root", "--time-stamp-precision=nano",
        .. order.StampType is { } type ? (string[])["-j", type] : [],
        "-s", order.SnapLength.ToString(CultureInfo.InvariantCulture), "-w", "-", .. FilterWords(order.Filter),
    ];

    /// <summary>Whether it understands a filter; nothing is captured.</summary>
    /// <returns>Usage with its own words where it does not; Kernel where it could not ask the interface.</returns>
    public async Task<Outcome<Unit>> CheckFilterAsync(
        CapturePoint point, string filter, NetworkNamespace? within, CancellationToken cancel = default)
    {
        if (filter.Length > LongestFilter || filter.Any(char.IsControl))
            return Fault.Usage($"--filter has more than {LongestFilter} characters, or one that is none for the eye", "see pcap-filter(7)");
        string[] words = [Program, "-i", point.Interface, "-p", "-d", .. FilterWords(filter)];
        Outcome<(int, string, string)> ran = await ToolProcess.RunAsync(start, words, within, cancel).ConfigureAwait(false);
        if (!ran.Try(out (int ExitCode, string, string Words) ended, out Fault? fault))
            return fault;
        if (ended.ExitCode == 0)
            return Unit.Done;
        string said = Said(ended.Words) ?? $"it ended with {ended.ExitCode}";
        // What it says of the interface begins with the interface's name; all else is about the filter.
        return !said.StartsWith($"{point.Interface}: ", StringComparison.Ordinal)
            ? Fault.Usage($"tcpdump does not understand --filter \"{filter}\"", "see pcap-filter(7)", filter) with { Cause = said }
            : NotListening(point, said);
    }

    /// <summary>The type of time stamps that an interface's device makes.</summary>
    /// <returns>Refused where it makes none.</returns>
    public async Task<Outcome<string>> HardwareStampAsync(CapturePoint point, NetworkNamespace? within, CancellationToken cancel = default)
    {
        string[] words = [Program, "-i", point.Interface, "-J"];
        Outcome<(int, string, string)> ran = await ToolProcess.RunAsync(start, words, within, cancel).ConfigureAwait(false);
        if (!ran.Try(out (int, string Output, string Words) ended, out Fault? fault))
            return fault;
        string[] types = [.. $"{ended.Output}\n{ended.Words}".Split('\n').Select(line => line.Trim().Split(' ')[0])];
        return HardwareStamps.FirstOrDefault(types.Contains) is { } type
            ? type
            : Fault.Refused($"{point.Interface} has no hardware time stamps of all packets", Said(ended.Words), "leave --hw-timestamps out", point.Interface);
    }

    /// <summary>Why it does not listen.</summary>
    public static Fault NotListening(CapturePoint point, string? said) =>
        Fault.Unsupported($"tcpdump could not listen to {point.Words}", said, "see whether the interface is there and up", point.Interface);

    /// <summary>Packets that the kernel and the interface had no room for, from what it says at its end; null where it does not.</summary>
    public static long? Lost(string words)
    {
        long? sum = null;
        foreach (Match match in LostLine().Matches(words))
        {
            if (long.TryParse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
                sum = (sum ?? 0) + count;
        }
        return sum;
    }

    // What follows the two dashes is no option, whatever it begins with.
    private static string[] FilterWords(string? filter) => filter is null ? [] : ["--", filter];

    /// <summary>What it complained of, in its first line.</summary>
    private static string? Said(string words) => words.Split('\n').Select(line => line.Trim())
        .FirstOrDefault(line => line.StartsWith("tcpdump: ", StringComparison.Ordinal))?["tcpdump: ".Length..];

    [GeneratedRegex(@"^(?<count>\d+) packets? dropped by (kernel|interface)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex LostLine();
}
