using System.Globalization;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Plans;

/// <summary>
/// How long steps take. First what was measured on hardware of each driver; once this machine has done a step, what it took here counts.
/// </summary>
public sealed class StepDurations
{
    private const double Binding = 0.1, Removal = 0.05;

    private static readonly string[] Drivers =
        ["igb", "ixgbe", "i40e", "ice", "mlx5_core", "mlx4_core", "bnxt_en", "nvme", "netdevsim"];

    private readonly IReadOnlyDictionary<string, double> _measured;

    private StepDurations(IReadOnlyDictionary<string, double> measured) => _measured = measured;

    /// <summary>As measured elsewhere.</summary>
    public static StepDurations Usual { get; } = new(new Dictionary<string, double>());

    /// <summary>A change of a PF's eswitch mode.</summary>
    public TimeSpan EswitchMode { get; } = TimeSpan.FromSeconds(2);

    /// <summary>A change of an MTU.</summary>
    public TimeSpan Mtu { get; } = TimeSpan.FromSeconds(0.1);

    /// <summary>What this machine took, as far as its ledger knows.</summary>
    public static StepDurations Read(LedgerView view)
    {
        Dictionary<string, double> measured = new(StringComparer.Ordinal);
        foreach (string key in Drivers.SelectMany(driver => (string[])[Key("create", driver), Key("remove", driver), Key("bind", driver)]))
        {
            if (double.TryParse(view.Meta(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds >= 0)
                measured[key] = seconds;
        }
        return new StepDurations(measured);
    }

    /// <summary>A change of the number of VFs, with their drivers.</summary>
    public TimeSpan Count(string? driver, int from, int to) => to == 0
        ? Of("remove", driver, from, Removal)
        : Of("create", driver, to, Creation(driver) + Binding) + Of("remove", driver, from, Removal);

    /// <summary>Other drivers for VFs that stay.</summary>
    public TimeSpan Bind(string? driver, int vfs) => Of("bind", driver, vfs, Binding);

    /// <summary>Keeps what a step took here; the newest counts as much as all before.</summary>
    internal static void Note(LedgerChange change, PlanStep step, string? driver, TimeSpan took)
    {
        (string what, int vfs) = step switch
        {
            { Kind: PlanStepKind.Count, From: 0 } => ("create", step.To),
            { Kind: PlanStepKind.Count, To: 0 } => ("remove", step.From),
            { Kind: PlanStepKind.Bind } => ("bind", step.Vfs.Count),
            _ => ("", 0),
        };
        if (vfs == 0 || driver is null || !Drivers.Contains(driver))
            return;
        double seconds = took.TotalSeconds / vfs;
        if (double.TryParse(change.Meta(Key(what, driver)), NumberStyles.Float, CultureInfo.InvariantCulture, out double before))
            seconds = (seconds + before) / 2;
        change.SetMeta(Key(what, driver), seconds.ToString("0.######", CultureInfo.InvariantCulture));
    }

    private TimeSpan Of(string what, string? driver, int vfs, double usual) => TimeSpan.FromSeconds(
        vfs * (driver is not null && _measured.TryGetValue(Key(what, driver), out double measured) ? measured : usual));

    private static double Creation(string? driver) => driver switch
    {
        "igb" => 0.2,
        "mlx5_core" => 0.4,
        "ice" or "i40e" => 0.35,
        _ => 0.3,
    };

    private static string Key(string what, string driver) => $"duration/{what}/{driver}";
}
