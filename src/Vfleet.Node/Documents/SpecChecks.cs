using Vfleet.Host.Settings;
using Vfleet.Linux.Probes;
using Vfleet.Linux.Route;

namespace Vfleet.Node.Documents;

/// <summary>Rules between the fields of a network, and of a pool's policy.</summary>
internal static class SpecChecks
{
    /// <summary>Tells of every rule the network breaks.</summary>
    public static void Check(Network network, Reading reading)
    {
        VfSettings set = network.Spec.Settings;
        if (set.MaxTxRateMbps > 0 && set.MinTxRateMbps > set.MaxTxRateMbps)
            reading.ProblemAt("spec.minTxRate", $"spec.minTxRate: {set.MinTxRateMbps} Mbit/s is above maxTxRate, {set.MaxTxRateMbps} Mbit/s",
                "raise maxTxRate, or write 0 there for no limit");
        if (!reading.IsWhole("spec.vlan") || set.Vlan > 0)
            return;
        if (set.VlanQos > 0)
            reading.ProblemAt("spec.vlanQoS", "spec.vlanQoS: a priority belongs to a VLAN, and vlan is 0",
                "write vlan: 1 to 4094, or remove vlanQoS");
        if (set.VlanProtocol == VlanProtocol.Dot1Ad)
            reading.ProblemAt("spec.vlanProto", "spec.vlanProto: 802.1ad needs a VLAN, and vlan is 0",
                "write vlan: 1 to 4094, or remove vlanProto");
    }

    /// <summary>Tells of every rule the pool's policy breaks.</summary>
    public static void Check(PoolPolicy policy, Reading reading)
    {
        PoolPolicySpec spec = policy.Spec;
        if (spec.Bandwidth is { MaximumMbps: > 0 } rates && rates.GuaranteedMbps > rates.MaximumMbps)
            reading.ProblemAt("spec.bandwidth.guaranteedMbps",
                $"spec.bandwidth.guaranteedMbps: {rates.GuaranteedMbps} is above maximumMbps, {rates.MaximumMbps}",
                "raise maximumMbps, or write 0 there for no limit");
        CheckProbes(spec.Probes ?? [], reading);
        if (spec.Health is not null && reading.IsWhole("spec.health"))
        {
            var thresholds = spec.Health.ToThresholds();
            if (thresholds.FailedCarrierLosses > 0 && thresholds.FailedCarrierLosses < thresholds.DegradedCarrierLosses)
                reading.ProblemAt("spec.health",
                    $"spec.health: failedCarrierLosses, {thresholds.FailedCarrierLosses}, is below degradedCarrierLosses, "
                    + $"{thresholds.DegradedCarrierLosses}",
                    "a VF is degraded before it has failed: raise failedCarrierLosses, or write 0 there for never");
        }
    }

    private static void CheckProbes(IReadOnlyList<ProbeSpec> probes, Reading reading)
    {
        if (probes.Count > ProbeSpec.Most)
            reading.ProblemAt("spec.probes", $"spec.probes: {probes.Count} targets are more than {ProbeSpec.Most}", "every VF of the pool asks every target; name fewer");
        for (int i = 0; i < probes.Count && reading.IsWhole("spec.probes"); i++)
        {
            ProbeSpec probe = probes[i];
            string path = $"spec.probes[{i}]";
            if (probe.Protocol == ProbeProtocol.Tcp && probe.Port is null)
                reading.ProblemAt(path, $"{path}.port is missing", "a connection needs one: write port: 1 to 65535");
            else if (probe.Protocol != ProbeProtocol.Tcp && probe.Port is not null)
                reading.ProblemAt(path, $"{path}.port: an echo has no port", "write protocol: tcp, or remove port");
            else if (probes.Take(i).Any(other => other.ToProbe().Target == probe.ToProbe().Target))
                reading.ProblemAt(path, $"{path}: {probe.ToProbe().Target} is there twice", "remove one of them");
        }
    }
}
