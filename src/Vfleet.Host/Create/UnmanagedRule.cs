using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Create;

/// <summary>
/// Keeps NetworkManager and systemd-networkd away from VFs: they would bring interfaces up and give them addresses behind the owner's back.
/// Both files live below /run and vanish with the boot.
/// </summary>
internal static class UnmanagedRule
{
    /// <summary>How often udev looks for new rules by itself.</summary>
    internal static readonly TimeSpan UdevInterval = TimeSpan.FromSeconds(3);

    private const string UdevFolder = "/run/udev";
    private const string UdevRule = "/run/udev/rules.d/78-vfleet-vf.rules";
    private const string NetworkdFolder = "/run/systemd/netif";
    private const string NetworkdRule = "/run/systemd/network/05-vfleet-vf.network";

    // A VF is a device with a link to its PF.
    private const string UdevText = """
        SUBSYSTEM=="net", ACTION=="add|move", TEST=="device/physfn", ENV{NM_UNMANAGED}="1", ENV{ID_NET_MANAGED_BY}="io.vfleet", ENV{VFLEET_VF}="1"

        """;

    private const string NetworkdText = """
        [Match]
        Property=VFLEET_VF=1

        [Link]
        Unmanaged=yes

        """;

    /// <summary>Writes the rules where udev runs; nothing to do where it does not, or on a simulated kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="options">The clock.</param>
    /// <param name="root">Prepended to the paths of the rules: empty, or a folder of a test.</param>
    /// <param name="cancel">Ends the waiting for udev.</param>
    public static async ValueTask<Outcome<Unit>> InstallAsync(IKernel kernel, HostOptions options, string root, CancellationToken cancel)
    {
        if (kernel.IsSimulated || !kernel.Files.Exists($"{UdevFolder}/control"))
            return Unit.Done;
        if (!Write(root + UdevRule, UdevText).Try(out bool isNew, out Fault? fault))
            return fault;
        if (kernel.Files.Exists(NetworkdFolder) && !Write(root + NetworkdRule, NetworkdText).Try(out _, out fault))
            return fault;
        if (!isNew)
            return Unit.Done;
        Outcome<Unit> reloaded = await TimedReading.RunAsync(kernel.ReloadUdevRules, "udev's rules", options.ReadTimer, cancel).ConfigureAwait(false);
        // The VFs come sooner than udev looks by itself. Where it cannot be told to, as in a container without udevadm, it is waited for.
        if (reloaded.Fault is not null)
            await Task.Delay(UdevInterval, options.Time, cancel).ConfigureAwait(false);
        return Unit.Done;
    }

    /// <returns>True where the file was not like this before.</returns>
    private static Outcome<bool> Write(string path, string text)
    {
        try
        {
            if (File.Exists(path) && File.ReadAllText(path) == text)
                return false;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"{path} cannot be written; nothing was changed")
            {
                Cause = e.Message,
                Target = path,
                Remedy = "run as root, with room below /run",
            };
        }
    }
}
