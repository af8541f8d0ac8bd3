using Vfleet.Bench;
using Vfleet.Bench.Measurement;
using Vfleet.Bench.Rows;
using Vfleet.Bench.Rows.Cni;
using Vfleet.Bench.Rows.Node;
using Vfleet.Bench.Rows.Telemetry;

if (!BenchOptions.TryParse(args, out BenchOptions? options))
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}
IBenchmark[] chosen =
[
    .. new IBenchmark[]
    {
        new ReadVfs(256), new ReadVfs(1000), new Completeness(), new SetVfs(), new ProgramStart(),
        CreateVfs.Igb, CreateVfs.Nvme, new ResetVfs(),
        new LedgerOperations(), new AttachOverhead(), new ReclaimVfs(), new NodeRecovery(), new IdleAgent(),
        new CniCalls(), new CniAtOnce(),
        new ScrapeMany(), new ScrapeIgb(), new HistoryMemory(), new TelemetryCpu(),
    }.Where(benchmark => SuiteOf(benchmark.Name) == options.Suite
        && benchmark.Name.StartsWith(options.Only, StringComparison.Ordinal)),
];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"no benchmark's name begins with {options.Only}");
    return 2;
}
ResultTable table = new(Console.Out);
Workbench bench = new(options, table);
table.Begin();
foreach (IBenchmark benchmark in chosen)
{
    Workbench.Say(benchmark.Name);
    try
    {
        await benchmark.RunAsync(bench).ConfigureAwait(false);
    }
    catch (BenchException reason)
    {
        // One device missing must not hide the others' rows.
        table.Add(new Row(benchmark.Name, "", SampleUnit.Nanoseconds, benchmark.Promise) { Failure = reason.Message });
    }
}
if (options.Json)
    table.WriteJson();
return table.AllHold ? 0 : 1;

static string SuiteOf(string name) =>
    ((string[])["node", "cni", "telemetry"]).FirstOrDefault(suite => name.StartsWith(suite + "-", StringComparison.Ordinal)) ?? "host";
