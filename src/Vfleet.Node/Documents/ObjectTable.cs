using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>
/// The fields of an object, told once: the reader, the hints for unknown names, the writer and the schemas come from here.
/// </summary>
/// <typeparam name="T">The record it becomes.</typeparam>
/// <param name="description">What the object is, for the schema.</param>
/// <param name="empty">The record of an object without fields.</param>
/// <param name="fields">The fields, in the order they are written.</param>
internal sealed class ObjectTable<T>(string description, T empty, params Field<T>[] fields)
    where T : class
{
    private readonly Dictionary<string, Field<T>> _byName = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
    private readonly Dictionary<string, Field<T>> _byAnyCase = fields.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);

    // What only a server writes is no advice for people.
    private readonly string[] _names = [.. fields.Where(field => field.Use != FieldUse.ServerSide).Select(field => field.Name)];

    /// <summary>Reads an object; null where it is none. Fields that cannot be read are left out, and their problems told.</summary>
    public T? Read(DocumentNode node, string path, Reading reading)
    {
        if (node is not MapNode map)
        {
            reading.Problem(node, $"{(path.Length == 0 ? "a document" : path)}: an object was expected, and here is {node.Describe()}",
                $"write names with values; known here: {string.Join(", ", _names)}");
            return null;
        }

        T read = empty;
        HashSet<string> present = new(StringComparer.Ordinal);
        foreach (MapEntry entry in map.Entries)
        {
            string name = entry.Key.Value;
            if ((reading.IsLenient ? _byAnyCase : _byName).TryGetValue(name, out Field<T>? field))
            {
                string place = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
                reading.Places.TryAdd(place, entry.Value);
                if (!entry.Value.IsNull)
                {
                    present.Add(field.Name);
                    Remark(field, entry.Value, place, reading);
                    read = field.Read(read, entry.Value, place, reading);
                }
            }
            else
            {
                Unknown(entry.Key, path, reading);
            }
        }

        foreach (Field<T> missing in fields.Where(field => field.IsRequired && !present.Contains(field.Name)))
        {
            string place = path.Length == 0 ? missing.Name : $"{path}.{missing.Name}";
            reading.Break(place);
            reading.Problem(map, $"{place} is missing", $"add it: {missing.Description}");
        }

        return read;
    }

    /// <summary>The record as a document holds it.</summary>
    public JsonObject Write(T from)
    {
        JsonObject written = [];
        foreach (Field<T> field in fields)
        {
            if (field.Write(from) is { } value)
                written.Add(field.Name, value);
        }

        return written;
    }

    /// <summary>The object's JSON Schema.</summary>
    public JsonObject Schema()
    {
        JsonObject properties = [];
        foreach (Field<T> field in fields)
        {
            JsonObject schema = field.Schema();
            schema["description"] = field.Use switch
            {
                FieldUse.ClusterOnly => $"{field.Description}. Without a cluster it has no effect",
                FieldUse.NotApplied => $"{field.Description}. It is kept, and nothing acts on it yet",
                _ => field.Description,
            };
            properties.Add(field.Name, schema);
        }

        JsonObject table = new() { ["type"] = "object", ["description"] = description, ["properties"] = properties };
        JsonNode[] required = [.. fields.Where(field => field.IsRequired).Select(field => (JsonNode)JsonValue.Create(field.Name))];
        if (required.Length > 0)
            table["required"] = new JsonArray(required);
        table["additionalProperties"] = false;
        return table;
    }

    private static void Remark(Field<T> field, DocumentNode value, string place, Reading reading)
    {
        if (field.Use == FieldUse.ClusterOnly)
            reading.Note(NoteKind.Ignored, value, $"{place} has a meaning in a cluster only and is ignored here");
        else if (field.Use == FieldUse.NotApplied)
            reading.Note(NoteKind.Ignored, value, $"{place} is kept, and nothing acts on it yet");
    }

    private void Unknown(ScalarNode key, string path, Reading reading)
    {
        string message = $"unknown field {(path.Length == 0 ? "" : $"{path}.")}{Quoted.Short(key.Value)}";
        if (reading.IsLenient)
            reading.Note(NoteKind.Ignored, key,
                $"{message} is ignored{(Nearest.Of(key.Value, _names) is { } near ? $"; did you mean {near}?" : "")}");
        else
            reading.Problem(key, message, Nearest.Hint(key.Value, _names));
    }
}
