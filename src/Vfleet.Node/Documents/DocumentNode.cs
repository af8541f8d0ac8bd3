using System.Text.RegularExpressions;

namespace Vfleet.Node.Documents;

/// <summary>A value of a document with the place it was written at.</summary>
/// <param name="Line">Line from 1.</param>
/// <param name="Column">Column from 1.</param>
/// <param name="Weight">Values in it, itself included; what an alias stands for counts each time.</param>
internal abstract record DocumentNode(int Line, int Column, int Weight)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Describe();

    /// <summary>True for an empty value, <c>null</c> and <c>~</c>: the same as a field that is not there.</summary>
    public virtual bool IsNull => false;
}

/// <summary>Text, a number or a switch; which of them, the field decides.</summary>
internal sealed partial record ScalarNode(string Value, bool IsPlain, int Line, int Column) : DocumentNode(Line, Column, 1)
{
    /// <inheritdoc/>
    public override bool IsNull => IsPlain && (Value is "" or "~" or "null" or "Null" or "NULL");

    /// <summary>True or false as YAML 1.1 has it, which Kubernetes reads: also yes, no, on and off; null for anything else.</summary>
    public bool? Switch => IsPlain ? Value.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => null,
    } : null;

    /// <summary>True where YAML takes it for a number, whatever its notation.</summary>
    public bool IsNumber => IsPlain && Number().IsMatch(Value);

    /// <inheritdoc/>
    public override string Describe() =>
        IsNull ? "nothing" : IsNumber ? $"the number {Shown}" : Switch is not null ? $"the switch {Shown}" : $"the text \"{Shown}\"";

    private string Shown => Quoted.Short(Value);

    [GeneratedRegex(
        @"^([-+]?(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)([eE][-+]?\d+)?|[-+]?0[xX][\da-fA-F_]+|0o[0-7_]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}

/// <summary>A list.</summary>
internal sealed record ListNode(IReadOnlyList<DocumentNode> Items, int Line, int Column)
    : DocumentNode(Line, Column, 1 + Items.Sum(item => item.Weight))
{
    /// <inheritdoc/>
    public override string Describe() => "a list";
}

/// <summary>An object: names with values, in the order they were written. No name is there twice.</summary>
internal sealed record MapNode(IReadOnlyList<MapEntry> Entries, int Line, int Column)
    : DocumentNode(Line, Column, 1 + Entries.Sum(entry => 1 + entry.Value.Weight))
{
    /// <inheritdoc/>
    public override string Describe() => "an object";

    /// <summary>The value with this name; null where there is none.</summary>
    public DocumentNode? Find(string name) => Entries.FirstOrDefault(entry => entry.Key.Value == name)?.Value;
}

/// <summary>One name of an object with its value.</summary>
internal sealed record MapEntry(ScalarNode Key, DocumentNode Value);

/// <summary>Words of a document inside a message: short, and on one line.</summary>
internal static class Quoted
{
    private const int Longest = 60;

    public static string Short(string text)
    {
        string line = new([.. text.Take(Longest).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)]);
        return text.Length > Longest ? $"{line}…" : line;
    }
}
