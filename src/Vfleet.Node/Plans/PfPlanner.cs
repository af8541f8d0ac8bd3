using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Node.Census;
using Vfleet.Node.Documents;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Plans;

/// <summary>Makes the plan for one PF.</summary>
internal sealed class PfPlanner
{
    private readonly NodeReading _reading;
    private readonly DesiredPf _desired;
    private readonly StepDurations _durations;
    private readonly PhysicalFunction _pf;
    private readonly VirtualFunction[] _vfs;
    private readonly List<PlanStep> _steps = [];
    private readonly List<PlanRefusal> _refusals = [];
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, int> _later = new(StringComparer.Ordinal);

    public PfPlanner(NodeReading reading, DesiredPf desired, StepDurations durations)
    {
        _reading = reading;
        _desired = desired;
        _durations = durations;
        _pf = desired.Pf;
        _vfs = [.. reading.Machine.VfsOf(_pf)];
    }

    /// <summary>VFs beyond those that are wanted go.</summary>
    public bool IsPruned { get; init; }

    private string Label => _pf.Label;

    public PfPlan Plan()
    {
        if (_desired.IsExternallyManaged)
            NoteForeign();
        else
            PlanOwn();
        return new PfPlan { Pf = _pf, Vfs = _vfs, Steps = _steps, Refusals = _refusals, Notes = _notes, LaterMtus = _later };
    }

    private void NoteForeign()
    {
        if (_vfs.Length < _desired.WantedVfs)
            _notes.Add($"{Label} has {_vfs.Length} VFs and {_desired.WantedVfs} are wanted; "
                + "it is externally managed, so somebody else creates them");
    }

    private void PlanOwn()
    {
        CheckLinkType();
        int target = Target();
        bool changesMode = ChangesMode();
        // Many drivers change their mode only without VFs, and none keeps the VFs' settings over it.
        bool isAnew = target != _pf.NumVfs || (changesMode && _pf.NumVfs > 0);
        if (_desired.Mtu is { } mtu)
            PlanMtu(mtu);
        if (changesMode && _pf.NumVfs > 0)
            AddCount(_pf.NumVfs, 0);
        if (changesMode)
            _steps.Add(new PlanStep
            {
                Kind = PlanStepKind.EswitchMode,
                Text = $"eswitch mode {_pf.EswitchMode} → {DevlinkWords.Of(_desired.EswitchMode!.Value)}",
                Mode = _desired.EswitchMode,
                Duration = _durations.EswitchMode,
            });
        if (isAnew && !(changesMode && target == 0))
            AddCount(changesMode ? 0 : _pf.NumVfs, target);
        if (!isAnew)
            PlanDrivers();
        PlanVfMtus(target, isAnew);
        if (HeldRefusal.Of(_pf, _steps, target) is { } held)
            _refusals.Add(held);
        RefuseDefaultRoute();
    }

    /// <summary>
    /// The number of VFs. It is lowered only where none is wanted, or on demand: what nobody asked to be destroyed stays.
    /// </summary>
    private int Target()
    {
        int wanted = _desired.WantedVfs;
        if (wanted > _pf.NumVfs || wanted == 0 || IsPruned)
            return wanted;
        if (wanted < _pf.NumVfs)
            _notes.Add($"{Label} has {_pf.NumVfs} VFs and {wanted} are wanted; the others stay: fewer would destroy all of them first");
        return _pf.NumVfs;
    }

    private bool ChangesMode()
    {
        if (_desired.EswitchMode is not { } mode || DevlinkWords.Of(mode) == _pf.EswitchMode)
            return false;
        if (_pf.EswitchMode is not null)
            return true;
        // Without modes a NIC does what legacy means.
        if (mode != EswitchMode.Legacy)
            Refuse(Fault.Unsupported($"{Label} cannot be in mode {DevlinkWords.Of(mode)}",
                $"driver {_pf.Driver ?? "(none)"} has no eswitch modes",
                "leave eSwitchMode out for this PF", Label), canBeForced: false);
        return false;
    }

    private void CheckLinkType()
    {
        string? wanted = _desired.LinkType switch { null => null, PfLinkType.InfiniBand => "infiniband", _ => "ether" };
        if (wanted is not null && _pf.LinkType is { } now && now != wanted)
            Refuse(Fault.Unsupported($"{Label} has link type {now} and {wanted} is wanted",
                "it is a setting of the firmware, which vfleet does not write",
                "set LINK_TYPE with the vendor's tool (mstconfig) and reboot, or leave linkType out", Label), canBeForced: false);
    }

    private void PlanMtu(int mtu)
    {
        if (_pf.Name is null)
            _notes.Add($"{Label} has no interface, so mtu {mtu} has no effect on it");
        else if (_pf.Mtu != mtu)
            _steps.Add(new PlanStep { Kind = PlanStepKind.Mtu, Text = $"MTU {_pf.Mtu} → {mtu}", Mtu = mtu, Duration = _durations.Mtu });
    }

    private void AddCount(int from, int to)
    {
        if (from == to)
            return;
        DriverRange[] drivers =
        [
            .. from wanted in _desired.Groups
               from range in wanted.Ranges
               select new DriverRange(range.First, range.Last, DriverOf(wanted)),
        ];
        _steps.Add(new PlanStep
        {
            Kind = PlanStepKind.Count,
            Text = $"{from} → {to} VFs{(to == 0 ? "" : DriverWords(drivers, to))}",
            From = from,
            To = to,
            Drivers = drivers,
            Destroys = from == 0 ? [] : [.. _vfs.Select(Hit)],
            Duration = _durations.Count(_pf.Driver, from, to),
        });
    }

