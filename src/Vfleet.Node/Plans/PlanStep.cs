using Vfleet.Host.Create;
using Vfleet.Linux.Generic.Devlink;

namespace Vfleet.Node.Plans;

/// <summary>What a step changes.</summary>
public enum PlanStepKind
{
    /// <summary>The number of VFs, with the drivers of the new ones.</summary>
    Count,

    /// <summary>The mode of the switch in the NIC.</summary>
    EswitchMode,

    /// <summary>The MTU of the PF.</summary>
    Mtu,

    /// <summary>The driver of VFs that stay.</summary>
    Bind,

    /// <summary>The MTU of VFs.</summary>
    VfMtu,
}

/// <summary>One step of a plan for one PF.</summary>
public sealed record PlanStep
{
    /// <summary>What it changes.</summary>
    public required PlanStepKind Kind { get; init; }

    /// <summary>In words: <c>4 → 8 VFs</c>, <c>MTU 1500 → 9000</c>, <c>bind VFs 0-3 to vfio-pci</c>.</summary>
    public required string Text { get; init; }

    /// <summary>VFs before; of <see cref="PlanStepKind.Count"/>.</summary>
    public int From { get; init; }

    /// <summary>VFs afterwards; of <see cref="PlanStepKind.Count"/>.</summary>
    public int To { get; init; }

    /// <summary>Drivers of the new VFs; of <see cref="PlanStepKind.Count"/>.</summary>
    public IReadOnlyList<DriverRange> Drivers { get; init; } = [];

    /// <summary>The mode; of <see cref="PlanStepKind.EswitchMode"/>.</summary>
    public EswitchMode? Mode { get; init; }

    /// <summary>The MTU; of <see cref="PlanStepKind.Mtu"/> and <see cref="PlanStepKind.VfMtu"/>.</summary>
    public int? Mtu { get; init; }

    /// <summary>The driver; of <see cref="PlanStepKind.Bind"/>.</summary>
    public string? Driver { get; init; }

    /// <summary>Indexes of the VFs it is about; of <see cref="PlanStepKind.Bind"/> and <see cref="PlanStepKind.VfMtu"/>.</summary>
    public IReadOnlyList<int> Vfs { get; init; } = [];

    /// <summary>VFs it destroys.</summary>
    public IReadOnlyList<VfHit> Destroys { get; init; } = [];

    /// <summary>VFs that get another driver.</summary>
    public IReadOnlyList<VfHit> Rebinds { get; init; } = [];

    /// <summary>How long it should take.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>True where something is gone afterwards that was there before.</summary>
    public bool IsDestructive => Destroys.Count > 0;

    /// <summary>VFs it touches that somebody has.</summary>
    public IEnumerable<VfHit> Held => Destroys.Concat(Rebinds).Where(hit => hit.IsHeld);
}

/// <summary>A VF that a step touches, and who has it.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Index">Its index.</param>
public sealed record VfHit(string Vf, int Index)
{
    /// <summary>The allocation it belongs to; null where it has none.</summary>
    public string? Allocation { get; init; }

    /// <summary>Name of its owner.</summary>
    public string? Owner { get; init; }

    /// <summary>The owner's tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Who uses it without the ledger's knowledge, in words.</summary>
    public string? Stranger { get; init; }

    /// <summary>True while it is being cleaned.</summary>
    public bool IsBusy { get; init; }

    /// <summary>True where somebody has it.</summary>
    public bool IsHeld => Allocation is not null || Stranger is not null || IsBusy;

    /// <summary>The VF and who has it.</summary>
    public override string ToString() => this switch
    {
        { Allocation: { } id } => $"{Vf}: {id} of {Owner}{(Tenant is null ? "" : $" (tenant {Tenant})")}",
        { Stranger: { } stranger } => $"{Vf}: {stranger}",
        { IsBusy: true } => $"{Vf}: is being cleaned",
        _ => Vf,
    };
}
