using System.Diagnostics;
using System.Globalization;
using Vfleet.Bench.Measurement;

namespace Vfleet.Bench.Rows.Node;

/// <summary>The processor time of an agent on a machine where nothing happens, beside the time that passes meanwhile.</summary>
internal sealed class IdleAgent : IBenchmark
{
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(60);

    public string Name => "node-idle";

    public Promise Promise => Promise.AtMost(0.005);

    public async Task RunAsync(Workbench bench)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-agent-").FullName;
        ProcessStartInfo start = new(bench.Tool("vfleet"), ["agent", "--state", folder, "--socket", Path.Combine(folder, "agent.sock")]) { RedirectStandardError = true };
        using Process agent = Process.Start(start)!;
        _ = agent.StandardError.ReadToEndAsync();
        try
        {
            await Task.Delay(Settles).ConfigureAwait(false);
            if (agent.HasExited)
                throw new BenchException($"the agent ended with {agent.ExitCode}");
            agent.Refresh();
            TimeSpan before = agent.TotalProcessorTime;
            await Task.Delay(Watched).ConfigureAwait(false);
            agent.Refresh();
            double used = (agent.TotalProcessorTime - before).TotalNanoseconds;
            string resident = string.Create(CultureInfo.InvariantCulture, $"{agent.WorkingSet64 / 1048576.0:0.0} MB resident");
            bench.Add(new Row(Name, "time that passed", SampleUnit.Nanoseconds, Promise) { Ours = [used], Peers = [Watched.TotalNanoseconds], Note = resident });
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync().ConfigureAwait(false);
            Directory.Delete(folder, recursive: true);
        }
    }
}
