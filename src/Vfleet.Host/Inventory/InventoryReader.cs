using System.Globalization;
using Vfleet.Host.Drivers;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Inventory;

/// <summary>Reads PFs and VFs in one pass: one list of links, one directory per driver, a few files per PF.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="timer">How long reading files may take.</param>
public sealed class InventoryReader(IKernel kernel, ReadTimer timer)
{
    private const string NetdevsimDevices = "/sys/bus/netdevsim/devices";

    /// <summary>ARPHRD_ETHER and ARPHRD_INFINIBAND (include/uapi/linux/if_arp.h).</summary>
    private const int HardwareEthernet = 1, HardwareInfiniband = 32;

    /// <summary>Every PF, sorted by address, devices of other buses last.</summary>
    /// <param name="vfs">How much to read of VFs' settings.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async ValueTask<Outcome<IReadOnlyList<PhysicalFunction>>> ListPfsAsync(VfDetail vfs = VfDetail.None, CancellationToken cancel = default)
    {
        Outcome<LinkTable> table = await LinkTable.ReadWithRoutesAsync(kernel, vfs, cancel).ConfigureAwait(false);
        return table.Try(out LinkTable? links, out Fault? fault)
            ? await TimedReading.RunAsync(() => ListPfs(links), "PFs", timer, cancel).ConfigureAwait(false)
            : fault;
    }

