using System.Globalization;
using System.Text;

namespace Vfleet.Cli.Output;

/// <summary>Text of others, made fit for a terminal: what a caller, a file or a device named may hold escape sequences, and kilobytes.</summary>
internal static class PlainText
{
    /// <summary>Longest word that is shown whole; no name, path or address a person has typed is longer.</summary>
    public const int LongestWord = 512;

    /// <summary>The text with control and direction characters written as <c>\u001b</c>, and words that no one can read cut.</summary>
    public static string Of(string text)
    {
        StringBuilder plain = new(text.Length);
        int word = 0;
        foreach (char letter in text)
        {
            word = letter == ' ' ? 0 : word + 1;
            if (word > LongestWord)
                continue;
            if (word == LongestWord)
                plain.Append('…');
            else if (IsHarmless(letter))
                plain.Append(letter);
            else
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
        }
        return plain.ToString();
    }

    private static bool IsHarmless(char letter) => char.GetUnicodeCategory(letter)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
