using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>What a field does on a machine without a cluster.</summary>
internal enum FieldUse
{
    /// <summary>It has effect.</summary>
    Applied,

    /// <summary>Only a cluster's components use it.</summary>
    ClusterOnly,

    /// <summary>It is read and kept, and nothing acts on it yet.</summary>
    NotApplied,

    /// <summary>A server writes it; it is passed over without a word.</summary>
    ServerSide,
}

/// <summary>One field of an object: its name, what it may hold, what it means, and where it is in the record.</summary>
/// <typeparam name="T">The record.</typeparam>
internal abstract class Field<T>(string name, string description)
{
    /// <summary>Name in documents.</summary>
    public string Name => name;

    /// <summary>What it means, for the schema.</summary>
    public string Description => description;

    /// <summary>True where a document without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What it does here.</summary>
    public FieldUse Use { get; init; }

    /// <summary>Reads the value into the record.</summary>
    public abstract T Read(T into, DocumentNode node, string path, Reading reading);

    /// <summary>The value as a document holds it; null where there is none.</summary>
    public abstract JsonNode? Write(T from);

    /// <summary>The schema of its value.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A field with a value of one kind.</summary>
internal sealed class Field<T, TValue>(string name, string description, ValueKind<TValue> kind, Func<T, JsonNode?> write,
    Func<T, TValue, T> set)
    : Field<T>(name, description)
{
    /// <inheritdoc/>
    public override T Read(T into, DocumentNode node, string path, Reading reading)
    {
        if (kind.TryRead(node, path, reading, out TValue? value))
            return set(into, value);
        reading.Break(path);
        return into;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(T from) => write(from);

    /// <inheritdoc/>
    public override JsonObject Schema() => kind.Schema();
}

/// <summary>Makes the fields of a record; its tables read better with it.</summary>
/// <typeparam name="T">The record.</typeparam>
internal static class FieldOf<T>
{
    /// <summary>A field with a number, a switch or a word that stands for one.</summary>
    public static Field<T> Value<TValue>(string name, ValueKind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> set,
        string description,
        bool isRequired = false, FieldUse use = FieldUse.Applied)
        where TValue : struct =>
        new Field<T, TValue>(name, description, kind, from => get(from) is { } value ? kind.Write(value) : null,
            set) { IsRequired = isRequired, Use = use };

    /// <summary>A field with a text, a list or an object.</summary>
    public static Field<T> Item<TValue>(string name, ValueKind<TValue> kind, Func<T, TValue?> get, Func<T, TValue, T> set,
        string description,
        bool isRequired = false, FieldUse use = FieldUse.Applied)
        where TValue : class =>
        new Field<T, TValue>(name, description, kind, from => get(from) is { } value ? kind.Write(value) : null,
            set) { IsRequired = isRequired, Use = use };

    /// <summary>A field that is passed over.</summary>
    public static Field<T> Passed(string name, string description) =>
        new Field<T, Unit>(name, description, Kinds.Any, _ => null, (into, _) => into) { Use = FieldUse.ServerSide };
}
