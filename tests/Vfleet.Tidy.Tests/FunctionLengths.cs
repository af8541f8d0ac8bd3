using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>Finds functions in blanked C# by counting braces: a block directly inside a type is a member's body.</summary>
internal static partial class FunctionLengths
{
    /// <summary>First line (from 1) and number of lines of each function, its signature included.</summary>
    public static IEnumerable<(int Line, int Lines)> Of(string code)
    {
        Stack<Block> open = new();
        int headerStart = 0;
        for (int at = 0; at < code.Length; at++)
        {
            switch (code[at])
            {
                case ';':
                    headerStart = at + 1;
                    break;
                case '{':
                    string header = code[headerStart..at];
                    bool isMember = open.Count > 0 && open.Peek().IsType && !IsType(header) && !IsInitializer(header);
                    open.Push(new Block(IsType(header), isMember, headerStart + (header.Length - header.TrimStart().Length)));
                    headerStart = at + 1;
                    break;
                case '}':
                    headerStart = at + 1;
                    if (open.TryPop(out Block block) && block.IsMember)
                    {
                        int first = LineOf(code, block.Start);
                        yield return (first, LineOf(code, at) - first + 1);
                    }

                    break;
            }
        }
    }

    private static int LineOf(string code, int index) => code.AsSpan(0, index).Count('\n') + 1;

    private static bool IsType(string header) => TypeWord().IsMatch(header);

    /// <summary>True for the braces of a value, such as <c>= new() {</c>: data may be long.</summary>
    private static bool IsInitializer(string header)
    {
        string flat = header;
        for (string before = ""; before != flat;)
        {
            before = flat;
            flat = Parentheses().Replace(flat, "");
        }

        return Assignment().IsMatch(flat);
    }

    [GeneratedRegex(@"(^|\s)(namespace|class|struct|interface|enum|record)\s+\w", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeWord();

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"(?<![=!<>])=(?![=>])")]
    private static partial Regex Assignment();

    private readonly record struct Block(bool IsType, bool IsMember, int Start);
}
