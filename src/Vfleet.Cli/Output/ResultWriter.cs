using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Vfleet.Cli.Output;

/// <summary>A column of a table.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Value">Cell; null prints as a dash.</param>
/// <param name="OnlyWide">Shown with <c>-o wide</c> only.</param>
internal sealed record Column<T>(string Title, Func<T, string?> Value, bool OnlyWide = false);

/// <summary>Prints results in the format asked for.</summary>
internal sealed class ResultWriter(string format, TextWriter output)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Format => format;

    public bool IsForPeople => format is OutputFormat.Table or OutputFormat.Wide;

    /// <summary>A list: a table for people, an array for programs.</summary>
    public void List<T>(IReadOnlyList<T> items, IReadOnlyList<Column<T>> columns, Func<T, JsonNode> json, string empty)
    {
        if (!IsForPeople)
        {
            Node(new JsonArray([.. items.Select(json)]));
            return;
        }
        if (items.Count == 0)
        {
            output.WriteLine(empty);
            return;
        }
        Column<T>[] shown = [.. columns.Where(column => format == OutputFormat.Wide || !column.OnlyWide)];
        Table table = new Table().NoBorder();
        foreach (Column<T> column in shown)
            table.AddColumn(new TableColumn(Markup.Escape(column.Title)).NoWrap().PadLeft(0).PadRight(2));
        foreach (T item in items)
            table.AddRow([.. shown.Select(column => Markup.Escape(column.Value(item) ?? "-"))]);
        Print(table);
    }

    /// <summary>One object: its fields line by line for people, an object for programs.</summary>
    public void Object(JsonObject json)
    {
        if (!IsForPeople)
        {
            Node(json);
            return;
        }
        Table table = new Table().NoBorder().HideHeaders().AddColumn(new TableColumn("").NoWrap().PadLeft(0).PadRight(2)).AddColumn(new TableColumn("").PadLeft(0));
        foreach ((string key, JsonNode? value) in json)
            table.AddRow(Markup.Escape(key), Markup.Escape(Plain(value)));
        Print(table);
    }

    /// <summary>A line for people; nothing for programs.</summary>
    public void Line(string text)
    {
        if (IsForPeople)
            output.WriteLine(text);
    }

    /// <summary>A result for people as a line, for programs as an object.</summary>
    public void Done(string text, JsonObject json)
    {
        if (IsForPeople)
            output.WriteLine(text);
        else
            Node(json);
    }

    private void Node(JsonNode node)
    {
        if (format == OutputFormat.Yaml)
        {
            output.Write(YamlText.Of(node));
            return;
        }
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Indented))
            node.WriteTo(writer);
        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private void Print(Table table)
    {
        using StringWriter text = new();
        bool isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        IAnsiConsole console = Terminal.Create(text, isRedirected: true);
        if (isTerminal)
            console.Profile.Width = Math.Max(80, Console.WindowWidth);
        console.Write(table);
        foreach (string line in text.ToString().TrimEnd().Split('\n'))
            output.WriteLine(line.TrimEnd());
    }

    private static string Plain(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray array => array.Count == 0 ? "-" : string.Join(", ", array.Select(Plain)),
        JsonObject nested => string.Join(", ", nested.Select(pair => $"{pair.Key}={Plain(pair.Value)}")),
        JsonValue single when single.GetValueKind() == JsonValueKind.True => "yes",
        JsonValue single when single.GetValueKind() == JsonValueKind.False => "no",
        _ => value.ToString(),
    };
}
