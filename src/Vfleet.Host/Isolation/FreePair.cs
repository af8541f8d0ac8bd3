using Vfleet.Host.Inventory;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>Finds two VFs of a PF that nobody uses and whose native driver makes an interface.</summary>
internal static class FreePair
{
    /// <returns>Refused where there are fewer than two; the cause names who has the others.</returns>
    public static async Task<Outcome<(VirtualFunction First, VirtualFunction Second)>> FindAsync(
        SriovHost host, PhysicalFunction pf, CancellationToken cancel)
    {
        if (pf.Name is null)
            return Fault.Unsupported($"{pf.Label} has no network interface: there is nothing to send", pf.Driver is null ? "no driver is bound to it" : null, null, pf.Label);
        if (pf.HasCarrier != true)
            return Fault.Refused($"{pf.Label} is {pf.LinkState}: nothing sent through its VFs arrives, whether isolated or not", "a VF has no link without its PF's",
                pf.IsUp == true ? "plug the cable in, or connect its ports" : $"`ip link set {pf.Label} up`", pf.Label);
        Outcome<IReadOnlyList<VirtualFunction>> listed = await host.Inventory.ListVfsAsync(
            other => other.DeviceName == pf.DeviceName, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!listed.Try(out IReadOnlyList<VirtualFunction>? vfs, out Fault? fault))
            return fault;
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(host.Kernel, host.Options).FindAsync(vfs, cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out fault))
            return fault;
        Dictionary<int, string> reasons = used.ToDictionary(one => one.Vf.Index, one => one.Reason);
        foreach (VirtualFunction vf in vfs)
        {
            if (Unsuitable(vf) is { } reason)
                reasons.TryAdd(vf.Index, reason);
        }
        VirtualFunction[] free = [.. vfs.Where(vf => !reasons.ContainsKey(vf.Index))];
        return free.Length >= 2 ? (free[0], free[1]) : TooFew(pf, vfs, free.Length, reasons);
    }

    private static string? Unsuitable(VirtualFunction vf) => vf switch
    {
        { Address: null } => "it is no PCI device and has no interface of its own",
        { Driver: null } => "it has no driver",
        { Driver: { } driver } when KnownDrivers.IsUserSpace(driver) => $"it is bound to {driver}",
        { Link: null } => $"driver {vf.Driver} made no interface",
        { Settings: null } => $"driver {vf.Pf.Driver} reports no settings of it",
        _ => null,
    };

    private static Fault TooFew(PhysicalFunction pf, IReadOnlyList<VirtualFunction> vfs, int free, Dictionary<int, string> reasons)
    {
        IEnumerable<string> others = vfs.Where(vf => reasons.ContainsKey(vf.Index)).Select(vf => $"{vf.Label}: {reasons[vf.Index]}");
        return Fault.Refused(
            $"measuring isolation takes two free VFs of {pf.Label}, and it has {free}",
            vfs.Count == 0 ? $"{pf.Label} has no VFs" : string.Join("; ", others.Take(8)) + (reasons.Count > 8 ? $"; and {reasons.Count - 8} more" : ""),
            vfs.Count == 0
                ? $"create some: `vfleet vf create {pf.Label} 2`"
                : "detach two of them, or bind two free ones to their native driver: `vfleet vf bind VF native`",
            pf.Label);
    }
}
