using Vfleet.Telemetry.Rules;

namespace Vfleet.Telemetry.Dashboards;

/// <summary>What is chosen above dashboards, as selectors of PromQL.</summary>
internal static class Selectors
{
    public const string OfHost = """{host=~"$host"}""";
    public const string OfPool = """{host=~"$host", pool=~"$pool"}""";
    public const string OfPf = """{host=~"$host", pf=~"$pf"}""";
    public const string OfTenant = """{host=~"$host", tenant=~"$tenant"}""";
    public const string OfPfTenant = """{host=~"$host", pf=~"$pf", tenant=~"$tenant"}""";
    public const string OfVf = """{host=~"$host", pf=~"$pf", vf=~"$vf"}""";
    public const string OfVfTenant = """{host=~"$host", pf=~"$pf", vf=~"$vf", tenant=~"$tenant"}""";

    /// <summary>Alerts that somebody is told of.</summary>
    public const string Firing = """{alertname=~"Vfleet.+", alertstate="firing", severity=~"page|ticket", host=~"$host"}""";

    public static readonly Variable Hosts = new("host", MetricNames.VfInfo);
    public static readonly Variable Pools = new("pool", MetricNames.PoolSize, OfHost);
    public static readonly Variable Pfs = new("pf", MetricNames.VfInfo, OfHost);
    public static readonly Variable Vfs = new("vf", MetricNames.VfInfo, OfPf);
    public static readonly Variable Tenants = new("tenant", MetricNames.VfInfo, OfHost);
}
