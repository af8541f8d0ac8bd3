namespace Vfleet.Telemetry.Dashboards;

/// <summary>The dashboards for Grafana: executive, on call, debug.</summary>
public static class GrafanaDashboards
{
    /// <summary>The descriptions, from the widest view to the closest.</summary>
    internal static IReadOnlyList<Dashboard> All { get; } =
        [ExecutiveDashboard.Create(), OnCallDashboard.Create(), DebugDashboard.Create()];

    /// <summary>Names of files with their JSON; always the same bytes.</summary>
    public static IReadOnlyList<(string Name, string Text)> Files() =>
        [.. All.Select(dashboard => ($"{dashboard.Uid}.json", DashboardWriter.Write(dashboard, All)))];
}
