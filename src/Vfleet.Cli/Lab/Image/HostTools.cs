using System.Text.RegularExpressions;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Image;

/// <summary>The programs that must be installed on the host, and how they get there.</summary>
internal static partial class HostTools
{
    internal const string Qemu = "qemu-system-x86_64";

    /// <summary>The igb device came with 8.0.</summary>
    private const int MinimumQemu = 8;

    /// <summary>Programs and the packages that bring them: to run the lab, and below the line to build its kernel modules.</summary>
    private static readonly (string Program, string Package, bool ForBuild)[] Tools =
    [
        ("modprobe", "kmod", false),
        ("depmod", "kmod", false),
        ("mkfs.ext4", "e2fsprogs", false),
        ("xz", "xz-utils", false),
        ("make", "make", true),
        ("gcc", "gcc", true),
        ("strip", "binutils", true),
        ("tar", "tar", true),
    ];

    /// <summary>QEMU's version, or null where it is missing or has no igb.</summary>
    internal static async Task<string?> QemuVersionAsync(CancellationToken cancellation)
    {
        if (Programs.Find(Qemu) is not { } path)
            return null;
        ProgramResult result = await Programs.RunAsync(path, ["--version"], cancellation);
        Match version = VersionNumber().Match(result.Output);
        return version.Success && int.Parse(version.Groups[1].ValueSpan, provider: null) >= MinimumQemu ? version.Value : null;
    }

    /// <summary>Installs what is missing; where this user may not, says which packages those are.</summary>
    internal static async Task EnsureAsync(
        Func<CancellationToken, Task<Apt>> apt, bool forBuild, bool isRoot, IProgress<string> progress, CancellationToken cancellation)
    {
        string[] missing = [.. Tools.Where(tool => (forBuild || !tool.ForBuild) && Programs.Find(tool.Program) is null)
            .Select(tool => tool.Package).Distinct()];
        bool needsQemu = await QemuVersionAsync(cancellation) is null;
        if (missing.Length == 0 && !needsQemu)
            return;
        if (!isRoot)
            throw NotRoot(missing, needsQemu);

        Apt fetcher = await apt(cancellation);
        if (needsQemu)
            await InstallQemuAsync(fetcher, progress, cancellation);
        if (missing.Length > 0)
        {
            progress.Report($"installing {string.Join(' ', missing)}");
            await fetcher.InstallAsync(missing, suite: null, cancellation);
        }
    }

    private static async Task InstallQemuAsync(Apt apt, IProgress<string> progress, CancellationToken cancellation)
    {
        IReadOnlyList<string> versions = await apt.VersionsAsync("qemu-system-x86", cancellation);
        if (versions.FirstOrDefault(version => MajorOf(version) >= MinimumQemu) is not { } wanted)
        {
            throw new LabException(Fault.NotFound(
                $"the configured Debian mirror offers no QEMU {MinimumQemu} or newer, which emulates the SR-IOV card",
                $"use a mirror with {apt.Backports}"));
        }

        progress.Report($"installing qemu-system-x86 {wanted}");
        await apt.InstallAsync([$"qemu-system-x86={wanted}"], apt.Backports, cancellation);
    }

    private static LabException NotRoot(string[] missing, bool needsQemu)
    {
        List<string> commands = [];
        if (needsQemu)
            commands.Add("apt-get install -t $(. /etc/os-release; echo $VERSION_CODENAME)-backports qemu-system-x86");
        if (missing.Length > 0)
            commands.Add($"apt-get install {string.Join(' ', missing)}");
        string[] all = needsQemu ? ["qemu-system-x86 (8.0 or newer)", .. missing] : missing;
        return new LabException(new Fault(FaultKind.NotPermitted, $"the lab needs packages that only root can install: {string.Join(", ", all)}")
        {
            Remedy = $"run `vfleet lab up` once as root, or there: {string.Join(" && ", commands)}",
        });
    }

    /// <summary>1:10.0.2+ds-2 is major 10.</summary>
    internal static int MajorOf(string version) =>
        int.TryParse(version.Split(':')[^1].Split('.')[0], out int major) ? major : 0;

    [GeneratedRegex(@"(\d+)\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();
}