    private void PlanDrivers()
    {
        foreach (IGrouping<string, VirtualFunction> same in WrongDrivers().GroupBy(each => each.Driver, each => each.Vf))
        {
            int[] indexes = [.. same.Select(vf => vf.Index)];
            _steps.Add(new PlanStep
            {
                Kind = PlanStepKind.Bind,
                Text = $"bind {Words(indexes)} to {same.Key}",
                Driver = same.Key,
                Vfs = indexes,
                Rebinds = [.. same.Select(Hit)],
                Duration = _durations.Bind(_pf.Driver, indexes.Length),
            });
        }
    }

    private IEnumerable<(string Driver, VirtualFunction Vf)> WrongDrivers()
    {
        foreach (VfGroup group in _desired.Groups)
        {
            if (DriverOf(group) is not { } driver)
                continue;
            foreach (VirtualFunction vf in Members(group).Where(vf => vf.Address is not null && vf.Driver != driver))
            {
                if (RowOf(vf)?.State == VfState.Quarantined)
                    _notes.Add($"{vf.Label} is quarantined and keeps its driver {vf.Driver ?? "none"} instead of {driver}");
                else
                    yield return (driver, vf);
            }
        }
    }

    private void PlanVfMtus(int target, bool isAnew)
    {
        HashSet<int> rebound = [.. _steps.SelectMany(step => step.Vfs)];
        foreach (IGrouping<int, VfGroup> same in _desired.Groups.Where(group => group.Mtu is not null).GroupBy(group => group.Mtu!.Value))
        {
            bool hasInterfaces = _pf is { Name: not null, Address: not null };
            VfGroup[] groups = [.. same.Where(group => hasInterfaces && !KnownDrivers.IsUserSpace(DriverOf(group)))];
            int[] indexes = isAnew
                ? [.. groups.SelectMany(group => Indexes(group, target))]
                : [.. groups.SelectMany(Members).Where(vf => MayGetMtu(vf, same.Key, rebound.Contains(vf.Index))).Select(vf => vf.Index)];
            if (indexes.Length > 0)
                _steps.Add(new PlanStep
                {
                    Kind = PlanStepKind.VfMtu,
                    Text = $"MTU {same.Key} on {Words(indexes)}",
                    Mtu = same.Key,
                    Vfs = indexes,
                    Duration = _durations.Mtu,
                });
        }
    }

    private bool MayGetMtu(VirtualFunction vf, int mtu, bool isRebound)
    {
        if (isRebound)
            return true;
        if (Hit(vf) is { IsHeld: true })
        {
            // What an owner has stays as it got it.
            if (RowOf(vf)?.Clean is { Mtu: { } clean } && clean != mtu)
            {
                _later[vf.Label] = mtu;
                _notes.Add($"{vf.Label} is in use and gets MTU {mtu} when it comes back");
            }
            return false;
        }
        return vf.Link is { } link && link.Mtu != mtu && RowOf(vf)?.State != VfState.Quarantined;
    }

    private void RefuseDefaultRoute()
    {
        if (_pf.DefaultRoute == true && _steps.Any(step => step.Kind is PlanStepKind.Count or PlanStepKind.EswitchMode or PlanStepKind.Mtu))
            Refuse(Fault.Refused($"{Label} carries a default route", "changing it can cut this machine off",
                "use another PF, or give --force", Label), canBeForced: true);
    }

    private void Refuse(Fault fault, bool canBeForced) => _refusals.Add(new PlanRefusal(fault, canBeForced));

    private VfHit Hit(VirtualFunction vf)
    {
        VfHit hit = new(vf.Label, vf.Index);
        if (RowOf(vf) is not { } row)
            return hit;
        if (VfTransitions.IsOwned(row.State))
        {
            LedgerAllocation? allocation = _reading.Allocations.FirstOrDefault(each => each.Id == row.Allocation);
            return hit with { Allocation = row.Allocation ?? "an allocation", Owner = allocation?.Owner.Name, Tenant = allocation?.Tenant };
        }
        return row.State switch
        {
            VfState.Scrubbing => hit with { IsBusy = true },
            VfState.Free => hit with { Stranger = row.Stranger },
            _ => hit,
        };
    }

    private LedgerVf? RowOf(VirtualFunction vf) => _reading.Vfs.GetValueOrDefault(vf.Label);

    private IEnumerable<VirtualFunction> Members(VfGroup group) =>
        _vfs.Where(vf => group.Ranges.Any(range => range.First <= vf.Index && vf.Index <= range.Last));

    private static IEnumerable<int> Indexes(VfGroup group, int count) =>
        IndexRanges.Below(group.Ranges, count).SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1));

    private string? DriverOf(VfGroup group) => _pf.Address is null ? null : group.Driver ?? NativeDriver.Of(_pf.Driver);

    private static string DriverWords(IReadOnlyList<DriverRange> drivers, int to)
    {
        IEnumerable<string> words =
            from range in drivers.OrderBy(range => range.First)
            where range.Driver is not null && range.First < to
            group new IndexRange(range.First, Math.Min(range.Last, to - 1)) by range.Driver into same
            select $"{string.Join(',', same)} on {same.Key}";
        return string.Concat(words.Select(word => $", {word}"));
    }

    private static string Words(IEnumerable<int> indexes)
    {
        IReadOnlyList<IndexRange> ranges = IndexRanges.Union(indexes.Select(index => new IndexRange(index, index)));
        return $"VF{(ranges.Count == 1 && ranges[0].First == ranges[0].Last ? "" : "s")} {string.Join(',', ranges)}";
    }
}