    /// <summary>PFs and the VFs of all or some of them, from one list of links: for whoever needs both.</summary>
    /// <param name="wanted">The PFs whose VFs are wanted; null for all.</param>
    /// <param name="vfs">How much to read of VFs' settings.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public ValueTask<Outcome<MachineInventory>> ReadAsync(
        Func<PhysicalFunction, bool>? wanted = null, VfDetail vfs = VfDetail.SettingsAndCounters, CancellationToken cancel = default) =>
        ReadAsync(wanted, vfs, withRoutes: true, cancel);

    private async ValueTask<Outcome<MachineInventory>> ReadAsync(
        Func<PhysicalFunction, bool>? wanted, VfDetail vfs, bool withRoutes, CancellationToken cancel)
    {
        Outcome<LinkTable> table = await LinkTable.ReadAsync(kernel, vfs, withRoutes, cancel).ConfigureAwait(false);
        if (!table.Try(out LinkTable? links, out Fault? fault))
            return fault;
        return await LocatedAsync(await TimedReading.RunAsync(() => Read(links, wanted), "PFs and VFs", timer, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Only the PFs that names of PFs or VFs lead to, with all their VFs; every PF where a name leads to none. The kernel lets nobody read the
    /// files of a PF whose number of VFs it changes: that must not keep others waiting who work on another PF.
    /// </summary>
    /// <param name="names">PFs and VFs as people call them.</param>
    /// <param name="vfs">How much to read of VFs' settings.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public ValueTask<Outcome<MachineInventory>> ReadOfAsync(IReadOnlyCollection<string> names, VfDetail vfs, CancellationToken cancel = default) =>
        ReadOfAsync(names, vfs, withRoutes: true, cancel);

    /// <summary>The same without default routes, which nobody who works on a VF asks for: a router has many.</summary>
    public ValueTask<Outcome<MachineInventory>> ReadWithoutRoutesAsync(
        IReadOnlyCollection<string> names, VfDetail vfs, CancellationToken cancel) => ReadOfAsync(names, vfs, withRoutes: false, cancel);

    /// <summary>Every PF and VF, without default routes.</summary>
    /// <param name="vfs">How much to read of VFs' settings.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public ValueTask<Outcome<MachineInventory>> ReadWithoutRoutesAsync(VfDetail vfs, CancellationToken cancel = default) =>
        ReadAsync(null, vfs, withRoutes: false, cancel);

    private async ValueTask<Outcome<MachineInventory>> ReadOfAsync(
        IReadOnlyCollection<string> names, VfDetail vfs, bool withRoutes, CancellationToken cancel)
    {
        Outcome<LinkTable> table = await LinkTable.ReadAsync(kernel, vfs, withRoutes, cancel).ConfigureAwait(false);
        if (!table.Try(out LinkTable? links, out Fault? fault))
            return fault;
        Outcome<MachineInventory> ReadThose() => new PfLookup(kernel.Files, links).Of(names) is { } few && ReadFew(links, few) is { } part ? part : Read(links, null);
        return await LocatedAsync(await TimedReading.RunAsync(ReadThose, "PFs and VFs", timer, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
    }

    /// <summary>Every VF of every PF with their settings, and of VFs in other namespaces where they are.</summary>
    public async ValueTask<Outcome<IReadOnlyList<VirtualFunction>>> ListVfsAsync(
        Func<PhysicalFunction, bool>? wanted = null, VfDetail vfs = VfDetail.SettingsAndCounters, CancellationToken cancel = default) =>
        (await ReadAsync(wanted, vfs, cancel).ConfigureAwait(false)).Map(read => read.Vfs);

    private async ValueTask<Outcome<MachineInventory>> LocatedAsync(Outcome<MachineInventory> read, CancellationToken cancel)
    {
        if (!read.Try(out MachineInventory? all, out _) || !all.Vfs.Any(vf => vf.IsInterfaceElsewhere))
            return read;
        Outcome<IReadOnlyList<VirtualFunction>> located = await NamespaceSearch.LocateAsync(kernel, all.Vfs, cancel).ConfigureAwait(false);
        return located.Map(everywhere => all with { Vfs = everywhere });
    }

    /// <summary>Null where one of them is no PF, or cannot be read: then the whole machine tells what is wrong.</summary>
    private MachineInventory? ReadFew(LinkTable links, IReadOnlyCollection<PciAddress> few)
    {
        PhysicalFunction[] pfs = [.. few.Order().Select(address => ReadPci(address, links)).OfType<PhysicalFunction>()];
        return pfs.Length == few.Count && ListVfs(pfs, links).Try(out IReadOnlyList<VirtualFunction>? vfs, out _) ? new MachineInventory(pfs, vfs) { IsWhole = false } : null;
    }

    private Outcome<MachineInventory> Read(LinkTable links, Func<PhysicalFunction, bool>? wanted)
    {
        if (!ListPfs(links).Try(out IReadOnlyList<PhysicalFunction>? pfs, out Fault? fault))
            return fault;
        PhysicalFunction[] chosen = wanted is null ? [.. pfs] : [.. pfs.Where(wanted)];
        return ListVfs(chosen, links).Map(found => new MachineInventory(pfs, found));
    }

    private Outcome<IReadOnlyList<PhysicalFunction>> ListPfs(LinkTable links)
    {
        if (!new PciBus(kernel.Files).Addresses().Try(out IReadOnlyList<PciAddress>? addresses, out Fault? fault))
            return fault;
        List<PhysicalFunction> found = [];
        HashSet<PciAddress> virtualFunctions = [];
        foreach (PciAddress address in addresses)
        {
            // A VF's address lies above its PF's, so VFs are known before they are met and cost no system call here.
            if (virtualFunctions.Contains(address) || !kernel.Files.Exists($"{address.SysfsPath}/sriov_totalvfs"))
                continue;
            if (ReadPci(address, links) is not { } pf)
                continue;
            found.Add(pf);
            for (int index = 0; index < pf.NumVfs; index++)
            {
                if (pf is { VfOffset: { } offset, VfStride: { } stride } && address.VirtualFunction(index, offset, stride) is { } vf)
                    virtualFunctions.Add(vf);
            }
        }
        found.AddRange(ReadNetdevsim(links));
        return found;
    }

    private Outcome<IReadOnlyList<VirtualFunction>> ListVfs(IReadOnlyList<PhysicalFunction> pfs, LinkTable links)
    {
        DriverMap drivers = DriverMap.Read(kernel.Files, pfs.Sum(pf => pf.NumVfs));
        List<VirtualFunction> found = [];
        foreach (PhysicalFunction pf in pfs)
        {
            Outcome<IReadOnlyList<PciAddress>> addresses = AddressesOf(pf);
            // VFs that somebody removes at this moment are not there any more, and no reason to hide those of other PFs.
            if (addresses.Fault?.Kind == FaultKind.NotFound)
                continue;
            if (!addresses.Try(out IReadOnlyList<PciAddress>? list, out Fault? fault))
                return fault;
            for (int index = 0; index < pf.NumVfs; index++)
                found.Add(ReadVf(pf, index, index < list.Count ? list[index] : null, drivers, links));
        }
        return found;
    }

    private PhysicalFunction? ReadPci(PciAddress address, LinkTable links)
    {
        // A device that goes away between two reads is left out: it is not there any more.
        if (new Sriov(kernel.Files, timer.Time).Read(address).Or(null) is not { } sriov || new PciBus(kernel.Files).Read(address).Or(null) is not { } device)
            return null;
        PhysicalFunction pf = new()
        {
            SysfsPath = address.SysfsPath,
            Address = address,
            DeviceName = address.ToString(),
            Driver = device.Driver,
            VendorId = device.VendorId,
            DeviceId = device.DeviceId,
            VfDeviceId = sriov.VfDeviceId,
            TotalVfs = sriov.TotalVfs,
            NumVfs = sriov.NumVfs,
            VfOffset = sriov.Offset,
            VfStride = sriov.Stride,
            Autoprobe = sriov.Autoprobe,
            NumaNode = device.NumaNode,
            IommuGroup = device.IommuGroup,
        };
        return WithLink(pf, links);
    }

    private IEnumerable<PhysicalFunction> ReadNetdevsim(LinkTable links)
    {
        foreach (string name in kernel.Files.List(NetdevsimDevices).Or([]) ?? [])
        {
            string path = $"{NetdevsimDevices}/{name}";
            if (Number($"{path}/sriov_numvfs") is not { } count)
                continue;
            yield return WithLink(new PhysicalFunction
            {
                SysfsPath = path,
                DeviceName = name,
                Driver = "netdevsim",
                NumVfs = count,
                TotalVfs = Number($"/sys/kernel/debug/netdevsim/{name}/max_vfs"),
            }, links);
        }
    }

    private PhysicalFunction WithLink(PhysicalFunction pf, LinkTable links)
    {
        if (links.FirstOf(pf.DeviceName) is not { } link)
            return pf;
        return pf with
        {
            Name = link.Name,
            InterfaceIndex = link.Index,
            AltNames = link.AlternativeNames,
            IsUp = link.IsUp,
            HasCarrier = link.HasCarrier,
            LinkType = link.HardwareType switch { HardwareEthernet => "ether", HardwareInfiniband => "infiniband", _ => null },
            Mac = link.Mac,
            Mtu = link.Mtu,
            LinkSpeedMbps = link.HasCarrier && Number($"/sys/class/net/{link.Name}/speed") is > 0 and { } speed ? speed : null,
            DefaultRoute = links.HasRoutes ? links.CarriesDefaultRoute(link) : null,
            VfSettings = DriverLimits.HasCounters(pf.Driver) ? link.Vfs : [.. link.Vfs.Select(vf => vf with { Counters = null })],
        };
    }

    private VirtualFunction ReadVf(PhysicalFunction pf, int index, PciAddress? address, DriverMap drivers, LinkTable links)
    {
        string? driver = address is { } known ? drivers.Of(known) : null;
        LinkInfo? link = address is { } place ? links.FirstOf(place.ToString()) : null;
        return new VirtualFunction
        {
            Pf = pf,
            Index = index,
            Address = address,
            Driver = driver,
            Link = link,
            // The PF's own interface may be elsewhere too.
            IsInterfaceElsewhere = link is null && driver is not null && !KnownDrivers.IsUserSpace(driver)
                && (pf.Name is not null || NativeDriver.Of(pf.Driver) is not null),
            IommuGroup = address is { } a && kernel.Files.ReadLink($"{a.SysfsPath}/iommu_group").Or(null) is { } group
                && int.TryParse(group[(group.LastIndexOf('/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null,
            // The kernel gives a VF the node of its PF's bus.
            NumaNode = address is null ? null : pf.NumaNode,
            Settings = index < pf.VfSettings.Count ? pf.VfSettings[index] : null,
        };
    }

    private Outcome<IReadOnlyList<PciAddress>> AddressesOf(PhysicalFunction pf) => pf is { Address: { } address, NumVfs: > 0 }
        ? new Sriov(kernel.Files, timer.Time).VirtualFunctions(
            new SriovState(address, pf.TotalVfs ?? pf.NumVfs, pf.NumVfs) { Offset = pf.VfOffset, Stride = pf.VfStride })
        : Outcome<IReadOnlyList<PciAddress>>.Of([]);

    private int? Number(string path) =>
        int.TryParse(kernel.Files.ReadText(path).Or(null), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
