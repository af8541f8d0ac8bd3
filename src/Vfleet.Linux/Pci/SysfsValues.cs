using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>
/// Readings that may honestly be unknown: a file that is missing, unreadable or says something else becomes null, never a made-up
/// value.
/// </summary>
internal static class SysfsValues
{
    /// <summary>The file's text, or null.</summary>
    public static string? TextOrNull(this IFileTree files, string path) => files.ReadText(path).Or(null);

    /// <summary>A decimal number that is not negative, or null.</summary>
    public static int? CountOrNull(this IFileTree files, string path) => ParseCount(files.TextOrNull(path));

    /// <summary>A hexadecimal number with or without 0x, or null.</summary>
    public static uint? HexOrNull(this IFileTree files, string path) => ParseHex(files.TextOrNull(path));

    /// <summary>The last part of where a link points, or null.</summary>
    public static string? LinkNameOrNull(this IFileTree files, string path) => LastPart(files.ReadLink(path).Or(null));

    /// <summary>The address a link points to, or null.</summary>
    public static PciAddress? LinkAddressOrNull(this IFileTree files, string path) =>
        PciAddress.TryParse(files.LinkNameOrNull(path), out PciAddress address) ? address : null;

    /// <summary>Parses a decimal number that is not negative.</summary>
    public static int? ParseCount(string? text) =>
        int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int value) ? value : null;

    /// <summary>Parses a hexadecimal number of up to 32 bits.</summary>
    public static uint? ParseHex(string? text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        return uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) ? value : null;
    }

    /// <summary>The part after the last slash; null for null and for nothing.</summary>
    public static string? LastPart(string? path)
    {
        string? last = path?.TrimEnd('/');
        last = last?[(last.LastIndexOf('/') + 1)..];
        return string.IsNullOrEmpty(last) ? null : last;
    }
}
