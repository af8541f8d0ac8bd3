using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>A PCI Express link: what was negotiated and what is possible. Null is unknown; VFs have no link of their own.</summary>
/// <param name="Speed">Now, in GT/s per lane.</param>
/// <param name="Width">Lanes now.</param>
/// <param name="MaxSpeed">Highest, in GT/s per lane.</param>
/// <param name="MaxWidth">Most lanes.</param>
public sealed record PciLink(double? Speed, int? Width, double? MaxSpeed, int? MaxWidth)
{
    /// <summary>True where the link runs slower or narrower than the device could; null where that is unknown.</summary>
    public bool? IsDegraded => this is { Speed: double speed, Width: int width, MaxSpeed: double maxSpeed, MaxWidth: int maxWidth }
        ? speed < maxSpeed || width < maxWidth
        : null;

    /// <summary>Speed of a Link Speed code, in GT/s: 1 to 6 are 2.5 to 64. Source: PCIe 5.0 and 6.0, 7.5.3.6 and 7.5.3.8.</summary>
    internal static double? SpeedOfCode(int code) => code switch
    {
        1 => 2.5,
        2 => 5,
        3 => 8,
        4 => 16,
        5 => 32,
        6 => 64,
        _ => null,
    };

    /// <summary>A width register's value; 0 is no link, and sysfs shows 255 for unknown.</summary>
    internal static int? WidthOrNull(int? width) => width is > 0 and < 64 ? width : null;

    /// <summary>
    /// Reads <c>current_link_speed</c>, <c>current_link_width</c>, <c>max_link_speed</c>, <c>max_link_width</c>; null where all are
    /// unknown.
    /// </summary>
    internal static PciLink? Read(IFileTree files, PciAddress address)
    {
        PciLink link = new(
            ParseSpeed(files.TextOrNull(PciPath.Attribute(address, "current_link_speed"))),
            WidthOrNull(files.CountOrNull(PciPath.Attribute(address, "current_link_width"))),
            ParseSpeed(files.TextOrNull(PciPath.Attribute(address, "max_link_speed"))),
            WidthOrNull(files.CountOrNull(PciPath.Attribute(address, "max_link_width"))));
        return link is { Speed: null, Width: null, MaxSpeed: null, MaxWidth: null } ? null : link;
    }

    /// <summary>Parses <c>8.0 GT/s PCIe</c>, <c>8 GT/s</c>; <c>Unknown</c> is null.</summary>
    internal static double? ParseSpeed(string? text)
    {
        int unit = text?.IndexOf(" GT/s", StringComparison.Ordinal) ?? -1;
        return unit > 0
            && double.TryParse(text.AsSpan(0, unit), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double speed)
            && speed > 0
            ? speed
            : null;
    }
}
