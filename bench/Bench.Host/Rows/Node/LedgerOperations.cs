using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Bench.Rows.Node;

/// <summary>
/// Allocations and releases without kernel work, by 8 callers at once, each with the ledger open for itself; beside 8 callers that insert one row and
/// commit, with the same durability. One sample is the mean time of an operation, a commit each.
/// </summary>
internal sealed class LedgerOperations : IBenchmark
{
    private const int Callers = 8, Vfs = 64, PairsPerTurn = 25;

    public string Name => "node-ledger";

    public Promise Promise => Promise.AtMost(3);

    public async Task RunAsync(Workbench bench)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-ledger-").FullName;
        try
        {
            List<double> latencies = [];
            Fill(folder);
            string floor = Path.Combine(folder, "floor.db");
            double[][] samples = await Interleaved.RunAsync(
                bench.Rounds,
                () => TurnAsync(() => new LedgerCaller(folder), latencies),
                () => TurnAsync(() => new FloorCaller(floor), null)).ConfigureAwait(false);
            latencies.Sort();
            bench.Add(new Row(Name, $"{Callers} callers: insert and commit", SampleUnit.Nanoseconds, Promise)
            {
                Ours = samples[0],
                Peers = samples[1],
                Note = string.Create(CultureInfo.InvariantCulture, $"p99 of an operation {latencies[(int)(latencies.Count * 0.99)] / 1e6:0.0} ms"),
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(string folder)
    {
        using NodeLedger ledger = Open(folder);
        BenchException.Take(ledger.Change(LedgerStep.Census, change =>
        {
            for (int index = 0; index < Vfs; index++)
                change.AddVf($"0000:01:{index / 8:x2}.{index % 8}", "0000:01:00.0", index, "fast", null);
        }));
    }

    private static NodeLedger Open(string folder) =>
        BenchException.Take(NodeLedger.Open(new LedgerOptions { StateDirectory = folder }, new Actor("bench", null, null)));

    private static async Task<double> TurnAsync<T>(Func<T> open, List<double>? latencies)
        where T : ICaller
    {
        T[] callers = [.. Enumerable.Range(0, Callers).Select(_ => open())];
        long started = Stopwatch.GetTimestamp();
        double[][] each = await Task.WhenAll(callers.Select(caller => Task.Factory.StartNew(
            () => Run(caller), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).ConfigureAwait(false);
        double total = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        foreach (T caller in callers)
            caller.Dispose();
        latencies?.AddRange(each.SelectMany(one => one));
        return total / (Callers * PairsPerTurn * 2);
    }

    private static double[] Run(ICaller caller)
    {
        double[] took = new double[PairsPerTurn * 2];
        for (int i = 0; i < took.Length; i++)
        {
            long started = Stopwatch.GetTimestamp();
            caller.Step(i);
            took[i] = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        }
        return took;
    }

    private interface ICaller : IDisposable
    {
        void Step(int number);
    }

    private sealed class LedgerCaller(string folder) : ICaller
    {
        private readonly NodeLedger _ledger = Open(folder);
        private LedgerAllocation? _held;

        public void Step(int number)
        {
            if (_held is null)
                _held = BenchException.Take(_ledger.Change(LedgerStep.Reserve, Allocate));
            else
            {
                LedgerAllocation held = _held;
                BenchException.Take(_ledger.Change(LedgerStep.Free, change => Release(change, held)));
                _held = null;
            }
        }

        public void Dispose() => _ledger.Dispose();

        private static Outcome<LedgerAllocation> Allocate(LedgerChange change)
        {
            LedgerVf free = change.VfsOf("fast").First(vf => vf.IsAvailable);
            LedgerAllocation draft = new()
            {
                Id = "",
                Pool = free.Pool,
                Owner = new Owner { Name = "bench" },
                FrontDoor = "bench",
                RequestedAt = default,
                Vfs = [new AllocatedVf(free.Vf, free.Pf, 0)],
            };
            return change.OpenAllocation(draft, VfState.Reserved, isReady: true);
        }

        private static Outcome<LedgerVf> Release(LedgerChange change, LedgerAllocation held)
        {
            Outcome<LedgerVf> moved = change.Move(change.Vf(held.Vfs[0].Vf)!, VfState.Releasing, "release");
            change.Close(held, "release");
            foreach (VfState to in (ReadOnlySpan<VfState>)[VfState.Scrubbing, VfState.Free])
                moved = moved.Try(out LedgerVf? vf, out Fault? fault) ? change.Move(vf, to, "release") : fault;
            return moved;
        }
    }

    private sealed class FloorCaller : ICaller
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _insert;

        public FloorCaller(string path)
        {
            SQLitePCL.Batteries_V2.Init();
            _connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=20");
            _connection.Open();
            foreach (string sql in (string[])["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA busy_timeout = 20000",
                "CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b TEXT)"])
            {
                using SqliteCommand command = _connection.CreateCommand();
                command.CommandText = sql;
                command.ExecuteNonQuery();
            }
            _insert = _connection.CreateCommand();
            _insert.CommandText = "INSERT INTO t (b) VALUES ('0123456789012345678901234567890123456789012345678901234567890123')";
        }

        public void Step(int number) => _insert.ExecuteNonQuery();

        public void Dispose()
        {
            _insert.Dispose();
            _connection.Dispose();
        }
    }
}
