using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Vfleet.Host.State;

/// <summary>
/// The fields of a JSON object one after another. What the runtime's serializer finds out about a type when it meets it first costs a program
/// that lives for milliseconds more than everything it then reads.
/// </summary>
/// <remarks>
/// Each reading method takes the value of the field <see cref="Next"/> went to, and throws <see cref="JsonException"/> where it is of another kind:
/// records are written by this program, so whoever reads them has one way to say that one is damaged.
/// </remarks>
public ref struct JsonFields
{
    private Utf8JsonReader _reader;

    private JsonFields(Utf8JsonReader reader) => _reader = reader;

    /// <summary>Reads an object that is a whole text.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="text">The text; nothing but white space may follow the object.</param>
    /// <param name="read">Reads its fields to the end.</param>
    public static T Read<T>(string text, Reading<T> read)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return Read(room.AsSpan(0, Encoding.UTF8.GetBytes(text, room)), read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <summary>The same from UTF-8.</summary>
    public static T Read<T>(ReadOnlySpan<byte> utf8, Reading<T> read)
    {
        JsonFields fields = new(new Utf8JsonReader(utf8));
        try
        {
            fields.Advance();
            T result = fields.Object(read);
            return fields._reader.Read() ? throw new JsonException("something follows the object") : result;
        }
        catch (InvalidOperationException e)
        {
            // The reader's only way to say that an escaped half of a character has no other half.
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>Writes an object as a text.</summary>
    /// <param name="value">What is written.</param>
    /// <param name="write">Writes its fields.</param>
    /// <param name="indented">For people to read.</param>
    public static string Write<T>(T value, Action<Utf8JsonWriter, T> write, bool indented = false)
    {
        ArrayBufferWriter<byte> room = new(512);
        using (Utf8JsonWriter json = new(room, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            write(json, value);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(room.WrittenSpan);
    }

    /// <summary>Goes to the next field; false at the object's end.</summary>
    public bool Next()
    {
        Advance();
        return _reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>True where the field has that name.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name) => _reader.ValueTextEquals(name);

    /// <summary>True where the field has that name.</summary>
    public readonly bool Is(string name) => _reader.ValueTextEquals(name);

    /// <summary>Passes a field over that nobody here knows: a newer program wrote it.</summary>
    public void Skip() => _reader.Skip();

    /// <summary>A text, or null.</summary>
    public string? Text()
    {
        Advance();
        return _reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String => _reader.GetString(),
            _ => throw Other("a text"),
        };
    }

    /// <summary>A text that is there.</summary>
    public string SomeText() => Text() ?? throw Other("a text");

    /// <summary>A switch, or null.</summary>
    public bool? Bool()
    {
        Advance();
        return _reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Other("true or false"),
        };
    }

    /// <summary>A whole number in the range of int, or null.</summary>
    public int? Int() => Long() is not { } number ? null : number is >= int.MinValue and <= int.MaxValue ? (int)number : throw Other("a 32-bit number");

    /// <summary>A whole number in the range of uint, or null.</summary>
    public uint? UInt() => Long() is not { } number ? null : number is >= 0 and <= uint.MaxValue ? (uint)number : throw Other("an unsigned 32-bit number");

    /// <summary>A whole number in the range of long, or null.</summary>
    public long? Long() => !IsNumber() ? null : _reader.TryGetInt64(out long number) ? number : throw Other("a 64-bit number");

    /// <summary>A whole number in the range of ulong, or null.</summary>
    public ulong? ULong() => !IsNumber() ? null : _reader.TryGetUInt64(out ulong number) ? number : throw Other("an unsigned 64-bit number");

    /// <summary>A time with its offset.</summary>
    public DateTimeOffset Time()
    {
        Advance();
        return _reader.TokenType == JsonTokenType.String && _reader.TryGetDateTimeOffset(out DateTimeOffset time) ? time : throw Other("a time");
    }

    /// <summary>An object within this one.</summary>
    public T SomeObject<T>(Reading<T> read)
    {
        Advance();
        return Object(read);
    }

    /// <summary>A list of texts, none of them null.</summary>
    public List<string> Texts()
    {
        List<string> list = [];
        BeginList();
        while (Item())
            list.Add(_reader.TokenType == JsonTokenType.String ? _reader.GetString()! : throw Other("a text"));
        return list;
    }

    /// <summary>A list of objects, none of them null.</summary>
    public List<T> Objects<T>(Reading<T> read)
    {
        List<T> list = [];
        BeginList();
        while (Item())
            list.Add(Object(read));
        return list;
    }

    /// <summary>What a reader throws where a field is missing that has to be there.</summary>
    public static JsonException Missing(string field) => new($"{field} is missing");

    private T Object<T>(Reading<T> read)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw Other("an object");
        T result = read(ref this);
        return _reader.TokenType == JsonTokenType.EndObject ? result : throw Other("the object's end");
    }

    private void BeginList()
    {
        Advance();
        if (_reader.TokenType != JsonTokenType.StartArray)
            throw Other("a list");
    }

    private bool Item()
    {
        Advance();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    private bool IsNumber()
    {
        Advance();
        return _reader.TokenType switch
        {
            JsonTokenType.Null => false,
            JsonTokenType.Number => true,
            _ => throw Other("a number"),
        };
    }

    private void Advance()
    {
        if (!_reader.Read())
            throw new JsonException("the text ends too early");
    }

    private readonly JsonException Other(string wanted) => new($"{wanted} was expected at byte {_reader.TokenStartIndex}, and {_reader.TokenType} is there");

    /// <summary>Reads an object's fields until <see cref="Next"/> says that there is none.</summary>
    public delegate T Reading<out T>(ref JsonFields fields);
}

/// <summary>Writes fields of a JSON object; what is null is left out.</summary>
public static class JsonFieldWriter
{
    /// <summary>Writes a text.</summary>
    public static void Put(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    /// <summary>Writes a switch.</summary>
    public static void Put(this Utf8JsonWriter json, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } set)
            json.WriteBoolean(name, set);
    }

    /// <summary>Writes a number.</summary>
    public static void Put(this Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    /// <summary>Writes a number.</summary>
    public static void Put(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    /// <summary>Writes a list of texts.</summary>
    public static void Put(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
