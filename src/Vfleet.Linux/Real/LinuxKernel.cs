using System.ComponentModel;
using System.Diagnostics;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Probes;
using Vfleet.Linux.Vfio;

namespace Vfleet.Linux.Real;

/// <summary>The kernel this process runs on.</summary>
/// <param name="root">Prepended to the paths of <see cref="Files"/>: empty, or a folder with fixtures.</param>
/// <param name="waitsInPlace">
/// True runs every call on the caller's thread: for a process that does one thing and ends. Whoever started it waits for its end anyway, and a
/// process does not end before each of its threads has left the kernel, so another thread that goes on meanwhile would gain nothing, and cost the
/// time it takes to start. No deadline ends such a call.
/// </param>
public sealed class LinuxKernel(string root = "", bool waitsInPlace = false) : IKernel
{
    /// <inheritdoc/>
    public string Name => "linux";

    /// <inheritdoc/>
    public bool IsSimulated => false;

    /// <inheritdoc/>
    public IFileTree Files { get; } = new RealFileTree(root);

    /// <inheritdoc/>
    public Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups)
    {
        uint[] wanted = groups.ToArray();
        return RealNetworkNamespace.Run(within, () => RealNetlinkSocket.Open(protocol, wanted, waitsInPlace));
    }

    /// <inheritdoc/>
    public Outcome<NetworkNamespace> OpenNamespace(string path) => RealNetworkNamespace.Open(path, waitsInPlace);

    /// <inheritdoc/>
    public Outcome<NetworkNamespace> CreateNamespace(string name) => NamedNamespaces.Create(this, name);

    /// <inheritdoc/>
    public Outcome<Unit> DeleteNamespace(string name) => NamedNamespaces.Delete(name);

    /// <inheritdoc/>
    public Outcome<IPrivateNamespace> CreatePrivateNamespace() => RealPrivateNamespace.Create(this);

    /// <inheritdoc/>
    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) =>
        RealNetworkNamespace.Run(within, () => RealPacketSocket.Open(interfaceIndex));

    /// <inheritdoc/>
    public Outcome<IProbeSocket> OpenProbe(ProbeTarget target, string interfaceName, NetworkNamespace? within = null) =>
        RealNetworkNamespace.Run(within, () => RealProbeSocket.Open(target, interfaceName));

    /// <inheritdoc/>
    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => VfioDevice.Open(address, iommuGroup);

    /// <inheritdoc/>
    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => VfioGroup.IsOpen(iommuGroup);

    /// <inheritdoc/>
    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null)
    {
        byte[] data = command.ToArray();
        return RealNetworkNamespace.Run(within, () => Generic.EthtoolIoctl.Call(interfaceName, data));
    }

    /// <inheritdoc/>
    public Outcome<Unit> LoadModule(string name)
    {
        if (Files.Exists($"/sys/module/{name.Replace('-', '_')}"))
            return Unit.Done;
        return Complaint("modprobe", "--", name) is { } words
            ? Fault.Unsupported($"kernel module {name} could not be loaded", words, $"install the kernel's module package, then `modprobe {name}`", name)
            : Unit.Done;
    }

    /// <inheritdoc/>
    public Outcome<Unit> ReloadUdevRules() => Complaint("udevadm", "control", "--reload") is { } words
        ? Fault.Unsupported("udev did not read its rules anew", words, "look whether `udevadm control --reload` works")
        : Unit.Done;

    /// <summary>Runs a program; what it says where it fails, else null.</summary>
    private static string? Complaint(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using Process process = Process.Start(start)!;
            _ = process.StandardOutput.ReadToEndAsync();
            string words = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : words;
        }
        catch (Win32Exception e)
        {
            // The program itself is not there or may not be run.
            return e.Message;
        }
    }
}
