using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Preflight;

/// <summary>Explains why a device that was named, or the whole machine, offers no SR-IOV.</summary>
internal sealed class AbsentPf(IKernel kernel, TimeProvider time)
{
    private const string Check = "sriov-capability";

    /// <returns>Null when there is no such device at all.</returns>
    public async Task<PreflightFinding?> ExplainAsync(string name, CancellationToken cancel)
    {
        if (PciAddress.TryParse(name, out PciAddress address))
            return ExplainDevice(kernel.Files, time, name, address);
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out _))
            return null;
        using (route)
        {
            // No interface of that name: the caller's own fault says so better.
            List<LinkInfo> links = (await route.ListLinksAsync(cancel: cancel).ConfigureAwait(false)).Or(null) ?? [];
            if (links.Find(link => link.Name == name || link.AlternativeNames.Contains(name)) is not { } found)
                return null;
            return PciAddress.TryParse(found.ParentDevice, out address)
                ? ExplainDevice(kernel.Files, time, name, address)
                : PreflightFinding.Blocked(name, Check, $"{name} cannot have VFs",
                    found.Kind is { } kind ? $"it is a {kind}, no device" : "no PCI device is behind it", "name a physical network card; see `vfleet pf list`");
        }
    }

    /// <summary>One finding for a machine without any PF, and the cause for each of its network controllers.</summary>
    public static IEnumerable<PreflightFinding> ExplainNone(IFileTree files, TimeProvider time)
    {
        yield return PreflightFinding.Blocked(PreflightFinding.Machine, "sriov-devices", "this machine has no device that can have VFs now", null,
            "the findings about its network cards say why; without such hardware `vfleet up` runs a virtual machine that has it");
        foreach (PciDevice device in new PciBus(files).List().Or(null) ?? [])
        {
            if (device is { IsNetworkController: true, IsVirtualFunction: false } && ExplainDevice(files, time, device.Address.ToString(), device.Address) is { } finding)
                yield return finding with { Level = FindingLevel.Warning };
        }
    }

    private static PreflightFinding? ExplainDevice(IFileTree files, TimeProvider time, string name, PciAddress address) =>
        new Sriov(files, time).Read(address).Fault is not { Kind: not FaultKind.NotFound } fault
            ? null
            : PreflightFinding.Blocked(name, Check, fault.Error, fault.Cause, fault.Remedy);
}
