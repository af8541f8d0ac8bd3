namespace Vfleet.Telemetry.Rules;

/// <summary>
/// Series that dashboards read: what nodes tell, and what deploy/prometheus records of it. A test holds each against
/// <see cref="MetricCatalog"/> and the files.
/// </summary>
internal static class MetricNames
{
    public const string AllocationAttempts = "vfleet_allocation_attempts_total";
    public const string AllocationFailures = "vfleet_allocation_failures_total";
    public const string AllocationStageBuckets = "vfleet_allocation_stage_seconds_bucket";
    public const string AgentEventLag = "vfleet_agent_event_lag_seconds";
    public const string AgentLastPass = "vfleet_agent_last_pass_seconds";
    public const string AgentDrift = "vfleet_agent_drift_total";
    public const string Alerts = "ALERTS";
    public const string CounterUnavailable = "vfleet_vf_counter_unavailable";
    public const string CpuSteal = "vfleet_cpu_steal_seconds_total";
    public const string IsolationBreaches = "vfleet_isolation_breaches_total";
    public const string Maintenance = "vfleet_maintenance";
    public const string MigrationFailures = "vfleet_migration_failures_total";
    public const string OwnerCpu = "vfleet_owner_cpu_seconds_total";
    public const string PfInfo = "vfleet_pf_info";
    public const string PfPcieErrors = "vfleet_pf_pcie_errors_total";
    public const string PfReporterErrors = "vfleet_pf_reporter_errors_total";
    public const string PoolSize = "vfleet_pool_size";
    public const string PoolVfs = "vfleet_pool_vfs";
    public const string ProbeBuckets = "vfleet_vf_probe_round_trip_seconds_bucket";
    public const string ProbeFailures = "vfleet_vf_probe_failures_total";
    public const string QueuePackets = "vfleet_vf_queue_packets_total";
    public const string Skipped = "vfleet_telemetry_skipped";
    public const string VectorInfo = "vfleet_vf_vector_info";
    public const string VectorInterrupts = "vfleet_vf_vector_interrupts_total";
    public const string VfCarrierLosses = "vfleet_vf_carrier_losses_total";
    public const string VfFaults = "vfleet_vf_faults_total";
    public const string VfHealth = "vfleet_vf_health";
    public const string VfInfo = "vfleet_vf_info";
    public const string VfReceiveErrors = "vfleet_vf_receive_errors_total";
    public const string VfTransmitErrors = "vfleet_vf_transmit_errors_total";
    public const string VfReceivePackets = "vfleet_vf_receive_packets_total";
    public const string VfTransmitPackets = "vfleet_vf_transmit_packets_total";
    public const string VfSettingsInfo = "vfleet_vf_settings_info";
    public const string VfSoftirq = "vfleet_vf_softirq_seconds_total";

    public const string DropRatio = "vfleet:vf_drop:ratio_rate5m";
    public const string DroppedPackets = "vfleet:vf_dropped_packets:rate5m";
    public const string ErrorRate = "vfleet:vf_errors:rate5m";
    public const string InterruptRate = "vfleet:vf_interrupts:rate5m";
    public const string PfThroughput = "vfleet:pf_throughput:ratio_rate5m";
    public const string ReceiveRate = "vfleet:vf_receive_bytes:rate5m";
    public const string RoundTripMedian = "vfleet:vf_probe_round_trip_seconds:p50_rate5m";
    public const string RoundTrip99 = "vfleet:vf_probe_round_trip_seconds:p99_rate5m";
    public const string RoundTrip999 = "vfleet:vf_probe_round_trip_seconds:p999_rate5m";
    public const string TransmitRate = "vfleet:vf_transmit_bytes:rate5m";

    public const string BudgetLeft = "slo:period_error_budget_remaining:ratio";
    public const string BurnRate = "slo:current_burn_rate:ratio";
    public const string ErrorsOverPeriod = "slo:sli_error:ratio_rate30d";
    public const string Target = "slo:objective:ratio";
}
