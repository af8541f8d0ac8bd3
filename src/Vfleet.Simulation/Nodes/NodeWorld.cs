using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation.Files;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Nodes;

/// <summary>A simulated machine with one PF, a state directory, processes that come and go, and people who change VFs by hand.</summary>
internal sealed class NodeWorld : IDisposable
{
    private readonly SimulationFolder _folder = new();
    private int _pid = 1000;

    private NodeWorld(SimulatedKernel kernel, TimeProvider? time)
    {
        Kernel = kernel;
        Options = new HostOptions
        {
            StateDirectory = _folder.Path,
            Time = time ?? TimeProvider.System,
            // Nothing takes time on the simulated machine: what did not happen at once does not happen. A bind is waited for, on a busy machine too.
            ReadyDeadline = TimeSpan.FromSeconds(2),
            CarrierDeadline = TimeSpan.Zero,
            TrafficSample = TimeSpan.Zero,
            ReturnDeadline = TimeSpan.Zero,
        };
        Ledger = new LedgerOptions { StateDirectory = _folder.Path, Time = Options.Time, WaitsForDisk = false };
    }

    public SimulatedKernel Kernel { get; }

    public SimulatedMachine Machine => Kernel.Machine;

    public HostOptions Options { get; }

    public LedgerOptions Ledger { get; }

    /// <summary>The PF, as its pool is called.</summary>
    public string Pf { get; private set; } = "";

    /// <param name="profile">The kind of machine.</param>
    /// <param name="vfs">VFs on its PF, with their native driver.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public static NodeWorld Create(string profile, int vfs, TimeProvider? time = null)
    {
        SimulationOptions options = new() { LinksUp = true, PhysicalFunctions = 1 };
        NodeWorld world = new(SimulationProfiles.Create(profile, options).Value, time);
        world.Pf = world.PfDevice.Links[0].Name;
        world.SetCount(vfs);
        return world;
    }

    /// <summary>An allocation that whoever prepared the machine made first.</summary>
    public string Started { get; set; } = "";

    private PciDevice PfDevice => Machine.Pci.Devices.First(device => device.Sriov is not null);

    /// <summary>VFs that exist.</summary>
    public int Count => PfDevice.Sriov!.Enabled;

    /// <summary>Another process of the machine, as a command or an agent.</summary>
    /// <returns>A fault where the ledger cannot be opened.</returns>
    /// <param name="time">Its own clock; the machine's when null.</param>
    public Outcome<NodeProcess> Start(TimeProvider? time = null)
    {
        HostOptions options = time is null ? Options : Options with { Time = time };
        int pid = ++_pid;
        Machine.AddProcess(pid, command: "vfleet");
        return OwnerIdentity.OfProcess(Kernel, pid, $"vfleet {pid}").Try(out Owner? identity, out Fault? fault)
            ? NodeProcess.Start(Kernel, pid, (process, kernel) => LocalNode.Open(
                kernel, options, Ledger with { Time = options.Time }, new Actor("simulation", "root", identity), null, null, process.Stepped))
            : fault;
    }

    /// <summary>A process ends, however it was.</summary>
    public void End(NodeProcess process)
    {
        Machine.EndProcess(process.Pid);
        process.Dispose();
    }

    /// <summary>Writes sriov_numvfs by hand, and lets the native driver have the VFs.</summary>
    public void SetCount(int count)
    {
        using IDisposable quiet = Machine.Faults.Pause();
        Machine.Sriov.Set(PfDevice, 0);
        if (count > 0)
            Machine.Sriov.Set(PfDevice, count);
    }

    /// <summary>Makes a named namespace, unless there is one of that name.</summary>
    public void MakeNamespace(string name)
    {
        lock (Machine.Gate)
            Machine.Namespaces.AddName(name);
    }

    /// <summary>Removes the name of a namespace; it ends where nothing else holds it.</summary>
    public void RemoveNamespace(string name)
    {
        lock (Machine.Gate)
            Machine.Namespaces.RemoveName(name);
    }

    /// <summary>True where a namespace has that name.</summary>
    public bool HasNamespace(string name)
    {
        lock (Machine.Gate)
            return Machine.Namespaces.ByName(name) is not null;
    }

