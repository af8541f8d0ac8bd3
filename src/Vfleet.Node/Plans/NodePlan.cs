using Vfleet.Host.Inventory;
using Vfleet.Node.Census;
using Vfleet.Node.Documents;

namespace Vfleet.Node.Plans;

/// <summary>
/// What has to be done so that a machine is as documents want it: per PF the steps, whom they hit, whether they destroy, how long they
/// take, and why they are refused. Made from what was read; making one changes nothing.
/// </summary>
public sealed record NodePlan
{
    /// <summary>Every PF that documents are about, and those to be pruned.</summary>
    public required IReadOnlyList<PfPlan> Pfs { get; init; }

    /// <summary>What cannot be done on this machine whatever is tried.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>What should be known although it works.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>True where the machine is as it should be.</summary>
    public bool IsEmpty => Faults.Count == 0 && Pfs.All(pf => pf.IsEmpty);

    /// <summary>True where VFs are destroyed.</summary>
    public bool IsDestructive => Pfs.Any(pf => pf.IsDestructive);

    /// <summary>VFs that are destroyed.</summary>
    public IEnumerable<VfHit> Destroys => Pfs.SelectMany(pf => pf.Destroys);

    /// <summary>How long it should take: one PF after the other.</summary>
    public TimeSpan Duration => Pfs.Aggregate(TimeSpan.Zero, (sum, pf) => sum + pf.Duration);

    /// <summary>Refusals that <c>--force</c> overrides, in words for the record.</summary>
    public IReadOnlyList<string> Overrides =>
    [
        .. from pf in Pfs
           from refusal in pf.Refusals
           where refusal.CanBeForced
           select refusal.Fault.Cause is { } cause ? $"{refusal.Fault.Error}: {cause}" : refusal.Fault.Error,
    ];

    /// <summary>Why it is not carried out; null where it is.</summary>
    /// <param name="force">Overrides what can be overridden.</param>
    public Fault? Refusal(bool force)
    {
        Fault[] all = [.. Faults, .. Pfs.Select(pf => pf.Refusal(force)).OfType<Fault>()];
        if (all.Length < 2)
            return all.FirstOrDefault();
        return all[0] with
        {
            Error = $"{all.Length} refusals; the first: {all[0].Error}",
            Remedy = $"{all[0].Remedy}{(all[0].Remedy is null ? "" : "; ")}`vfleet plan` shows all of them",
        };
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="reading">Machine and ledger; the PFs with their eswitch modes.</param>
    /// <param name="desired">What documents want of these PFs.</param>
    /// <param name="durations">How long things take.</param>
    /// <param name="pruned">Device names of PFs that lose the VFs no document wants any more.</param>
    public static NodePlan Make(
        NodeReading reading, DesiredNode desired, StepDurations? durations = null, IReadOnlySet<string>? pruned = null)
    {
        StepDurations known = durations ?? StepDurations.Usual;
        List<PfPlan> plans = [];
        foreach (DesiredPf pf in desired.Pfs)
            plans.Add(new PfPlanner(reading, pf, known) { IsPruned = pruned?.Contains(pf.Pf.DeviceName) == true }.Plan());
        foreach (PhysicalFunction pf in reading.Machine.Pfs)
        {
            if (pruned?.Contains(pf.DeviceName) == true && !desired.Pfs.Any(each => each.Pf.DeviceName == pf.DeviceName))
                plans.Add(new PfPlanner(reading, new DesiredPf { Pf = pf, WantedVfs = 0, Groups = [] }, known) { IsPruned = true }.Plan());
        }
        return new NodePlan { Pfs = plans, Faults = desired.Faults, Notes = desired.Notes };
    }
}
