using System.Globalization;
using Vfleet.Host;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Pci.Config;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Up;

/// <summary>Finds the PF for the scene; where there is none, says of everything that could have VFs why not. Changes nothing.</summary>
internal sealed class UpChoice(SriovHost host, UpStateFile file)
{
    private static readonly int Needed = UpScene.Workloads.Count;

    /// <summary>
    /// The PF of an earlier run, else one without VFs, else one with enough free ones, else one whose few unused VFs are made anew.
    /// </summary>
    public async Task<Outcome<UpPlace>> FindAsync(CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PhysicalFunction>> read = await host.Inventory.ListPfsAsync(VfDetail.None, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<PhysicalFunction>? pfs, out Fault? fault))
            return fault;
        List<UnfitPf> unfit = [.. pfs.Select(Obstacle).OfType<UnfitPf>()];
        PhysicalFunction[] fit = [.. pfs.Where(pf => Obstacle(pf) is null)];
        // Whoever may not read root's records may still use a lab.
        if (fit.Length == 0)
            return new UpPlace(null, [.. unfit, .. SwitchedOff()]);
        if (!file.Read().Try(out UpState? earlier, out fault))
            return fault;
        PhysicalFunction? chosen = fit.FirstOrDefault(pf => pf.DeviceName == earlier?.Pf && (pf.NumVfs == 0 || pf.NumVfs >= Needed))
            ?? fit.FirstOrDefault(pf => pf.NumVfs == 0);
        return chosen is null ? await AmongVfsAsync(fit, unfit, cancel).ConfigureAwait(false) : new UpPlace(chosen, []);
    }

    /// <summary>What keeps a PF from being used whatever its VFs are; null where nothing does.</summary>
    private static UnfitPf? Obstacle(PhysicalFunction pf) => pf switch
    {
        { Address: null } => new UnfitPf(pf.Label, "it is no PCI device", null),
        { Name: null, Driver: null } => new UnfitPf(pf.Label, "it has no driver", $"see `vfleet preflight {pf.Label}`"),
        { Name: null } => new UnfitPf(pf.Label, $"it has no network interface here; its driver is {pf.Driver}", null),
        _ when NativeDriver.Of(pf.Driver) is null => new UnfitPf(pf.Label, $"no driver for VFs of {pf.Driver} is known", null),
        _ when !(pf.TotalVfs >= Needed) => new UnfitPf(
            pf.Label,
            $"it allows {pf.TotalVfs?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} VFs, and {Needed} are needed",
            $"see `vfleet preflight {pf.Label}`"),
        { DefaultRoute: true } => new UnfitPf(
            pf.Label,
            "it carries a default route, and changing its VFs can cut this machine off",
            "give the default route to another interface"),
        _ => null,
    };

    /// <summary>
    /// Network cards with SR-IOV that is off: the kernel does not list them as PFs. Without root their capability cannot be seen.
    /// </summary>
    private IEnumerable<UnfitPf> SwitchedOff()
    {
        ConfigReader reader = new(host.Kernel.Files);
        Sriov sriov = new(host.Kernel.Files, host.Options.Time);
        foreach (PciDevice device in new PciBus(host.Kernel.Files).List().Or(null) ?? [])
        {
            if (device is { IsNetworkController: true, IsVirtualFunction: false, IsPhysicalFunction: false }
                && reader.Read(device.Address).Or(null)?.Sriov is not null && sriov.Read(device.Address).Fault is { } off)
                yield return new UnfitPf(device.Address.ToString(), off.Cause ?? off.Error, off.Remedy);
        }
    }

    private async Task<Outcome<UpPlace>> AmongVfsAsync(PhysicalFunction[] fit, List<UnfitPf> unfit, CancellationToken cancel)
    {
        Outcome<MachineInventory> read = await host.Inventory.ReadAsync(
            pf => fit.Any(one => one.DeviceName == pf.DeviceName), VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!read.Try(out MachineInventory? all, out Fault? fault))
            return fault;
        UpPlace? growing = null;
        foreach (PhysicalFunction pf in fit)
        {
            IReadOnlyList<VirtualFunction> vfs = all.VfsOf(pf);
            VfUsage usage = new(host.Kernel, host.Options);
            if (!(await usage.FindAsync(vfs, cancel).ConfigureAwait(false)).Try(out IReadOnlyList<VfInUse>? used, out fault))
                return fault;
            if (FreeVfs(vfs, used).Count() >= Needed)
                return new UpPlace(pf, []);
            if (used.Count == 0 && vfs.Count < Needed && vfs.All(IsAsMade))
                growing ??= new UpPlace(pf, []) { Destroys = vfs };
            else
                unfit.Add(Lacking(pf, vfs, used));
        }
        return growing ?? new UpPlace(null, [.. unfit, .. SwitchedOff()]);
    }

    /// <summary>VFs that a workload can have as they are.</summary>
    public static IEnumerable<VirtualFunction> FreeVfs(IReadOnlyList<VirtualFunction> vfs, IReadOnlyList<VfInUse> used) =>
        vfs.Where(vf => vf.Link is not null && used.All(other => other.Vf.Index != vf.Index));

    /// <summary>True where nothing says that somebody prepared the VF: such a one is not destroyed although it is not in use yet.</summary>
    private static bool IsAsMade(VirtualFunction vf) => vf is { Link.IsUp: false, Settings: { Vlan: null or 0, Trust: not true } settings }
        // Drivers give a VF a MAC by themselves, and report that as if it had been set.
        && (settings.Mac is null or { IsZero: true } || settings.Mac == vf.Link.Mac)
        && settings.LinkState is null or VfLinkState.Auto
        && settings is { MinTxRateMbps: null or 0, MaxTxRateMbps: null or 0 };

    private static UnfitPf Lacking(PhysicalFunction pf, IReadOnlyList<VirtualFunction> vfs, IReadOnlyList<VfInUse> used)
    {
        int free = FreeVfs(vfs, used).Count();
        string why = $"{free} of its {vfs.Count} VFs are free and have an interface, and {Needed} are needed";
        if (used.Count > 0)
        {
            string users = string.Join(", ", used.Take(3)) + (used.Count > 3 ? $", and {used.Count - 3} more" : "");
            return new UnfitPf(pf.Label, $"{why}: {users}", "free some of them, as with `vfleet detach VF`");
        }
        return vfs.Count >= Needed
            ? new UnfitPf(pf.Label, why, "bind some: `vfleet vf bind VF native`")
            : new UnfitPf(pf.Label, $"{why}; a new number would destroy those, and somebody prepared them",
                $"`vfleet vf create {pf.Label} {UpScene.VfsOn(pf)}` makes them anew, without their settings");
    }
}
