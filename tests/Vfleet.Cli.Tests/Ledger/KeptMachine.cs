using System.Text.Json;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary>A simulated igb machine with VFs and namespaces <c>blue</c> and <c>green</c> that outlives the commands run on it.</summary>
internal sealed class KeptMachine : IDisposable
{
    public const string Pf = "enp1s0f0";

    private KeptMachine()
    {
        Kernel = SimulationProfiles.Create("igb", new SimulationOptions { LinksUp = true }).Value;
        Kernel.Machine.AddProcess(Environment.ProcessId, command: "vfleet");
        foreach (string name in (string[])["blue", "green"])
            Kernel.CreateNamespace(name).Value.Dispose();
    }

    public string State { get; } = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public SimulatedKernel Kernel { get; }

    public string LedgerPath => Path.Combine(State, "ledger.db");

    public static async Task<KeptMachine> CreateAsync(int vfs = 3, string driver = "native")
    {
        KeptMachine machine = new();
        await machine.JsonAsync("vf", "create", Pf, $"{vfs}", "--driver", driver);
        return machine;
    }

    public async Task<CommandRun> RunAsync(params string[] words)
    {
        HostSession.Kept.Value = Kernel;
        try
        {
            return await CommandRun.OfAsync(["--host", "sim:igb", "--state", State, .. words]);
        }
        finally
        {
            HostSession.Kept.Value = null;
        }
    }

    public async Task<JsonElement> JsonAsync(params string[] words) => await CodeAsync(0, words);

    /// <summary>Expects an exit code and reads what was printed.</summary>
    public async Task<JsonElement> CodeAsync(int code, params string[] words)
    {
        CommandRun run = await RunAsync([.. words, "-o", "json"]);
        Assert.True(run.ExitCode == code, $"{string.Join(' ', words)}: {run.ExitCode}\n{run.Output}{run.Errors}");
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>Expects a refusal and reads it.</summary>
    public async Task<JsonElement> FailsAsync(int code, params string[] words)
    {
        CommandRun run = await RunAsync([.. words, "-o", "json"]);
        Assert.True(run.ExitCode == code, $"{string.Join(' ', words)}: {run.ExitCode}\n{run.Output}{run.Errors}");
        string last = run.Errors.TrimEnd('\n').Split('\n')[^1];
        return JsonDocument.Parse(last).RootElement;
    }

    /// <summary>What <c>vf show</c> tells, without what changes by itself.</summary>
    public async Task<string> ShownAsync(string vf) => (await JsonAsync("vf", "show", vf)).GetRawText();

    public string[] Forced() => File.Exists(Path.Combine(State, "forced.jsonl"))
        ? File.ReadAllLines(Path.Combine(State, "forced.jsonl")) : [];

    /// <summary>Somebody moves a VF into a namespace by hand.</summary>
    public async Task MoveByHandAsync(string netdev, string name)
    {
        using NetworkNamespace there = Kernel.OpenNamespace($"/run/netns/{name}").Value;
        using RouteClient route = RouteClient.Open(Kernel).Value;
        LinkInfo link = (await route.GetLinkAsync(netdev)).Value;
        _ = (await route.ChangeLinkAsync(link.Index, netdev, new LinkChange { Namespace = there })).Value;
    }

    public void Dispose() => Directory.Delete(State, recursive: true);
}
