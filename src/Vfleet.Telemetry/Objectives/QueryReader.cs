using System.Text.RegularExpressions;
using Vfleet.Node.Documents;

namespace Vfleet.Telemetry.Objectives;

/// <summary>A word of a query with its place, characters from 0.</summary>
internal readonly record struct QueryWord(string Text, int Offset);

/// <summary>What is wrong with a query, and where, characters from 0.</summary>
internal sealed record QueryProblem(int Offset, string Message, string? Remedy = null);

/// <summary>
/// Looks through a query of Prometheus for the metrics it names and for what cannot be right: brackets and quotes that do not close,
/// functions that are none, selectors without a name. It is no whole parser; <c>promtool check rules</c> is.
/// </summary>
internal sealed partial class QueryReader
{
    private readonly string _text;
    private readonly Stack<(char Open, int Offset)> _open = new();
    private int _at;
    private bool _isAfterOperand;

    private QueryReader(string text) => _text = text;

    /// <summary>Metrics that are named, each as often as it is.</summary>
    public List<QueryWord> Metrics { get; } = [];

    /// <summary>Selectors whose metric's name is a pattern.</summary>
    public List<QueryWord> Patterns { get; } = [];

    /// <summary>The first thing that cannot be right, or nothing.</summary>
    public List<QueryProblem> Problems { get; } = [];

    /// <summary>Reads a query; it is left off at the first problem of its form.</summary>
    public static QueryReader Read(string text)
    {
        QueryReader reader = new(text);
        while (reader.Problems.Count == 0 && reader.Skip())
            reader.ReadNext();
        if (reader.Problems.Count == 0 && reader._open.TryPeek(out (char Open, int Offset) left))
            reader.Tell(left.Offset, $"{left.Open} is never closed");
        else if (reader.Problems.Count == 0 && !reader._isAfterOperand)
            reader.Tell(text.Length, string.IsNullOrWhiteSpace(text) ? "the query is empty" : "the query ends where a value was expected");
        return reader;
    }