    /// <summary>Somebody moves a VF's interface by hand; null brings it back to the host, down and under its own name.</summary>
    /// <returns>False where it cannot be moved.</returns>
    public bool MoveByHand(string vf, string? to)
    {
        lock (Machine.Gate)
        {
            if (Machine.Pci.Find(vf) is not { Links: [{ } link, ..] } device)
                return false;
            SimulatedNamespace? target = to is null ? Machine.Namespaces.Initial : Machine.Namespaces.ByName(to);
            if (target is null || target == link.Namespace || LinkMove.To(Machine, link, target, null).IsRefused)
                return false;
            if (to is null)
                link.Name = LinkNames.ForFunction(device);
            else
                link.Flags |= SimulatedLink.FlagUp;
            return true;
        }
    }

    /// <summary>Where a VF's interface is and what it is called; null for none. The empty namespace is the host's.</summary>
    public (string Namespace, string Name)? Place(string vf)
    {
        lock (Machine.Gate)
        {
            if (Machine.Pci.Find(vf) is not { Links: [{ } link, ..] })
                return null;
            string space = link.Namespace == Machine.Namespaces.Initial
                ? "" : Machine.Namespaces.Names.FirstOrDefault(name => Machine.Namespaces.ByName(name) == link.Namespace) ?? "?";
            return (space, link.Name);
        }
    }

    /// <summary>True where a VF's interface is up on the host and neither says nor answers anything, as one that is kept ready.</summary>
    public bool IsReady(string vf)
    {
        lock (Machine.Gate)
            return Machine.Pci.Find(vf) is { Links: [{ IsUp: true } link, ..] } && link.Namespace == Machine.Namespaces.Initial && link.Switches.IsQuiet;
    }

    /// <summary>The driver of a VF; null where it has none, or is not there.</summary>
    public string? DriverOf(string vf)
    {
        lock (Machine.Gate)
            return Machine.Pci.Find(vf)?.Driver?.Name;
    }

    /// <summary>True where a VF's interface is down on the host, and as any new one there.</summary>
    public bool IsAtRest(string vf)
    {
        lock (Machine.Gate)
            return Machine.Pci.Find(vf) is not { Links: [{ } link, ..] } || (!link.IsUp && link.Switches.IsSame(link.Namespace.Defaults));
    }

    /// <summary>True where a VF's interface and interrupts are as its driver began with them.</summary>
    public bool IsUntuned(string vf)
    {
        lock (Machine.Gate)
            return Machine.Pci.Find(vf) is not { Links: [{ } link, ..] } device || (link.Tuning == new LinkTuning() && device.Affinities.Values.All(cpus => cpus.Equals(SystemFiles.Online)));
    }

    /// <summary>Microseconds before a receive interrupt of a VF's interface; null for none.</summary>
    public uint? RxMicroseconds(string vf)
    {
        lock (Machine.Gate)
            return Machine.Pci.Find(vf) is { Links: [{ } link, ..] } ? link.Tuning.RxMicroseconds : null;
    }

    /// <summary>The VLAN the PF's driver keeps for a VF; null for a VF that does not exist.</summary>
    public int? Vlan(string vf)
    {
        lock (Machine.Gate)
            return Machine.Pci.Find(vf) is { } device && PfDevice.Sriov!.Settings.ElementAtOrDefault(device.VfIndex) is { } kept ? kept.Vlan : null;
    }

    /// <summary>All that a process leaves behind on the machine's VFs, in words: two machines with the same words go on in the same way.</summary>
    public string Describe()
    {
        lock (Machine.Gate)
        {
            return string.Join('\n', PfDevice.Sriov!.Functions.Select(vf =>
            {
                VfSettings kept = PfDevice.Sriov.Settings[vf.VfIndex];
                string link = vf.Links is [{ } own, ..]
                    ? $"{own.Namespace.Cookie} {own.Name} {own.Mac} {own.Mtu} {own.IsUp} {own.Addresses.Count} {own.AltNames.Count} {own.Switches.IsQuiet}" : "no interface";
                return $"{vf.Name} {vf.Driver?.Name} {link} {kept.Mac} {kept.MacIsAdministrative} {kept.Vlan} {kept.SpoofCheck} {kept.Trust} {kept.MinimumRate}";
            }));
        }
    }

    /// <summary>Reads the machine from outside, where no fault strikes.</summary>
    public async Task<Outcome<MachineInventory>> ReadAsync()
    {
        using IDisposable quiet = Machine.Faults.Pause();
        return await new SriovHost(Kernel, Options).Inventory.ReadAsync(null, Vfleet.Linux.Route.VfDetail.Settings).ConfigureAwait(false);
    }

    public void Dispose() => _folder.Dispose();
}
