using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vfleet.Bench;

/// <summary>What <c>Bench.Host</c> was asked for.</summary>
internal sealed record BenchOptions
{
    public const string Usage = "usage: Bench.Host --tools DIRECTORY [--suite host|node|cni|telemetry] [--plugin PATH] [--rounds N] [--only NAME] [--json]";

    /// <summary>Directory of the peers: netlink-get, vfio-reset, create.sh, reset.sh, and the programs to be started.</summary>
    public required string Tools { get; init; }

    /// <summary>Rounds of the quick rows; the slow ones have a limit of their own.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Runs only the benchmarks whose name begins so.</summary>
    public string Only { get; init; } = "";

    /// <summary>Which benchmarks run: host, node, cni or telemetry.</summary>
    public string Suite { get; init; } = "host";

    /// <summary>A CNI plugin to measure; ours when null.</summary>
    public string? Plugin { get; init; }

    /// <summary>Ends with one line of JSON for each row.</summary>
    public bool Json { get; init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out BenchOptions? options)
    {
        options = new BenchOptions { Tools = "" };
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--json": options = options with { Json = true }; continue;
                case "--tools" when value.Length > 0: options = options with { Tools = value }; break;
                case "--suite" when value is "host" or "node" or "cni" or "telemetry": options = options with { Suite = value }; break;
                case "--plugin" when value.Length > 0: options = options with { Plugin = value }; break;
                case "--only" when value.Length > 0: options = options with { Only = value }; break;
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) && rounds is > 0 and <= 1000:
                    options = options with { Rounds = rounds };
                    break;
                default:
                    options = null;
                    return false;
            }
            i++;
        }
        if (options.Tools.Length > 0)
            return true;
        options = null;
        return false;
    }
}
