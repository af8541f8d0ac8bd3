namespace Vfleet.Linux.Tests;

/// <summary>A test of the kernel tier: it needs Linux, root and what it names; elsewhere it is skipped and says why.</summary>
/// <remarks>A need is a program of the search path, or a path such as /sys/bus/netdevsim that a module makes.</remarks>
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(params string[] needs)
    {
        if (!OperatingSystem.IsLinux())
            Skip = "needs Linux";
        else if (!Environment.IsPrivilegedProcess)
            Skip = "needs root: namespaces and links are created";
        else
            Skip = Array.Find(needs, need => !IsThere(need)) is { } missing ? $"needs {missing}" : null;
    }

    private static bool IsThere(string need) => need.StartsWith('/')
        ? Path.Exists(need)
        : Array.Exists((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), folder => File.Exists(Path.Combine(folder, need)));
}
