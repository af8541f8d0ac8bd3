using Vfleet.Bench.Measurement;
using Vfleet.Host;
using Vfleet.Linux;
using Vfleet.Linux.Real;

namespace Vfleet.Bench;

/// <summary>What every benchmark works with.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="table">Where rows go.</param>
internal sealed class Workbench(BenchOptions options, ResultTable table)
{
    private const int SlowRounds = 3;

    public IKernel Kernel { get; } = new LinuxKernel();

    public HostOptions Host { get; } = new() { StateDirectory = Path.Combine(Path.GetTempPath(), "vfleet-bench") };

    public int Rounds => options.Rounds;

    /// <summary>Rounds of what takes seconds each: the whole run has to end within minutes.</summary>
    public int FewRounds => Math.Min(options.Rounds, SlowRounds);

    /// <summary>The CNI plugin to measure.</summary>
    public string Plugin => options.Plugin ?? Tool("sriov");

    public string Tool(string name) => Path.Combine(options.Tools, name);

    public void Add(Row row) => table.Add(row);

    /// <summary>A line for whoever waits.</summary>
    public static void Say(string text) => Console.Error.WriteLine($"bench: {text}");
}

/// <summary>Measures one or several rows.</summary>
internal interface IBenchmark
{
    /// <summary>Name for <c>--only</c>.</summary>
    string Name { get; }

    /// <summary>What is printed when it cannot be measured.</summary>
    Promise Promise { get; }

    Task RunAsync(Workbench bench);
}
