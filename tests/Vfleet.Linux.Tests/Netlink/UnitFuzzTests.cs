using System.Collections;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Xunit.Abstractions;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>
/// No garbled message may throw, hang, or be read beyond its end: each lies between bytes of poison, and what is found in it must
/// not depend on the poison.
/// </summary>
public sealed class UnitFuzzTests(ITestOutputHelper output)
{
    private const int Messages = 1_000_000;
    private const int Poison = 64;
    private const int Room = 128 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static TheoryData<ulong> Seeds => new() { 20240229, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) };

    [Fact]
    public void Every_template_is_taken_as_it_is()
    {
        foreach (FuzzTarget target in FuzzTargets.Create())
            Assert.True(target.Parse(target.Valid) is not null || target.Name.Contains("client", StringComparison.Ordinal), target.Name);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_million_garbled_messages_do_no_harm(ulong seed)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Worker[] workers = [new(seed, Messages / 2), new(seed ^ 0x5555555555555555, Messages / 2)];
        foreach (Worker worker in workers)
            worker.Start();
        foreach (Worker worker in workers)
        {
            Assert.True(worker.Join(Limit - watch.Elapsed), $"seed {seed}: hangs at {worker.Where}");
            Assert.True(worker.Failure is null, $"seed {seed}: {worker.Failure}");
        }
        output.WriteLine($"seed {seed}: {Messages} messages in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private sealed class Worker(ulong seed, int messages)
    {
        private readonly SeededNumbers _random = new(seed);
        private readonly byte[] _memory = new byte[Poison + Room + Poison];
        private Thread? _thread;
        private FuzzTarget? _target;
        private int _turn;

        public string? Failure { get; private set; }

        public string Where => $"turn {_turn} of seed {seed}, {_target?.Name}";

        public void Start()
        {
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public bool Join(TimeSpan limit) => _thread!.Join(limit);

        private void Run()
        {
            List<FuzzTarget> targets = FuzzTargets.Create();
            Mutator mutator = new(_random);
            for (_turn = 0; _turn < messages && Failure is null; _turn++)
            {
                do
                    _target = targets[_random.Below(targets.Count)];
                while (_target.OneIn > 1 && _random.Below(_target.OneIn) != 0);
                Span<byte> room = _memory.AsSpan(Poison, Room);
                _target.Valid.CopyTo(room);
                int length = mutator.Mutate(room, _target.Valid.Length);
                Try(_target, length, compare: _turn % 16 == 0);
            }
        }

        private void Try(FuzzTarget target, int length, bool compare)
        {
            try
            {
                Surround(length, 0xaa);
                object? found = target.Parse(_memory.AsSpan(Poison, length));
                if (!compare)
                    return;
                Surround(length, 0x04);
                object? again = target.Parse(_memory.AsSpan(Poison, length));
                if (Describe(found) != Describe(again))
                    Fail(length, "what is found depends on what lies beside the message");
            }
            catch (Exception e)
            {
                // Any exception at all is the failure this test looks for.
                Fail(length, e.ToString());
            }
        }

        private void Surround(int length, byte poison)
        {
            _memory.AsSpan(0, Poison).Fill(poison);
            _memory.AsSpan(Poison + length, Poison).Fill(poison);
        }

        private void Fail(int length, string why) =>
            Failure = $"{Where}: {why}\nmessage: {Convert.ToHexStringLower(_memory.AsSpan(Poison, Math.Min(length, 2048)))}";

        private static string Describe(object? value) => value switch
        {
            null => "null",
            string text => text,
            IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Describe))}]",
            _ when value.GetType() is { IsClass: true, Namespace: { } space } type && space.StartsWith("Vfleet", StringComparison.Ordinal) =>
                type.GetProperties().Where(property => property.GetIndexParameters().Length == 0).Aggregate(
                    new StringBuilder(), (text, property) => text.Append($"{property.Name}={Describe(property.GetValue(value))};")).ToString(),
            _ => value.ToString() ?? "",
        };
    }
}
