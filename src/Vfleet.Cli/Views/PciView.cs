using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Cli.Views;

/// <summary>What PCI tells about a function, under the key <c>pci</c> of <c>show</c>.</summary>
internal static class PciView
{
    public static void AddTo(JsonObject json, IKernel kernel, PciAddress? address)
    {
        if (address is not { } place || new PciDetailsReader(kernel.Files).Read(place).Or(null) is not { } details)
            return;
        json["pci"] = new JsonObject
        {
            ["class"] = details.Device.Class?.ToString("x6", CultureInfo.InvariantCulture),
            ["revision"] = details.Revision?.ToString("x2", CultureInfo.InvariantCulture),
            ["driverOverride"] = details.DriverOverride,
            ["msixVectors"] = details.MsixVectors,
            ["powerState"] = details.PowerState,
            ["resetMethods"] = details.ResetMethods is null ? null : new JsonArray([.. details.ResetMethods.Select(way => (JsonNode)way)]),
            ["link"] = details.Link is not { } link ? null : new JsonObject
            {
                ["speedGtps"] = link.Speed,
                ["width"] = link.Width,
                ["maxSpeedGtps"] = link.MaxSpeed,
                ["maxWidth"] = link.MaxWidth,
            },
            ["correctableErrors"] = details.CorrectableErrors?.Total,
            ["nonFatalErrors"] = details.NonFatalErrors?.Total,
            ["fatalErrors"] = details.FatalErrors?.Total,
        };
    }
}
