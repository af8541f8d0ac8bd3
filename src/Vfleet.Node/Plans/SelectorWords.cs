using Vfleet.Node.Pools;

namespace Vfleet.Node.Plans;

/// <summary>A pool's selectors as one text, to be compared and shown.</summary>
internal static class SelectorWords
{
    public static string Of(PoolDefinition pool) => string.Join(" or ", pool.Selectors.Select(Of));

    private static string Of(VfSelector selector) => $"{{{string.Join(", ", Parts(selector))}}}";

    private static IEnumerable<string> Parts(VfSelector selector)
    {
        (string Name, IReadOnlyList<string> Values)[] parts =
        [
            ("vendors", selector.Vendors), ("devices", selector.Devices), ("drivers", selector.Drivers),
            ("pciAddresses", selector.PciAddresses), ("pfNames", [.. selector.PfNames.Select(part => part.ToString())]),
            ("rootDevices", [.. selector.RootDevices.Select(part => part.ToString())]), ("linkTypes", selector.LinkTypes),
            ("others", selector.Unanswerable),
        ];
        return from part in parts where part.Values.Count > 0 select $"{part.Name}: {string.Join(" ", part.Values)}";
    }
}
