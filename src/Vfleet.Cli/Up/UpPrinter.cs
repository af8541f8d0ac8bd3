using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Views;
using Vfleet.Host.Inventory;

namespace Vfleet.Cli.Up;

/// <summary>Prints the report of <c>vfleet up</c> for people.</summary>
internal static class UpPrinter
{
    private static readonly IReadOnlyList<Column<(Workload Workload, VirtualFunction? Vf)>> Owners =
    [
        new("OWNER", row => row.Workload.Namespace),
        new("VF", row => row.Vf?.Label),
        new("INTERFACE", row => row.Vf?.Link?.Name),
        new("ADDRESS", row => row.Workload.Address.ToString()),
        new("VLAN", row => row.Vf?.Settings?.Vlan?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("MAC", row => row.Vf?.Link?.Mac?.ToString()),
    ];

    private static readonly IReadOnlyList<Column<UpCheck>> Checks =
    [
        new("", check => check.Ok ? "✓" : "✗"),
        new("CHECK", check => check.Name),
        new("DETAIL", check => check.Detail),
    ];

    private static readonly IReadOnlyList<Column<UpMeasurement>> Measurements =
    [
        new("MEASUREMENT", one => one.Name),
        new("EXPECTED", one => one.Expected),
        new("SEEN", one => one.Seen),
    ];

    public static void Print(ResultWriter output, UpReport report)
    {
        output.Line(report.Mode switch
        {
            "hardware" => "mode: hardware (this machine's own NIC)",
            "lab" => "mode: lab (a virtual machine with an emulated NIC and the real igb driver)",
            _ => "mode: simulated (the kernel, its NIC and every packet are simulated in this process; nothing stays up)",
        });
        output.Line("");
        output.List(report.Pfs, PfView.Columns, PfView.Json, "no PFs");
        output.Line("");
        output.List(report.Owned, VfView.Columns, VfView.Json, "no VFs");
        output.Line("");
        output.List(Rows(report), Owners, _ => new JsonObject(), "");
        output.Line("");
        output.List(report.Checks, Checks, _ => new JsonObject(), "");
        output.Line("");
        output.List(report.Measurements, Measurements, _ => new JsonObject(), "");
        output.Line("");
        output.Line(report.IsGood
            ? "all checks passed"
            : $"{report.Checks.Count(check => !check.Ok)} of {report.Checks.Count} checks failed");
    }

    private static (Workload, VirtualFunction?)[] Rows(UpReport report) =>
        [.. UpScene.Workloads.Select(workload => (workload, report.Vfs.FirstOrDefault(vf => vf.NamespacePath == $"/run/netns/{workload.Namespace}")))];
}
