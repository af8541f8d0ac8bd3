using static Vfleet.Telemetry.Dashboards.Selectors;
using static Vfleet.Telemetry.Rules.MetricNames;

namespace Vfleet.Telemetry.Dashboards;

/// <summary>Capacity and promises of the whole fleet.</summary>
internal static class ExecutiveDashboard
{
    public const string Uid = "vfleet-executive";

    private static readonly DrillDown ToHost = new(OnCallDashboard.Uid, "On call: this host", "host");
    private static readonly DrillDown ToOnCall = new(OnCallDashboard.Uid, "On call");

    public static Dashboard Create() => new(Uid, "Vfleet: executive",
        "For owners of the business and the product: capacity, and whether promises are kept.",
        [Hosts, Pools, Tenants],
        [
            new Row("Utilization",
                new Panel(PanelKind.Stat, "VFs in use", "Share of all VFs that somebody has.",
                    new Query($$"""sum({{PoolVfs}}{host=~"$host", pool=~"$pool", state=~"reserved|attached|releasing"}) / sum({{PoolSize}}{{OfPool}})"""))
                { Width = 4, Unit = "percentunit" },
                new Panel(PanelKind.Stat, "VFs", "All VFs of the fleet's pools.", new Query($"sum({PoolSize}{OfPool})")) { Width = 4 },
                new Panel(PanelKind.TimeSeries, "Total VF utilization", "What all VFs received and sent.",
                    new Query($"sum({ReceiveRate}{OfTenant}) * 8", "received"), new Query($"sum({TransmitRate}{OfTenant}) * 8", "sent"))
                { Width = 8, Unit = "bps" },
                new Panel(PanelKind.Bars, "Fullest links", "VFs of a PF together, of its link's speed. Above 80 % headroom is gone.",
                    new Query($"topk(10, {PfThroughput}{OfHost})", "{{host}} {{pf}}")) { Width = 8, Unit = "percentunit", Link = ToHost }),
            new Row("Promises",
                new Panel(PanelKind.Table, "SLO compliance",
                    "Each objective over 30 days: what was good, what is wanted, and the least that is left of a budget.",
                    new Query($"1 - avg by (slo) ({ErrorsOverPeriod}{OfHost})", "good"), new Query($"max by (slo) ({Target})", "wanted"),
                    new Query($"min by (slo) ({BudgetLeft}{OfHost})", "budget left"))
                { Unit = "percentunit", Link = ToOnCall },
                new Panel(PanelKind.TimeSeries, "Error budget left", "The least of each objective. Below 0 the promise is broken.",
                    new Query($"min by (slo) ({BudgetLeft}{OfHost})", "{{slo}}")) { Unit = "percentunit" },
                new Panel(PanelKind.TimeSeries, "Incidents by tenant",
                    "Groups of alerts that Alertmanager tells of together: those of one tenant on one host. Without a tenant it is the platform's.",
                    new Query($"count by (team) (count by (host, tenant, team) ({Alerts}{Firing}))", "{{team}}")) { Link = ToOnCall },
                new Panel(PanelKind.Stat, "PFs under maintenance", "Their alerts are held back.",
                    new Query($"sum({Maintenance}{OfHost})")) { Width = 4 }),
            new Row("Pools",
                new Panel(PanelKind.TimeSeries, "Allocation pool usage", "VFs of each pool by what has become of them.",
                    new Query($"sum by (pool, state) ({PoolVfs}{OfPool})", "{{pool}}: {{state}}")),
                new Panel(PanelKind.Bars, "Free VFs by pool", "The pools with the fewest.",
                    new Query($$"""bottomk(10, sum by (host, pool) ({{PoolVfs}}{host=~"$host", pool=~"$pool", state="free"}))""",
                        "{{host}} {{pool}}"))
                { Link = ToHost }),
        ]);
}
