namespace Vfleet.Host.Preflight;

/// <summary>Whether a kernel module is there.</summary>
internal static class ModuleCheck
{
    public static PreflightFinding Find(ModuleIndex modules, string subject, string check, string module, string without) => modules.StateOf(module) switch
    {
        ModuleState.Loaded => PreflightFinding.Ok(subject, check, $"{module} is loaded"),
        ModuleState.OnDisk => PreflightFinding.Ok(subject, check, $"{module} is there, and loaded when it is needed"),
        ModuleState.Missing => PreflightFinding.Blocked(subject, check, $"the kernel module {module} is missing: {without}",
            $"/lib/modules/{modules.Release} has no {module}, and it is not built in",
            $"install the package with the modules of kernel {modules.Release}; cloud and virtual kernels leave drivers out"),
        _ => PreflightFinding.Warning(subject, check, $"{module} is not loaded, and it cannot be told whether it is there",
            $"/lib/modules/{modules.Release ?? "$(uname -r)"}/modules.dep cannot be read here", $"`modprobe {module}` on the host tells"),
    };
}
