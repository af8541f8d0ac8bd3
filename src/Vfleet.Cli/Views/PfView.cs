using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Cli.Views;

/// <summary>A PF as rows and as JSON. The JSON keys are a promise: docs/cli.md.</summary>
internal static class PfView
{
    public static readonly IReadOnlyList<Column<PfRow>> Columns =
    [
        new("PF", row => row.Pf.Label),
        new("BDF", row => row.Pf.Address?.ToString()),
        new("DRIVER", row => row.Pf.Driver),
        new("VFS", row => $"{row.Pf.NumVfs}/{row.Pf.TotalVfs?.ToString(CultureInfo.InvariantCulture) ?? "?"}"),
        new("NUMA", row => Text(row.Pf.NumaNode)),
        new("LINK", row => row.Pf.LinkState),
        new("MBIT/S", row => Text(row.Pf.LinkSpeedMbps)),
        new("MAC", row => row.Pf.Mac?.ToString()),
        new("DEVICE", row => row.DeviceName ?? Ids(row.Pf)),
        new("MTU", row => Text(row.Pf.Mtu), OnlyWide: true),
        new("IOMMU", row => Text(row.Pf.IommuGroup), OnlyWide: true),
        new("AUTOPROBE", row => row.Pf.Autoprobe is { } on ? on ? "on" : "off" : null, OnlyWide: true),
        new("ESWITCH", row => row.Pf.EswitchMode, OnlyWide: true),
        new("FIRMWARE", row => row.Pf.FirmwareVersion, OnlyWide: true),
        new("ROUTE", row => row.Pf.DefaultRoute == true ? "default" : null, OnlyWide: true),
    ];

    public static JsonObject Json(PfRow row) => new()
    {
        ["bdf"] = row.Pf.Address?.ToString(),
        ["name"] = row.Pf.Name,
        ["altNames"] = new JsonArray([.. row.Pf.AltNames.Select(name => (JsonNode)name)]),
        ["driver"] = row.Pf.Driver,
        ["vendorId"] = Hex(row.Pf.VendorId),
        ["deviceId"] = Hex(row.Pf.DeviceId),
        ["vendorName"] = row.VendorName,
        ["deviceName"] = row.DeviceName,
        ["totalVfs"] = row.Pf.TotalVfs,
        ["numVfs"] = row.Pf.NumVfs,
        ["vfOffset"] = row.Pf.VfOffset,
        ["vfStride"] = row.Pf.VfStride,
        ["autoprobe"] = row.Pf.Autoprobe,
        ["numaNode"] = row.Pf.NumaNode,
        ["iommuGroup"] = row.Pf.IommuGroup,
        ["linkState"] = row.Pf.LinkState,
        ["linkSpeedMbps"] = row.Pf.LinkSpeedMbps,
        ["mac"] = row.Pf.Mac?.ToString(),
        ["mtu"] = row.Pf.Mtu,
        ["firmwareVersion"] = row.Pf.FirmwareVersion,
        ["driverVersion"] = row.Pf.DriverVersion,
        ["eswitchMode"] = row.Pf.EswitchMode,
        ["defaultRoute"] = row.Pf.DefaultRoute,
    };

    private static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Hex(ushort? value) => value?.ToString("x4", CultureInfo.InvariantCulture);

    private static string? Ids(PhysicalFunction pf) => pf.VendorId is null ? null : $"{Hex(pf.VendorId)}:{Hex(pf.DeviceId)}";
}

/// <summary>A PF with the names of its ids.</summary>
internal sealed record PfRow(PhysicalFunction Pf, string? VendorName, string? DeviceName)
{
    public static IReadOnlyList<PfRow> Of(IKernel kernel, IReadOnlyList<PhysicalFunction> pfs)
    {
        IReadOnlyDictionary<PciId, PciIdNames> names = new PciIds(kernel.Files).Find(pfs.Select(IdOf).OfType<PciId>());
        return [.. pfs.Select(pf => IdOf(pf) is { } id && names.GetValueOrDefault(id) is { } known
            ? new PfRow(pf, known.Vendor, known.Device)
            : new PfRow(pf, null, null))];
    }

    private static PciId? IdOf(PhysicalFunction pf) => pf is { VendorId: { } vendor, DeviceId: { } device } ? new PciId(vendor, device) : null;
}
