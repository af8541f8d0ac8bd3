using System.Globalization;
using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>A whole number within bounds.</summary>
internal sealed class NumberKind(int least, int most) : ValueKind<int>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out int value)
    {
        value = 0;
        if (!TryNumber(node, path, reading, least, most, out long number))
            return false;
        value = (int)number;
        return true;
    }

    /// <summary>Reads a decimal number, and tells of anything else.</summary>
    public static bool TryNumber(DocumentNode node, string path, Reading reading, long least, long most, out long value)
    {
        value = 0;
        if (node is not ScalarNode { IsNumber: true } scalar)
            return Mistyped(node, path, reading, "a whole number",
                node is ScalarNode { IsNull: false, IsPlain: false } ? "write it without quotes" : null);
        ReadOnlySpan<char> digits = scalar.Value.AsSpan(scalar.Value.StartsWith('-') ? 1 : 0);
        // YAML 1.1 takes 010 for eight, YAML 1.2 for ten.
        if (digits.ContainsAnyExceptInRange('0', '9') || (digits.Length > 1 && digits[0] == '0'))
            return Mistyped(node, path, reading, "a whole number", "write decimal digits, and no zero before them");
        if (long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least
            && value <= most)
            return true;
        reading.Problem(node, $"{path}: {Quoted.Short(scalar.Value)} is out of range {least} to {most}",
            $"write a number from {least} to {most}");
        return false;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(int value) => JsonValue.Create(value);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };
}

/// <summary>A whole number that the kernel takes without a sign.</summary>
internal sealed class CountKind(uint least, uint most) : ValueKind<uint>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out uint value)
    {
        value = 0;
        if (!NumberKind.TryNumber(node, path, reading, least, most, out long number))
            return false;
        value = (uint)number;
        return true;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(uint value) => JsonValue.Create(value);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };
}

/// <summary>Yes or no.</summary>
internal sealed class SwitchKind : ValueKind<bool>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out bool value)
    {
        bool? read = (node as ScalarNode)?.Switch;
        value = read ?? false;
        return read is not null || Mistyped(node, path, reading, "true or false", "write true or false, without quotes");
    }

    /// <inheritdoc/>
    public override JsonNode? Write(bool value) => JsonValue.Create(value);

    /// <inheritdoc/>
    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>Whatever is written: what a cluster keeps for itself.</summary>
internal sealed class AnyKind : ValueKind<Unit>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out Unit value)
    {
        value = Unit.Done;
        return true;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(Unit value) => null;

    /// <inheritdoc/>
    public override JsonObject Schema() => [];
}
