using Vfleet.Linux;

namespace Vfleet.Cli.Lab;

/// <summary>Where the lab keeps its files. Nothing of it lies in a checkout.</summary>
/// <param name="Cache">Kernel, modules, initramfs, scratch disks: may be deleted at any time while no lab runs.</param>
/// <param name="Runtime">Sockets, process id, console log, shared directory of the one lab this is.</param>
internal sealed record LabPaths(string Cache, string Runtime)
{
    /// <summary>A unix socket's address holds 107 bytes.</summary>
    private const int MaxRuntimeLength = 107 - 12;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Channels between host and guest, and so commands that can run at once.</summary>
    internal const int ChannelCount = 8;

    internal string PidFile => Path.Combine(Runtime, "qemu.pid");
    internal string StateFile => Path.Combine(Runtime, "state.json");
    internal string ConsoleLog => Path.Combine(Runtime, "console.log");
    internal string QemuLog => Path.Combine(Runtime, "qemu.log");
    internal string ControlSocket => Path.Combine(Runtime, "qmp.sock");
    internal string LockFile => Path.Combine(Runtime, "lab.lock");

    /// <summary>Held by `vfleet up` and `vfleet down` while they work on what is in the lab.</summary>
    internal string SceneLock => Path.Combine(Runtime, "scene.lock");

    /// <summary>Writable in the guest under the same path.</summary>
    internal string Share => Path.Combine(Runtime, "share");

    /// <summary>The copy of this program that the guest's agent runs, so that a rebuild does not pull its files from under it.</summary>
    internal string Agent => Path.Combine(Runtime, "agent");

    internal string ChannelSocket(int index) => Path.Combine(Runtime, $"port{index}.sock");

    internal string ChannelLock(int index) => Path.Combine(Runtime, $"port{index}.lock");

    /// <summary>From VFLEET_LAB_CACHE and VFLEET_LAB_DIR, or the places that Linux gives root and other users.</summary>
    internal static LabPaths FromEnvironment(Func<string, string?> variable, bool isRoot)
    {
        string cache = variable("VFLEET_LAB_CACHE") switch
        {
            { Length: > 0 } given => given,
            _ when isRoot => "/var/cache/vfleet/lab",
            _ when variable("XDG_CACHE_HOME") is { Length: > 0 } xdg => Path.Combine(xdg, "vfleet/lab"),
            _ when variable("HOME") is { Length: > 0 } home => Path.Combine(home, ".cache/vfleet/lab"),
            _ => throw new LabException(Fault.Usage("no place for the lab's cache", "set VFLEET_LAB_CACHE")),
        };
        string runtime = variable("VFLEET_LAB_DIR") switch
        {
            { Length: > 0 } given => given,
            _ when isRoot => "/run/vfleet/lab",
            _ when variable("XDG_RUNTIME_DIR") is { Length: > 0 } xdg => Path.Combine(xdg, "vfleet/lab"),
            _ => throw new LabException(Fault.Usage("no place for the lab's sockets", "set VFLEET_LAB_DIR or XDG_RUNTIME_DIR")),
        };
        LabPaths paths = new(Path.GetFullPath(cache), Path.GetFullPath(runtime));
        return paths.Runtime.Length <= MaxRuntimeLength
            ? paths
            : throw new LabException(Fault.Usage($"{paths.Runtime} is too long for a unix socket's path", "set VFLEET_LAB_DIR to a shorter one"));
    }

    internal static LabPaths OfThisProcess() =>
        FromEnvironment(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);

    /// <summary>Creates a directory that only its owner may enter: the guest can read what QEMU's user can.</summary>
    internal static void CreatePrivate(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            if (OperatingSystem.IsLinux())
                File.SetUnixFileMode(directory, OwnerOnly);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new LabException(new Fault(FaultKind.NotPermitted, $"cannot create {directory}") { Cause = e.Message, Target = directory }, e);
        }
    }
}
