using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Generic.Ethtool;

namespace Vfleet.Host.Inventory;

/// <summary>Adds what ethtool and devlink tell about PFs: driver and firmware version, eswitch mode.</summary>
public static class FirmwareReader
{
    /// <summary>The same PFs with versions and modes; what a driver does not tell stays null.</summary>
    public static async ValueTask<IReadOnlyList<PhysicalFunction>> CompleteAsync(IKernel kernel, IReadOnlyList<PhysicalFunction> pfs, CancellationToken cancel)
    {
        PhysicalFunction[] result = [.. pfs];
        using EthtoolClient? ethtool = EthtoolClient.Open(kernel).Or(null);
        using DevlinkClient? devlink = DevlinkClient.Open(kernel).Or(null);
        HashSet<DevlinkHandle> handles = devlink is null
            ? []
            : [.. ((await devlink.ListDevicesAsync(cancel).ConfigureAwait(false)).Or(null) ?? []).Select(device => device.Handle)];
        for (int i = 0; i < result.Length; i++)
        {
            PhysicalFunction pf = result[i];
            DriverInfo? driver = pf.Name is null ? null : ethtool?.GetDriverInfo(pf.Name).Or(null);
            DevlinkHandle handle = new(pf.Address is null ? "netdevsim" : "pci", pf.DeviceName);
            EswitchInfo? eswitch = devlink is not null && handles.Contains(handle)
                ? (await devlink.GetEswitchAsync(handle, cancel).ConfigureAwait(false)).Or(null)
                : null;
            result[i] = pf with
            {
                DriverVersion = Known(driver?.Version),
                FirmwareVersion = Known(driver?.FirmwareVersion),
                EswitchMode = eswitch?.Mode?.ToString().ToLowerInvariant(),
            };
        }
        return result;
    }

    private static string? Known(string? text) => string.IsNullOrWhiteSpace(text) || text == "N/A" ? null : text.Trim();
}
