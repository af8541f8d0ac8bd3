using System.Text;

namespace Vfleet.Tidy.Tests;

/// <summary>Blanks what is no code: comments, strings and characters become spaces; lines stay where they are.</summary>
internal sealed class CodeText
{
    private readonly string _text;
    private readonly StringBuilder _code;
    private int _at;

    private CodeText(string text)
    {
        _text = text;
        _code = new StringBuilder(text);
    }

    public static string Blank(string text)
    {
        CodeText code = new(text);
        while (code._at < text.Length)
            code.Step();
        return code._code.ToString();
    }

    private void Step()
    {
        if (Starts("//"))
            BlankTo(End("\n", 0));
        else if (Starts("/*"))
            BlankTo(End("*/", 2));
        else if (_text[_at] == '\'')
            BlankTo(Quoted('\'', _at + 1));
        else if (StringStart() is { } prefix)
            BlankString(prefix);
        else
            _at++;
    }

    /// <summary>Length of the prefix of a string that begins here, such as 1 for <c>$"</c>; null where none begins.</summary>
    private int? StringStart()
    {
        int at = _at;
        while (at < _text.Length && _text[at] is '$' or '@')
            at++;
        return at < _text.Length && _text[at] == '"' ? at - _at : null;
    }

    private void BlankString(int prefix)
    {
        string marks = _text.Substring(_at, prefix);
        int open = _at + prefix;
        int quotes = 0;
        while (open + quotes < _text.Length && _text[open + quotes] == '"')
            quotes++;
        if (quotes >= 3 && !marks.Contains('@', StringComparison.Ordinal))
        {
            int end = _text.IndexOf(new string('"', quotes), open + quotes, StringComparison.Ordinal);
            BlankTo(end < 0 ? _text.Length : end + quotes);
            return;
        }

        BlankTo(EndOfString(open + 1, marks.Contains('@', StringComparison.Ordinal), marks.Contains('$', StringComparison.Ordinal)));
    }

    private int EndOfString(int at, bool isVerbatim, bool isInterpolated)
    {
        for (; at < _text.Length; at++)
        {
            char letter = _text[at];
            bool isDoubled = at + 1 < _text.Length && _text[at + 1] == letter;
            if (letter == '\\' && !isVerbatim)
                at++;
            else if (letter == '"' && isVerbatim && isDoubled)
                at++;
            else if (letter == '"')
                return at + 1;
            else if (letter == '{' && isInterpolated && isDoubled)
                at++;
            else if (letter == '{' && isInterpolated)
                at = EndOfHole(at + 1);
        }

        return _text.Length;
    }

    /// <summary>The closing brace of an interpolation's hole, which may hold strings itself.</summary>
    private int EndOfHole(int start)
    {
        int before = _at;
        int depth = 1;
        for (_at = start; _at < _text.Length;)
        {
            depth += _text[_at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                break;
            Step();
        }

        int end = _at;
        _at = before;
        return end;
    }

    private int Quoted(char quote, int at)
    {
        for (; at < _text.Length && _text[at] != '\n'; at++)
        {
            if (_text[at] == '\\')
                at++;
            else if (_text[at] == quote)
                return at + 1;
        }

        return Math.Min(at, _text.Length);
    }

    private bool Starts(string mark) => string.CompareOrdinal(_text, _at, mark, 0, mark.Length) == 0;

    private int End(string mark, int length)
    {
        int end = _text.IndexOf(mark, Math.Min(_at + 2, _text.Length), StringComparison.Ordinal);
        return end < 0 ? _text.Length : end + length;
    }

    private void BlankTo(int end)
    {
        for (; _at < Math.Min(end, _text.Length); _at++)
        {
            if (_text[_at] != '\n')
                _code[_at] = ' ';
        }
    }
}
