using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;

namespace Vfleet.Host.Preflight;

/// <summary>The PF's own driver, and the one its VFs need.</summary>
internal static class PfDriverCheck
{
    public static IEnumerable<PreflightFinding> Find(PfFacts facts, ModuleIndex modules)
    {
        const string Check = "pf-driver";
        string label = facts.Label;
        if (facts.Pf.Driver is not { } driver)
            yield return PreflightFinding.Blocked(label, Check, $"{label} has no driver, and without one the kernel creates no VFs", null,
                "load the driver of the card (`lspci -k` names it), or bind it");
        else if (KnownDrivers.IsUserSpace(driver))
            yield return PreflightFinding.Warning(label, Check, $"{label} is bound to {driver}: it has no interface, and its VFs no settings",
                $"{driver} hands the PF itself to a program", "bind the card's own driver, or keep to VFs without settings (vfio_pci enable_sriov=1)");
        else
            yield return PreflightFinding.Ok(label, Check, driver);
        if (NativeDriver.Of(facts.Pf.Driver) is { } native)
            yield return ModuleCheck.Find(modules, label, "native-driver", native, $"VFs of {label} get no interface, and can be used through VFIO only");
    }
}
