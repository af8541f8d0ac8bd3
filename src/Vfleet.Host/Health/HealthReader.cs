using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Health;

/// <summary>
/// Reads how all PFs and VFs fare, beside an inventory that was just read: one list of devlink's reporters, the driver's counters of each
/// PF, three small files for each function with PCIe error reporting.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="timer">How long reading files may take.</param>
public sealed class HealthReader(IKernel kernel, ReadTimer timer)
{
    /// <summary>Reads them all.</summary>
    /// <param name="inventory">PFs and VFs with their links, as they are now.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>TimedOut where a driver is stuck; what a driver does not tell is null.</returns>
    public async ValueTask<Outcome<MachineHealthReading>> ReadAsync(MachineInventory inventory, CancellationToken cancel = default)
    {
        Outcome<List<LinkInfo>> listed = await LinksAsync(cancel).ConfigureAwait(false);
        if (!listed.Try(out List<LinkInfo>? links, out Fault? fault))
            return fault;
        IReadOnlyList<HealthReporter> reporters = await ReportersAsync(cancel).ConfigureAwait(false);
        return await TimedReading.RunAsync(() => Read(inventory, links, reporters), "health", timer, cancel).ConfigureAwait(false);
    }

    private Outcome<MachineHealthReading> Read(MachineInventory inventory, List<LinkInfo> links, IReadOnlyList<HealthReporter> reporters)
    {
        if (!EthtoolClient.Open(kernel).Try(out EthtoolClient? ethtool, out Fault? fault))
            return fault;
        using (ethtool)
        {
            Dictionary<string, SpoofCounters> spoofed = new(StringComparer.Ordinal);
            List<PfHealthReading> pfs = [];
            foreach (PhysicalFunction pf in inventory.Pfs)
            {
                SpoofCounters counters = pf.Name is { } name ? SpoofCounters.Read(ethtool, name) : new SpoofCounters();
                spoofed[pf.DeviceName] = counters;
                pfs.Add(OfPf(pf, links.Find(link => link.Index == pf.InterfaceIndex && link.Name == pf.Name), counters, reporters));
            }
            VfHealthReading[] vfs = [.. inventory.Vfs.Select(vf => OfVf(vf, spoofed.GetValueOrDefault(vf.Pf.DeviceName)))];
            return new MachineHealthReading(pfs, vfs);
        }
    }

    private PfHealthReading OfPf(
        PhysicalFunction pf, LinkInfo? link, SpoofCounters counters, IReadOnlyList<HealthReporter> reporters) => new()
    {
        Label = pf.Label,
        Address = pf.Address,
        Driver = pf.Driver,
        InterfaceIndex = pf.InterfaceIndex == 0 ? null : pf.InterfaceIndex,
        IsUp = pf.IsUp,
        HasCarrier = pf.HasCarrier,
        CarrierLosses = link?.CarrierLosses,
        Statistics = link?.Statistics,
        CorrectableErrors = Errors(pf.Address, "aer_dev_correctable"),
        NonFatalErrors = Errors(pf.Address, "aer_dev_nonfatal"),
        FatalErrors = Errors(pf.Address, "aer_dev_fatal"),
        SpoofedPackets = counters.OfPf,
        Reporters = [.. reporters.Where(reporter => reporter.Device.Device == pf.DeviceName).Select(Reading)],
    };

    private VfHealthReading OfVf(VirtualFunction vf, SpoofCounters? counters) => new()
    {
        Label = vf.Label,
        Pf = vf.Pf.Label,
        Address = vf.Address,
        Driver = vf.Driver,
        InterfaceIndex = vf.Link?.Index,
        IsUp = vf.Link?.IsUp,
        HasCarrier = vf.Link?.HasCarrier,
        CarrierLosses = vf.Link?.CarrierLosses,
        Statistics = vf.Link?.Statistics,
        IsCarrierExpected = vf.Link?.IsUp == true && vf.Settings?.LinkState switch
        {
            VfLinkState.Disable => false,
            VfLinkState.Enable => true,
            _ => vf.Pf.HasCarrier == true,
        },
        CorrectableErrors = Errors(vf.Address, "aer_dev_correctable"),
        NonFatalErrors = Errors(vf.Address, "aer_dev_nonfatal"),
        FatalErrors = Errors(vf.Address, "aer_dev_fatal"),
        SpoofedPackets = counters?.OfVf(vf.Index),
    };

    private ulong? Errors(PciAddress? address, string attribute) =>
        address is { } known ? PciErrorCounters.Read(kernel.Files, known, attribute)?.Total : null;

    private static ReporterReading Reading(HealthReporter reporter) => new(
        reporter.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{reporter.Name} of port {port}") : reporter.Name,
        reporter.Healthy, reporter.Errors);

    /// <summary>The inventory of PFs keeps no counters of their interfaces.</summary>
    private async ValueTask<Outcome<List<LinkInfo>>> LinksAsync(CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
            return await route.ListLinksAsync(VfDetail.None, cancel).ConfigureAwait(false);
    }

    /// <summary>None where the kernel or every driver is without devlink: that is no failure of reading.</summary>
    private async ValueTask<IReadOnlyList<HealthReporter>> ReportersAsync(CancellationToken cancel)
    {
        if (!DevlinkClient.Open(kernel).Try(out DevlinkClient? devlink, out _))
            return [];
        using (devlink)
            return (await devlink.ListHealthReportersAsync(cancel).ConfigureAwait(false)).Or(null) ?? [];
    }
}
