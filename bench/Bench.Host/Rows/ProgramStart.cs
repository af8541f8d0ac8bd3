using Vfleet.Bench.Measurement;

namespace Vfleet.Bench.Rows;

/// <summary><c>vfleet pf list</c> from its start to its end, beside <c>ip link</c> and programs that do nothing.</summary>
internal sealed class ProgramStart : IBenchmark
{
    public string Name => "pf-list";

    public Promise Promise => Promise.None;

    public async Task RunAsync(Workbench bench)
    {
        string[] ip = ["ip", "link"];
        string[] native = [bench.Tool("vfleet"), "pf", "list"], nativeEmpty = [bench.Tool("Bench.Empty")];
        if (File.Exists(nativeEmpty[0]))
            await CompareAsync(bench, "pf-list-native", bench.Rounds, native, ip, nativeEmpty, "an empty native program").ConfigureAwait(false);
        string[] jit = ["dotnet", bench.Tool("jit/vfleet.dll"), "pf", "list"], jitEmpty = ["dotnet", bench.Tool("jit-empty/Bench.Empty.dll")];
        await CompareAsync(bench, "pf-list-jit", bench.FewRounds, jit, ip, jitEmpty, "an empty program for the runtime").ConfigureAwait(false);
    }

    private async Task CompareAsync(Workbench bench, string name, int rounds, string[] ours, string[] ip, string[] empty, string emptyName)
    {
        Func<Task<double>>[] sides = [.. new[] { ours, ip, empty }.Select<string[], Func<Task<double>>>(command => () => Child.TimeAsync(command[0], command[1..]))];
        double[][] samples = await Interleaved.RunAsync(rounds, sides).ConfigureAwait(false);
        Add(bench, name, "ip link", samples[0], samples[1]);
        Add(bench, $"{name}-empty", emptyName, samples[0], samples[2]);
    }

    private void Add(Workbench bench, string name, string peer, double[] ours, double[] peers) =>
        bench.Add(new Row(name, peer, SampleUnit.Nanoseconds, Promise) { Ours = ours, Peers = peers });
}
