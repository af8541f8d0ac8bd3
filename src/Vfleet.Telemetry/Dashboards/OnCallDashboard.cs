using static Vfleet.Telemetry.Dashboards.Selectors;
using static Vfleet.Telemetry.Rules.MetricNames;

namespace Vfleet.Telemetry.Dashboards;

/// <summary>What is wrong now, and where.</summary>
internal static class OnCallDashboard
{
    public const string Uid = "vfleet-oncall";

    private static readonly DrillDown ToVf = new(DebugDashboard.Uid, "Debug: this VF", "host", "pf", "vf");
    private static readonly DrillDown ToHost = new(DebugDashboard.Uid, "Debug: this host", "host");

    public static Dashboard Create() => new(Uid, "Vfleet: on call",
        "For whoever was woken: errors, failures and drops by host, down to the VF.",
        [Hosts, Pfs, Tenants],
        [
            new Row("Now",
                new Panel(PanelKind.Table, "Alerts", "What fires, with whom it is for.",
                    new Query($"max by (alertname, severity, host, pf, vf, tenant, team) ({Alerts}{Firing})", "firing"))
                { Width = 16, Link = ToHost },
                new Panel(PanelKind.TimeSeries, "Fastest burning budgets", "1 is as planned; above 3 somebody is paged.",
                    new Query($"max by (slo) ({BurnRate}{OfHost})", "{{slo}}")) { Width = 8 }),
            new Row("Errors",
                new Panel(PanelKind.TimeSeries, "VF errors by host", "Packets with an error, in and out.",
                    new Query($"sum by (host) ({ErrorRate}{OfPfTenant})", "{{host}}")) { Unit = "pps", Link = ToHost },
                new Panel(PanelKind.TimeSeries, "Hardware errors by host", "PCIe errors, and errors of devlink's reporters.",
                    new Query($"sum by (host, severity) (increase({PfPcieErrors}{OfPf}[$__rate_interval]))", "{{host}} PCIe {{severity}}"),
                    new Query($"sum by (host, reporter) (increase({PfReporterErrors}{OfPf}[$__rate_interval]))", "{{host}} {{reporter}}"))
                { Link = ToHost },
                new Panel(PanelKind.Table, "Top VFs by drops", "Packets dropped a second, and their share of all.",
                    new Query($"topk(10, max by (host, pf, vf, tenant, owner) ({DroppedPackets}{OfPfTenant}))", "dropped/s"),
                    new Query($"topk(10, max by (host, pf, vf, tenant, owner) ({DropRatio}{OfPfTenant}))", "share")) { Link = ToVf },
                new Panel(PanelKind.Table, "VFs that are not healthy", "1 is degraded, 2 failed.",
                    new Query($"max by (host, pf, vf) ({VfHealth}{OfPf})", "health")) { Link = ToVf },
                new Panel(PanelKind.TimeSeries, "Isolation breaches", "Each one pages.",
                    new Query($"sum by (host, pf, vf, kind) (increase({IsolationBreaches}{OfPf}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} {{kind}}"))
                { Link = ToVf },
                new Panel(PanelKind.TimeSeries, "Latency, slowest VFs", "99th percentile of round trips.",
                    new Query($"topk(10, {RoundTrip99}{OfPfTenant})", "{{host}} {{pf}}/{{vf}}")) { Unit = "s", Link = ToVf }),
            new Row("Hand-outs",
                new Panel(PanelKind.TimeSeries, "Allocation failures", "By reason; refused is an exhausted pool, as a rule.",
                    new Query($"sum by (host, reason) (increase({AllocationFailures}{OfHost}[$__rate_interval]))", "{{host}} {{reason}}")),
                new Panel(PanelKind.TimeSeries, "Requests", "Requests for VFs that were answered.",
                    new Query($"sum by (host) (increase({AllocationAttempts}{OfHost}[$__rate_interval]))", "{{host}}")),
                new Panel(PanelKind.TimeSeries, "Migration errors", "Machines with VFs that could not be moved.",
                    new Query($"sum by (host, reason) (increase({MigrationFailures}{OfHost}[1h]))", "{{host}} {{reason}}"))),
            new Row("Host",
                new Panel(PanelKind.TimeSeries, "CPU of owners and VFs", "CPUs that owners of VFs take, and softirqs of VFs.",
                    new Query($"sum by (host, mode) (rate({OwnerCpu}{OfTenant}[$__rate_interval]))", "{{host}} {{mode}}"),
                    new Query($"sum by (host) (rate({VfSoftirq}{OfPf}[$__rate_interval]))", "{{host}} softirq")) { Link = ToHost },
                new Panel(PanelKind.TimeSeries, "Interrupts by host", "Of all VFs, a second.",
                    new Query($"sum by (host) ({InterruptRate}{OfPf})", "{{host}}")) { Unit = "cps", Link = ToHost },
                new Panel(PanelKind.TimeSeries, "CPU steal", "CPU time that went to others on the machine below.",
                    new Query($"avg by (host) (rate({CpuSteal}{OfHost}[$__rate_interval]))", "{{host}}")) { Unit = "percentunit" },
                new Panel(PanelKind.TimeSeries, "Agent", "How long its last pass took, and how long a kernel event waited.",
                    new Query($"max by (host) ({AgentLastPass}{OfHost})", "{{host}} pass"),
                    new Query($"max by (host) ({AgentEventLag}{OfHost})", "{{host}} event")) { Unit = "s" },
                new Panel(PanelKind.TimeSeries, "Drift", "VFs that were changed behind Vfleet's back.",
                    new Query($"sum by (host) (increase({AgentDrift}{OfHost}[$__rate_interval]))", "{{host}}")),
                new Panel(PanelKind.Table, "Gaps of telemetry", "What could not be read.",
                    new Query($"max by (host, what) ({Skipped}{OfHost})", "skipped"))),
        ]);
}
