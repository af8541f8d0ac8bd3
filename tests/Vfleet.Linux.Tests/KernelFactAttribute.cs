namespace Vfleet.Linux.Tests;

/// <summary>A test of the kernel tier: it needs Linux, root and what it names; elsewhere it is skipped and says why.</summary>
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(params string[] tools)
    {
        if (!OperatingSystem.IsLinux())
            Skip = "needs Linux";
        else if (!Environment.IsPrivilegedProcess)
            Skip = "needs root: namespaces and links are created";
        else
            Skip = Array.Find(tools, tool => !IsInstalled(tool)) is { } missing ? $"needs the program {missing}" : null;
    }

    private static bool IsInstalled(string tool) =>
        Array.Exists((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), folder => File.Exists(Path.Combine(folder, tool)));
}
