namespace Vfleet.Host.Preflight;

/// <summary>Whether new VFs are offered to drivers at once.</summary>
internal static class AutoprobeCheck
{
    private const string Check = "autoprobe";

    public static IEnumerable<PreflightFinding> Find(PfFacts facts) => facts.Pf.Autoprobe switch
    {
        null => [],
        false => [PreflightFinding.Ok(facts.Label, Check, "off")],
        true =>
        [
            PreflightFinding.Warning(facts.Label, Check, "autoprobe is on: every new VF is probed by its native driver first, also those meant for VFIO",
                $"{facts.Pf.SysfsPath}/sriov_drivers_autoprobe is 1, the kernel's default",
                "nothing to do for vfleet, which switches it off while it creates VFs; for other tools write 0 to that file"),
        ],
    };
}
