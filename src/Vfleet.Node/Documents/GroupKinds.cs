using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>A list of values of one kind.</summary>
internal sealed class ListKind<T>(ValueKind<T> item) : ValueKind<IReadOnlyList<T>>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out IReadOnlyList<T> value)
    {
        List<T> items = [];
        value = items;
        if (node is not ListNode list)
            return Mistyped(node, path, reading, "a list", node is ScalarNode ? "begin it with \"- \", or write it in brackets" : null);
        bool isWhole = true;
        for (int i = 0; i < list.Items.Count; i++)
        {
            string place = $"{path}[{i}]";
            reading.Places.TryAdd(place, list.Items[i]);
            bool isRead = item.TryRead(list.Items[i], place, reading, out T? one);
            isWhole &= isRead;
            if (isRead)
                items.Add(one!);
        }

        return isWhole;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(IReadOnlyList<T> value) =>
        value.Count == 0 ? null : new JsonArray([.. value.Select(one => item.Write(one))]);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = item.Schema() };
}

/// <summary>Names with texts, as labels are.</summary>
internal sealed class MapKind : ValueKind<IReadOnlyDictionary<string, string>>
{
    /// <summary>No names.</summary>
    public static readonly IReadOnlyDictionary<string, string> Empty = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out IReadOnlyDictionary<string, string> value)
    {
        SortedDictionary<string, string> read = new(StringComparer.Ordinal);
        value = read;
        if (node is not MapNode map)
            return Mistyped(node, path, reading, "an object of names with texts");
        bool isWhole = true;
        foreach (MapEntry entry in map.Entries)
        {
            string place = $"{path}[\"{Quoted.Short(entry.Key.Value)}\"]";
            reading.Places.TryAdd(place, entry.Value);
            bool isRead = TryText(entry.Value, place, reading, out string text);
            isWhole &= isRead;
            if (isRead)
                read[entry.Key.Value] = text;
        }

        return isWhole;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(IReadOnlyDictionary<string, string> value)
    {
        JsonObject written = [];
        foreach ((string name, string text) in value.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            written.Add(name, JsonValue.Create(text));
        return written.Count == 0 ? null : written;
    }

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
}

/// <summary>An object with fields of its own.</summary>
internal sealed class ObjectKind<T>(ObjectTable<T> table) : ValueKind<T>
    where T : class
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, [MaybeNullWhen(false)] out T value)
    {
        value = table.Read(node, path, reading);
        return value is not null;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(T value) => table.Write(value);

    /// <inheritdoc/>
    public override JsonObject Schema() => table.Schema();
}
