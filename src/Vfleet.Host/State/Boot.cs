using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>The boot this machine runs on: VFs, namespaces and probing end with it, records do not.</summary>
public static class Boot
{
    /// <summary>Its id; null where the kernel does not tell. Equivalent to <c>cat /proc/sys/kernel/random/boot_id</c>.</summary>
    public static string? Id(IFileTree files) => files.ReadText("/proc/sys/kernel/random/boot_id").Or(null);
}
