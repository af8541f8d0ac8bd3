using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Documents;
using Vfleet.Telemetry;
using Vfleet.Telemetry.Drivers;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;
using Vfleet.Telemetry.Scrape;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet metrics</c></summary>
internal static class MetricsCommand
{
    public static Command Create()
    {
        Option<string?> file =
            new("--textfile") { Description = "Write this file for node_exporter's textfile collector instead; it ends in .prom" };
        Option<bool> open = new("--openmetrics") { Description = "Print OpenMetrics instead of Prometheus's text format" };
        Command metrics = new("metrics", "Print metrics of every VF once, as Prometheus reads them; no agent is needed") { file, open };
        metrics.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            string? path = parsed.GetValue(file);
            if (path is not null && parsed.GetValue(open))
                return Fault.Usage("--textfile and --openmetrics exclude each other: node_exporter reads the text format alone");
            if (path is null && !session.Output.IsForPeople)
                return Fault.Usage("metrics have a format of their own", "leave -o out", session.Output.Format);
            if (!session.NodeToLookAt().Try(out LocalNode? node, out Fault? fault))
                return fault;
            (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Load(node.Host.Kernel.Files);
            foreach (DocumentProblem problem in problems)
                HandOut.Warn([$"a map of a driver's counters is passed over: {problem}"]);
            Outcome<TelemetryReading> read =
                await new TelemetryReader(node, Environment.MachineName, maps).ReadAsync(cancel).ConfigureAwait(false);
            if (!read.Try(out TelemetryReading? reading, out fault))
                return fault;
            ExpositionFormat format = parsed.GetValue(open) ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
            byte[] text = ExpositionWriter.Write(NodeMetrics.Of(reading), format);
            if (path is null)
            {
                Console.Out.Write(System.Text.Encoding.UTF8.GetString(text));
                return null;
            }
            if (MetricsFile.Write(path, text).Fault is { } notWritten)
                return notWritten;
            session.Output.Done($"{path} holds the metrics of {reading.Node.Machine.Vfs.Count} VFs",
                new JsonObject { ["path"] = path, ["vfs"] = reading.Node.Machine.Vfs.Count });
            return null;
        }));
        return metrics;
    }
}
