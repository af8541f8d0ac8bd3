using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Isolation;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Isolation;

/// <summary>A simulated machine with a number of free VFs on its first PF, and its state in a folder that goes with it.</summary>
internal sealed class IsolationMachine : IDisposable
{
    public static readonly ProbeOptions Fast = new() { Deadline = TimeSpan.FromMilliseconds(40) };
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    private IsolationMachine(SimulatedKernel kernel)
    {
        Kernel = kernel;
        Host = new SriovHost(kernel, new HostOptions { StateDirectory = _state, CarrierDeadline = TimeSpan.FromMilliseconds(200) });
    }

    public SimulatedKernel Kernel { get; }

    public SriovHost Host { get; }

    public string Pf { get; private set; } = "";

    public static async Task<IsolationMachine> CreateAsync(string profile, int vfs)
    {
        SimulatedKernel kernel = SimulationProfiles.Create(profile, new SimulationOptions { LinksUp = true }).Value;
        IsolationMachine machine = new(kernel);
        machine.Pf = (await machine.Host.Inventory.ListPfsAsync()).Value[0].Label;
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, vfs, null, force: false)).Value;
        _ = (await machine.Host.Creator.ApplyAsync(plan, force: false)).Value;
        return machine;
    }

    /// <summary>Everything that must be as before, one line a VF, and the namespaces.</summary>
    public async Task<string[]> DescribeAsync()
    {
        IReadOnlyList<VirtualFunction> vfs = (await Host.Inventory.ListVfsAsync(null, VfDetail.Settings)).Value;
        return
        [
            .. vfs.Select(vf => $"{vf.Label} {vf.Driver} {vf.Link?.Name} {vf.Link?.Mac} {vf.Link?.Mtu} {vf.Link?.IsUp} {vf.NamespacePath} {vf.Settings}"),
            .. Kernel.Files.List("/run/netns").Or([])!,
            .. Directory.Exists($"{_state}/attachments") ? Directory.GetFiles($"{_state}/attachments") : [],
        ];
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
