using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Counts what VFs must not have in common: a MAC on one PF and VLAN, a VLAN of two tenants. One that goes on is counted when it begins. Begins at 0
/// with the process. Not safe for concurrent use.
/// </summary>
internal sealed class IsolationWatch
{
    private readonly Dictionary<(string Pf, string Kind), ulong> _begun = [];
    private HashSet<(string Pf, string Kind, string What)> _known = [];

    /// <summary>Collisions that began so far, by PF and kind; 0 for a PF without.</summary>
    public IReadOnlyDictionary<(string Pf, string Kind), ulong> Look(
        IReadOnlyList<PhysicalFunction> pfs, IReadOnlyList<(VirtualFunction Vf, LedgerAllocation? Allocation)> vfs)
    {
        HashSet<(string Pf, string Kind, string What)> now = [];
        foreach (var same in vfs.Where(each => MacOf(each.Vf) is not null).GroupBy(each => (Pf: each.Vf.Pf.DeviceName, Mac: MacOf(each.Vf), each.Vf.Settings?.Vlan)))
        {
            if (same.Skip(1).Any())
                now.Add((same.Key.Pf, Mac, $"{same.Key.Mac}/{Number(same.Key.Vlan)}"));
        }
        foreach (var same in vfs.Where(each => each is { Vf.Settings.Vlan: > 0, Allocation.Tenant: not null })
            .GroupBy(each => (Pf: each.Vf.Pf.DeviceName, each.Vf.Settings!.Vlan)))
        {
            if (same.Select(each => each.Allocation!.Tenant).Distinct().Skip(1).Any())
                now.Add((same.Key.Pf, Vlan, Number(same.Key.Vlan)));
        }
        foreach ((string pf, string kind, _) in now.Except(_known))
            _begun[(pf, kind)] = _begun.GetValueOrDefault((pf, kind)) + 1;
        // Of a PF that was left out of this reading nothing is known: what went on there goes on.
        HashSet<string> seen = [.. pfs.Select(pf => pf.DeviceName)];
        _known = [.. now, .. _known.Where(each => !seen.Contains(each.Pf))];
        foreach (PhysicalFunction pf in pfs)
        {
            _begun.TryAdd((pf.DeviceName, Mac), 0);
            _begun.TryAdd((pf.DeviceName, Vlan), 0);
        }
        return new Dictionary<(string, string), ulong>(_begun);
    }

    /// <summary>Names of the kinds.</summary>
    public const string Mac = "mac_collision", Vlan = "vlan_collision";

    private static MacAddress? MacOf(VirtualFunction vf) => (vf.Link?.Mac ?? vf.Settings?.Mac) is { IsZero: false } mac ? mac : null;

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