    private void ReadNext()
    {
        int start = _at;
        char next = _text[_at];
        if (IsWordStart(next))
            ReadWord();
        else if (char.IsAsciiDigit(next) || (next == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
            ReadNumber();
        else if (next is '"' or '\'' or '`')
            _isAfterOperand = ReadString() is not null;
        else if (next == '{')
            ReadMatchers(hasName: false, start);
        else if (next == '[')
            ReadRange();
        else if (next == '(')
            Open();
        else if (next == ')')
            Close();
        else if ("+-*/%^<>=!,@".Contains(next, StringComparison.Ordinal))
            (_at, _isAfterOperand) = (_at + 1, false);
        else
            Tell(start, $"\"{Quoted.Short(next.ToString())}\" has no place in a query");
    }

    private void Open()
    {
        if (_isAfterOperand)
            Tell(_at, "an operator was expected before (");
        _open.Push(('(', _at++));
    }

    private void Close()
    {
        if (!_open.TryPop(out _))
            Tell(_at, ") closes nothing");
        (_at, _isAfterOperand) = (_at + 1, true);
    }

    private void ReadWord()
    {
        int start = _at;
        string word = TakeWord();
        bool isCall = Skip() && _text[_at] == '(';
        if (QueryWords.BeforeLabels.Contains(word))
            ReadLabels(word, start);
        else if (QueryWords.Operators.Contains(word))
            _isAfterOperand = false;
        else if (QueryWords.Aggregations.Contains(word))
            Begin(start, isOperand: false);
        else if (isCall)
            BeginCall(word, start);
        else if (QueryWords.Numbers.Contains(word))
            Begin(start, isOperand: true);
        else
            BeginSelector(word, start);
    }

    private void BeginCall(string word, int start)
    {
        Begin(start, isOperand: false);
        if (!QueryWords.Functions.Contains(word))
            Tell(start, $"there is no function {Quoted.Short(word)}",
                Nearest.Of(word, QueryWords.Functions.Concat(QueryWords.Aggregations)) is { } near ? $"did you mean {near}?" : null);
        else if (_text.AsSpan(_at + 1).TrimStart() is [')', ..])
            (_at, _isAfterOperand) = (_text.IndexOf(')', _at) + 1, true);
    }

    private void BeginSelector(string word, int start)
    {
        Begin(start, isOperand: true);
        Metrics.Add(new QueryWord(word, start));
        if (_at < _text.Length && _text[_at] == '{')
            ReadMatchers(hasName: true, start);
    }

    private void Begin(int start, bool isOperand)
    {
        if (_isAfterOperand)
            Tell(start, "an operator was expected", "write and, or, +, > or another operator between two values");
        _isAfterOperand = isOperand;
    }

    /// <summary>Labels in parentheses. What they follow, an aggregation or an operator, goes on behind them.</summary>
    private void ReadLabels(string word, int start)
    {
        if (_at >= _text.Length || _text[_at] != '(')
        {
            // group_left and group_right need none.
            if (!word.StartsWith("group_", StringComparison.OrdinalIgnoreCase))
                Tell(start, $"labels in parentheses were expected behind {word}");
            return;
        }
        int end = _text.IndexOf(')', _at);
        string[] labels = end < 0 ? [] : _text[(_at + 1)..end].Split(',', StringSplitOptions.TrimEntries);
        if (end < 0)
            Tell(_at, "( is never closed");
        else if (labels.FirstOrDefault(label => !PromNames.IsLabel(label)) is { } wrong && labels is not [""])
            Tell(_at + 1, $"\"{Quoted.Short(wrong)}\" is no name of a label");
        _at = end < 0 ? _text.Length : end + 1;
    }

    private void ReadNumber()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '.' or '_'
            || (_text[_at] is '+' or '-' && _text[_at - 1] is 'e' or 'E'
                && !_text.AsSpan(start).StartsWith("0x", StringComparison.Ordinal))))
            _at++;
        string text = _text[start.._at];
        Begin(start, isOperand: true);
        if (!Number().IsMatch(text) && !PromDuration.TryParse(text, out _))
            Tell(start, $"{Quoted.Short(text)} is no number and no duration");
    }

    private void ReadRange()
    {
        int start = _at, end = _text.IndexOf(']', _at);
        if (end < 0)
        {
            Tell(start, "[ is never closed");
            return;
        }
        string[] parts = _text[(start + 1)..end].Split(':', StringSplitOptions.TrimEntries);
        bool isRange = _isAfterOperand && parts.Length <= 2 && PromDuration.TryParse(parts[0], out TimeSpan range) && range > TimeSpan.Zero
            && (parts.Length == 1 || parts[1].Length == 0 || PromDuration.TryParse(parts[1], out _));
        if (!isRange)
            Tell(start, $"[{Quoted.Short(_text[(start + 1)..end])}] is no range", "write a duration behind a selector, such as [5m]");
        _at = end + 1;
    }

    /// <summary>What a selector asks of labels.</summary>
    /// <param name="hasName">True where the metric's name stands before it.</param>
    /// <param name="start">Where the selector begins.</param>
    private void ReadMatchers(bool hasName, int start)
    {
        int open = _at++;
        if (!hasName)
            Begin(start, isOperand: true);
        while (Skip() && _text[_at] != '}')
        {
            if (!ReadMatcher(ref hasName))
                return;
            if (!Skip())
                break;
            if (_text[_at] is not (',' or '}'))
            {
                Tell(_at, "a comma or } was expected behind a label's value");
                return;
            }
            _at += _text[_at] == ',' ? 1 : 0;
        }
        if (_at >= _text.Length)
            Tell(open, "{ is never closed");
        else if (!hasName)
            Tell(start, "a selector names no metric", "write the metric's name before {");
        _at++;
    }

    private bool ReadMatcher(ref bool hasName)
    {
        int start = _at;
        string label = _at < _text.Length && IsWordStart(_text[_at]) ? TakeWord() : "";
        _ = Skip();
        string? sign = Array.Find(["!=", "=~", "!~", "="], each => _text.AsSpan(_at).StartsWith(each, StringComparison.Ordinal));
        if (!PromNames.IsLabel(label) || sign is null)
        {
            Tell(start, "a label with =, !=, =~ or !~ was expected");
            return false;
        }
        _at += sign.Length;
        int at = Skip() ? _at : _text.Length;
        if (at >= _text.Length || _text[at] is not ('"' or '\'' or '`') || ReadString() is not { } value)
        {
            Tell(Math.Min(at, _text.Length), $"a value in quotes was expected for {label}");
            return false;
        }
        if (label == "__name__" && sign == "=")
            Metrics.Add(new QueryWord(value, at + 1));
        else if (label == "__name__")
            Patterns.Add(new QueryWord(value, at + 1));
        hasName |= label == "__name__";
        return true;
    }

    /// <summary>A string without its quotes, escapes as they stand; null where it does not end.</summary>
    private string? ReadString()
    {
        int start = _at;
        char quote = _text[_at];
        for (_at++; _at < _text.Length; _at++)
        {
            if (_text[_at] == '\\' && quote != '`')
                _at++;
            else if (_text[_at] == quote)
                return _text[(start + 1).._at++];
        }
        Tell(start, $"{quote} is never closed");
        return null;
    }

    private string TakeWord()
    {
        int start = _at;
        while (_at < _text.Length && (IsWordStart(_text[_at]) || char.IsAsciiDigit(_text[_at])))
            _at++;
        return _text[start.._at];
    }

    /// <summary>Passes over blanks and comments; false at the end.</summary>
    private bool Skip()
    {
        while (_at < _text.Length && (char.IsWhiteSpace(_text[_at]) || _text[_at] == '#'))
        {
            int line = _text[_at] == '#' ? _text.IndexOf('\n', _at) : _at;
            _at = line < 0 ? _text.Length : line + 1;
        }
        return _at < _text.Length;
    }

    private void Tell(int offset, string message, string? remedy = null)
    {
        if (Problems.Count == 0)
            Problems.Add(new QueryProblem(offset, message, remedy));
    }

    private static bool IsWordStart(char letter) => char.IsAsciiLetter(letter) || letter is '_' or ':';

    [GeneratedRegex(@"^(0[xX][0-9a-fA-F]+|(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?)\z")]
    private static partial Regex Number();
}
