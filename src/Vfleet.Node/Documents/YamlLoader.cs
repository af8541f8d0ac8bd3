using System.Buffers;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vfleet.Node.Documents;

/// <summary>
/// Reads YAML, and JSON with it, into nodes that know their places. Bounded in size, depth and in what aliases expand to, because
/// a text may come from anybody. Of the same name twice in one object the first counts here, and the second is a problem; a lenient
/// reading takes the last one, as Go's JSON does.
/// </summary>
internal sealed class YamlLoader
{
    /// <summary>Longest text in characters.</summary>
    public const int LargestText = 1024 * 1024;

    /// <summary>Most lists and objects inside each other.</summary>
    public const int LargestDepth = 64;

    /// <summary>Most values in one text, with what aliases stand for.</summary>
    public const int MostValues = 100_000;

    private readonly Reading _reading;
    private readonly int _lineOffset;
    private readonly Dictionary<string, DocumentNode> _anchors = new(StringComparer.Ordinal);
    private readonly Parser _parser;
    private int _values;

    private YamlLoader(string text, int lineOffset, int values, Reading reading)
    {
        _reading = reading;
        _lineOffset = lineOffset;
        _values = values;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The documents of a text. A document with broken syntax is a problem and does not hide the ones behind it.</summary>
    public static IReadOnlyList<DocumentNode> Load(string text, Reading reading)
    {
        if (text.Length > LargestText)
        {
            reading.Problem(0, 0, $"the text has {text.Length} characters, more than {LargestText}", "split it into several files");
            return [];
        }

        List<DocumentNode> documents = [];
        int values = 0;
        foreach ((int line, string part) in YamlParts.Of(text))
        {
            YamlLoader loader = new(part, line, values, reading);
            loader.ReadAll(documents);
            values = loader._values;
            if (values > MostValues)
                break;
        }

        return documents;
    }

    private void ReadAll(List<DocumentNode> documents)
    {
        while (Next() is { } begin)
        {
            if (begin is not DocumentStart)
                continue;
            _anchors.Clear();
            if (Next() is not { } at || ReadNode(at, 0) is not { } node)
                return;
            if (!node.IsNull)
                documents.Add(node);
        }
    }

    /// <summary>The value that begins here; null where reading ends, and the problem has been told.</summary>
    private DocumentNode? ReadNode(ParsingEvent at, int depth)
    {
        if (++_values > MostValues)
            return Refuse(at, $"more than {MostValues} values, with what aliases stand for", "write less, or into several files");
        if (depth > LargestDepth)
            return Refuse(at, $"lists and objects are more than {LargestDepth} deep", "no document of Vfleet is that deep");
        DocumentNode? node = at switch
        {
            AnchorAlias alias => Resolve(alias),
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadList(at, depth),
            MappingStart => ReadMap(at, depth),
            _ => Refuse(at, "a value was expected", "look for a wrong indentation"),
        };
        if (node is not null && at is NodeEvent { Anchor.IsEmpty: false } named)
            _anchors[named.Anchor.Value] = node;
        return node;
    }

    private ScalarNode ReadScalar(Scalar scalar)
    {
        ScalarNode node = new(scalar.Value, IsPlain(scalar), Line(scalar.Start), Column(scalar.Start));
        // JSON can write half a character as an escape. It could never be written back.
        if (IsText(scalar.Value))
            return node;
        _reading.Problem(node, $"{node.Describe()} holds half a character", "write the whole character, or leave it out");
        return node with { Value = string.Concat(scalar.Value.Where(letter => !char.IsSurrogate(letter))) };
    }

    private static bool IsText(ReadOnlySpan<char> text)
    {
        while (Rune.DecodeFromUtf16(text, out _, out int length) == OperationStatus.Done)
            text = text[length..];
        return text.IsEmpty;
    }

    private static bool IsPlain(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value != "tag:yaml.org,2002:str");

    private ListNode? ReadList(ParsingEvent at, int depth)
    {
        List<DocumentNode> items = [];
        ParsingEvent? next;
        while ((next = Next()) is not SequenceEnd)
        {
            if (next is null || ReadNode(next, depth + 1) is not { } item)
                return null;
            items.Add(item);
        }

        return new ListNode(items, Line(at.Start), Column(at.Start));
    }

    private MapNode? ReadMap(ParsingEvent at, int depth)
    {
        List<MapEntry> entries = [];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        ParsingEvent? next;
        while ((next = Next()) is not MappingEnd)
        {
            if (next is null || ReadNode(next, depth + 1) is not { } key || Next() is not { } behind
                || ReadNode(behind, depth + 1) is not { } value)
                return null;
            if (key is not ScalarNode name)
                _reading.Problem(key, $"a name was expected, and here is {key.Describe()}");
            else if (!places.TryAdd(name.Value, entries.Count))
                Repeat(entries, places[name.Value], new MapEntry(name, value));
            else
                entries.Add(new MapEntry(name, value));
        }

        return new MapNode(entries, Line(at.Start), Column(at.Start));
    }

    private void Repeat(List<MapEntry> entries, int first, MapEntry again)
    {
        string message = $"{Quoted.Short(again.Key.Value)} is written twice, first in line {entries[first].Key.Line}";
        if (_reading.IsLenient)
        {
            _reading.Note(NoteKind.Warning, again.Key, $"{message}; the last one counts");
            entries[first] = again;
        }
        else
        {
            _reading.Problem(again.Key, message, "remove one of them");
        }
    }

    private DocumentNode? Resolve(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out DocumentNode? node))
            return Refuse(alias, $"*{Quoted.Short(alias.Value.Value)} stands for nothing that is complete before it",
                "write the value out");
        _values += node.Weight;
        return _values > MostValues
            ? Refuse(alias, $"more than {MostValues} values, with what aliases stand for", "write the values out")
            : node;
    }

    /// <summary>The next event; null at the end, and where the syntax is broken, which has been told then.</summary>
    private ParsingEvent? Next()
    {
        try
        {
            return _parser.MoveNext() ? _parser.Current : null;
        }
        catch (YamlException broken)
        {
            TellBroken(broken.Start, Sentence(broken.Message));
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException)
        {
            // The scanner fails its own assertions on some broken texts, such as a brace that is never closed before a key.
            TellBroken(_parser.Current?.End ?? Mark.Empty, "the syntax is broken behind this place");
        }

        return null;
    }

    private void TellBroken(in Mark at, string message) => _reading.Problem(Line(at), Column(at), $"no YAML: {message}",
        "look for a wrong indentation, an open quote, bracket or brace, or a text that is cut off");

    private DocumentNode? Refuse(ParsingEvent at, string message, string remedy)
    {
        _reading.Problem(Line(at.Start), Column(at.Start), message, remedy);
        return null;
    }

    private int Line(in Mark mark) => (int)mark.Line + _lineOffset;

    private static int Column(in Mark mark) => (int)mark.Column;

    private static string Sentence(string message) => Quoted.Short(message.TrimEnd('.'));
}
