using System.Globalization;

namespace Vfleet.Simulation.Files;

/// <summary>Numbers as the kernel's kstrto functions take them: decimal, 0x hexadecimal or 0 octal, one newline at the end.</summary>
internal static class KernelNumber
{
    public static long? Parse(string text)
    {
        string digits = text.EndsWith('\n') ? text[..^1] : text;
        bool negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+'))
            digits = digits[1..];
        long? value = digits switch
        {
            _ when digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) => Hexadecimal(digits[2..]),
            ['0', _, ..] => Octal(digits[1..]),
            _ => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null,
        };
        return negative ? -value : value;
    }

    /// <summary>kstrtobool: y, t, 1, on and their opposites.</summary>
    public static bool? ParseBool(string text) => text switch
    {
        ['y' or 'Y' or 't' or 'T' or '1', ..] => true,
        ['n' or 'N' or 'f' or 'F' or '0', ..] => false,
        ['o' or 'O', 'n' or 'N', ..] => true,
        ['o' or 'O', 'f' or 'F', ..] => false,
        _ => null,
    };

    private static long? Hexadecimal(string digits) =>
        long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long value) ? value : null;

    private static long? Octal(string digits)
    {
        long value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7' || value > long.MaxValue / 8)
                return null;
            value = (value * 8) + (digit - '0');
        }
        return value;
    }
}
