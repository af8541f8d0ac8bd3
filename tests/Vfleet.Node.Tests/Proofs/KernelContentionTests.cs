using System.Diagnostics;
using System.Globalization;
using Vfleet.Node.Ledger;
using Vfleet.Node.Tests.Ledger;
using Xunit.Abstractions;

namespace Vfleet.Node.Tests.Proofs;

/// <summary>Many processes, one ledger on a real disk.</summary>
public sealed class KernelContentionTests(ITestOutputHelper output)
{
    private const int Processes = 64, Vfs = 7;
    private const int Enough = 300;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), Longest = TimeSpan.FromSeconds(15), Deadline = TimeSpan.FromMinutes(2);

    private static readonly string Dotnet = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    [Fact]
    public async Task SixtyFourProcessesNeverHaveAVfTwiceAndLoseNone()
    {
        using LedgerFolder folder = new(Vfs);
        string guards = Directory.CreateDirectory(Path.Combine(folder.Options.StateDirectory, "guards")).FullName;
        using CancellationTokenSource late = new(Deadline);
        Process[] processes = [.. Enumerable.Range(0, Processes).Select(_ => Start(folder.Options.StateDirectory, guards))];
        try
        {
            foreach (Process process in processes)
                Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(late.Token));
            await File.WriteAllTextAsync(Path.Combine(guards, "go"), "", late.Token);
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < Longest && folder.Ledger.Read(view => view.Allocations().Count).Value < Enough)
                await Task.Delay(Look, late.Token);
            await File.WriteAllTextAsync(Path.Combine(guards, "stop"), "", late.Token);
            long had = 0;
            foreach (Process process in processes)
            {
                string told = (await process.StandardOutput.ReadToEndAsync(late.Token)).Trim();
                await process.WaitForExitAsync(late.Token);
                Assert.True(process.ExitCode == 0, told);
                had += long.Parse(told, CultureInfo.InvariantCulture);
            }
            output.WriteLine($"{Processes} processes had {had} VFs");
            Check(folder, had);
        }
        finally
        {
            foreach (Process process in processes)
            {
                if (!process.HasExited)
                    process.Kill();
                process.Dispose();
            }
        }
    }

    private static void Check(LedgerFolder folder, long had)
    {
        Assert.True(had > Vfs, $"only {had} VFs were had: nobody met anybody");
        Assert.Equal(had, folder.Ledger.Read(view => view.Allocations().Count).Value);
        Assert.Empty(folder.Ledger.Read(view => view.OpenAllocations()).Value);
        IReadOnlyList<LedgerVf> rows = folder.Ledger.Read(view => view.Vfs()).Value;
        Assert.Equal(Vfs, rows.Count);
        Assert.All(rows, row => Assert.Equal((VfState.Free, null), (row.State, row.Allocation)));
        Assert.Empty(LedgerVerifier.Verify(folder.Ledger, [], CheckpointSigner.Open(folder.Options).Value).Value.Problems);
    }

    private static Process Start(string state, string guards)
    {
        ProcessStartInfo start = new(Dotnet) { RedirectStandardOutput = true };
        foreach (string word in (string[])[Path.Combine(AppContext.BaseDirectory, "Vfleet.Node.Contender.dll"), state, guards])
            start.ArgumentList.Add(word);
        // One small process of many: it has no use for a heap and compiler threads of its own for every processor.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_TieredCompilation"] = "1";
        return Process.Start(start)!;
    }
}
