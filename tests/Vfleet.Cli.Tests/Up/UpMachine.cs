using Vfleet.Cli.Up;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Up;

/// <summary>A simulated machine with two igb ports, and the hands a test of <c>up</c> has on it.</summary>
internal sealed class UpMachine : IDisposable
{
    public const string First = "enp1s0f0";
    public const string Second = "enp2s0f0";

    public UpMachine(SimulationOptions? options = null)
    {
        Kernel = SimulationProfiles.Create("igb", options ?? new SimulationOptions { LinksUp = true }).Value;
        Host = new SriovHost(Kernel, new HostOptions { StateDirectory = State, TrafficSample = TimeSpan.FromMilliseconds(20) });
    }

    public string State { get; } = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public SimulatedKernel Kernel { get; }

    public SriovHost Host { get; }

    /// <summary>What the runners said.</summary>
    public List<string> Said { get; } = [];

    public UpRunner Runner => new(Host, Said.Add) { Patience = TimeSpan.FromMilliseconds(50) };

    public async Task<UpPlace> ChooseAsync() => (await Runner.ChooseAsync(default)).Value;

    public async Task CountAsync(string pf, int count)
    {
        CreatePlan plan = (await Host.Creator.PlanAsync(pf, count, null, force: false)).Value;
        _ = (await Host.Creator.ApplyAsync(plan, force: false)).Value;
    }

    /// <summary>Gives a VF to a namespace of somebody else's.</summary>
    public async Task AttachAsync(string vf, string name)
    {
        Kernel.CreateNamespace(name).Value.Dispose();
        _ = (await Host.Attacher.AttachAsync(new() { Vf = vf, NamespacePath = $"/run/netns/{name}" })).Value;
    }

    public async Task<IReadOnlyList<VirtualFunction>> VfsAsync(string pf) => (await Host.ListVfsAsync(pf)).Value;

    public void Dispose() => Directory.Delete(State, recursive: true);
}
