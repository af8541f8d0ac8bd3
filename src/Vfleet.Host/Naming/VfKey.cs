using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Naming;

/// <summary>
/// Which VF a name stands for, and no more: enough to lock it, so that it is read once, under the lock. Most names are told by a few links in sysfs;
/// an alternative name, or one that leads nowhere, takes a reading of the machine.
/// </summary>
/// <param name="Pf">Device name of the PF.</param>
/// <param name="Index">The VF's number.</param>
internal readonly record struct VfKey(string Pf, int Index)
{
    /// <summary>The VF a name stands for now.</summary>
    /// <returns>The fault of a name that leads nowhere.</returns>
    public static async ValueTask<Outcome<VfKey>> FindAsync(IKernel kernel, HostOptions options, string name, CancellationToken cancel)
    {
        Outcome<VfKey?> quick = await TimedReading.RunAsync(() => Outcome<VfKey?>.Of(Quick(kernel.Files, name)), name, options.ReadTimer, cancel)
            .ConfigureAwait(false);
        if (quick.Fault is not null || quick.Value is not null)
            return quick.Map(key => key!.Value);
        InventoryReader inventory = new(kernel, options.ReadTimer);
        return (await VfSearch.FindAsync(inventory, name, VfDetail.None, cancel).ConfigureAwait(false)).Map(place => Of(place.Vf));
    }

    /// <summary>The key of a VF that was read.</summary>
    public static VfKey Of(VirtualFunction vf) => new(vf.Pf.DeviceName, vf.Index);

    private static VfKey? Quick(IFileTree files, string name)
    {
        if (name.LastIndexOf('/') is > 0 and var slash)
        {
            return int.TryParse(name.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && PfOf(files, name[..slash]) is { } pf && IsVf(files, pf, index, null) ? new VfKey(pf.ToString(), index) : null;
        }
        return PciAddress.TryParse(name, out PciAddress vf) && Device(files, $"{vf.SysfsPath}/physfn") is { } its
            && IndexOf(files, its, vf) is { } number && IsVf(files, its, number, vf) ? new VfKey(its.ToString(), number) : null;
    }

    private static PciAddress? PfOf(IFileTree files, string name) => PciAddress.TryParse(name, out PciAddress address) ? address
        : InterfaceName.Check(name) is null ? Device(files, $"/sys/class/net/{name}/device") : null;

    private static int? IndexOf(IFileTree files, PciAddress pf, PciAddress vf)
    {
        if (Number(files, $"{pf.SysfsPath}/sriov_offset") is not { } offset || Number(files, $"{pf.SysfsPath}/sriov_stride") is not { } stride)
            return null;
        int beyond = vf.RoutingId - pf.RoutingId - offset;
        return beyond == 0 ? 0 : beyond > 0 && stride > 0 && beyond % stride == 0 ? beyond / stride : null;
    }

    /// <summary>True where the PF itself says so: offset and stride alone would also name a VF that is not there.</summary>
    private static bool IsVf(IFileTree files, PciAddress pf, int index, PciAddress? vf) =>
        Device(files, $"{pf.SysfsPath}/virtfn{index}") is { } there && (vf is null || there == vf);

    private static PciAddress? Device(IFileTree files, string link) =>
        files.ReadLink(link).Or(null) is { } target && PciAddress.TryParse(target[(target.LastIndexOf('/') + 1)..], out PciAddress device) ? device : null;

    private static int? Number(IFileTree files, string path) =>
        int.TryParse(files.ReadText(path).Or(null), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
