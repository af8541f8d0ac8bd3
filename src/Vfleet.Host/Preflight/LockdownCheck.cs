using Vfleet.Linux;

namespace Vfleet.Host.Preflight;

/// <summary>Kernel lockdown. Source: security/lockdown/lockdown.c; kernel_lockdown(7).</summary>
internal static class LockdownCheck
{
    private const string Check = "kernel-lockdown";

    public static IEnumerable<PreflightFinding> Find(IFileTree files)
    {
        // Kernels without lockdown have no such file.
        if (files.ReadText("/sys/kernel/security/lockdown").Or(null) is not { } text)
            return [];
        string mode = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(word => word[0] == '[')?.Trim('[', ']') ?? "none";
        return mode == "none"
            ? [PreflightFinding.Ok(PreflightFinding.Machine, Check, "off")]
            :
            [
                PreflightFinding.Warning(PreflightFinding.Machine, Check,
                    $"the kernel is locked down ({mode}): VFs and VFIO work; unsigned modules, writes to configuration space and igb_uio do not"
                    + (mode == "confidentiality" ? ", nor does kernel tracing" : ""),
                    "Secure Boot is on, or the kernel was booted with lockdown=",
                    "sign out-of-tree drivers (mokutil), use vfio-pci in place of igb_uio, or switch Secure Boot off"),
            ];
    }
}
