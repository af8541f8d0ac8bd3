using Vfleet.Host.Inventory;
using Vfleet.Linux.Generic.Devlink;

namespace Vfleet.Telemetry.Capture;

/// <summary>The interface on which a VF's packets can be seen from this machine.</summary>
/// <param name="Interface">Its name.</param>
/// <param name="NamespacePath">Path of the namespace it is in; null for this process's own.</param>
/// <param name="IsRepresentor">It is the VF's representor: received and sent are the other way round.</param>
/// <param name="InterfaceIndex">Its index in that namespace.</param>
public sealed record CapturePoint(string Interface, string? NamespacePath, bool IsRepresentor, int InterfaceIndex)
{
    /// <summary>Where it is, in words.</summary>
    public string Words => $"{(IsRepresentor ? "representor " : "")}{Interface}{(NamespacePath is { } path ? $" in {path}" : "")}";

    /// <summary>Finds a VF's interface, wherever it is, else its representor.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="vf">The VF as it was read just now.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Refused where the machine has neither, with the reason.</returns>
    public static async Task<Outcome<CapturePoint>> FindAsync(IKernel kernel, VirtualFunction vf, CancellationToken cancel = default)
    {
        if (OwnInterface(vf).Try(out CapturePoint? own, out Fault? none) || vf.Pf.EswitchMode != "switchdev" || vf.Pf.Address is not { } pf)
            return own is null ? none! : own;
        if (!DevlinkClient.Open(kernel).Try(out DevlinkClient? devlink, out Fault? fault))
            return fault;
        using (devlink)
        {
            if (!(await devlink.ListPortsAsync(cancel).ConfigureAwait(false)).Try(out List<DevlinkPort>? ports, out fault))
                return fault;
            DevlinkPort? port = ports.Find(each => each is { Flavour: PortFlavour.PciVf, NetdevName: not null, External: false }
                && each.VfNumber == vf.Index && each.Handle.Device == DevlinkHandle.Of(pf));
            return port is null
                ? none with { Cause = $"{none.Cause}, and {vf.Pf.Label} shows no representor of it" }
                : new CapturePoint(port.NetdevName!, null, IsRepresentor: true, port.NetdevIndex ?? 0);
        }
    }

    /// <summary>A VF's own interface.</summary>
    /// <returns>Refused where it has none on this machine, or none that can be reached.</returns>
    public static Outcome<CapturePoint> OwnInterface(VirtualFunction vf)
    {
        if (vf.Link is { } link)
            return new CapturePoint(link.Name, vf.NamespacePath, IsRepresentor: false, link.Index);
        (string cause, string remedy) = vf switch
        {
            { Driver: null } => ("no driver is bound to it", $"bind its own: `vfleet vf bind {vf.Label} --driver native`"),
            _ when KnownDrivers.IsUserSpace(vf.Driver) =>
                ($"it is on {vf.Driver}, so a program or a guest has it", "look from within the program or the guest"),
            { IsInterfaceElsewhere: true } => ("it is in a namespace that was not found", "look from within the container that has it"),
            _ => ($"its driver {vf.Driver} makes none", "look from within what uses it"),
        };
        return Fault.Refused($"{vf.Label} has no interface on this machine", cause, remedy, vf.Label);
    }
}
