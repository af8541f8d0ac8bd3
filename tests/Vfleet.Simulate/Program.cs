using System.Globalization;
using System.Security.Cryptography;
using Vfleet.Simulation.Nodes;

// ./dev simulate: many seeds of the node's simulation, until one breaks an invariant.
const int Often = 100;
int seeds = 1_000, steps = NodeSimulation.UsualSteps;
ulong? first = null;
for (int i = 0; i < args.Length; i += 2)
{
    if (i + 1 == args.Length || !ulong.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) || value > long.MaxValue)
        return Usage(args[i]);
    switch (args[i])
    {
        case "--seeds" when value is > 0 and <= int.MaxValue:
            seeds = (int)value;
            break;
        case "--steps" when value is > 0 and <= 10_000:
            steps = (int)value;
            break;
        case "--seed":
            // One seed is looked at alone, unless more are asked for too.
            (first, seeds) = (value, args.Contains("--seeds") ? seeds : 1);
            break;
        default:
            return Usage(args[i]);
    }
}
ulong start = first ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);
Console.WriteLine($"{seeds} seeds of {steps} actions, from {start}");
long began = TimeProvider.System.GetTimestamp();
int done = 0;
FailedSeed? failed = await NodeSimulation.RunManyAsync(start, seeds, steps, () =>
{
    if (Interlocked.Increment(ref done) is var now && now % Often == 0)
        Console.Error.WriteLine($"{now} of {seeds}, {Rate(now):0.0} seeds/s");
});
Console.WriteLine(failed?.ToString() ?? $"{done} seeds held, {Rate(done):0.0} seeds/s");
return failed is null ? 0 : 1;

double Rate(int count) => count / TimeProvider.System.GetElapsedTime(began).TotalSeconds;

static int Usage(string word)
{
    Console.Error.WriteLine($"vfleet-simulate: not understood: {word}\nusage: [--seeds N] [--seed S] [--steps K]");
    return 2;
}
