using System.Text.Json.Nodes;
using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests;

/// <summary>A simulated machine that outlives one command, for the views of VFs that exist already.</summary>
internal sealed class SimulatedHost : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public SimulatedHost(string profile)
    {
        Kernel = SimulationProfiles.Create(profile, new SimulationOptions { LinksUp = true }).Value;
        Host = new SriovHost(Kernel, new HostOptions { StateDirectory = _state });
    }

    public SimulatedKernel Kernel { get; }

    public SriovHost Host { get; }

    public async Task CreateVfsAsync(string pf, int count)
    {
        CreatePlan plan = (await Host.Creator.PlanAsync(pf, count, null, false)).Value;
        _ = (await Host.Creator.ApplyAsync(plan, false)).Value;
    }

    /// <summary>What <c>vf list -o json</c> prints.</summary>
    public async Task<JsonObject[]> ListVfsAsync() =>
        [.. (await Host.Inventory.ListVfsAsync(null, VfDetail.SettingsAndCounters)).Value.Select(VfView.Json)];

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
