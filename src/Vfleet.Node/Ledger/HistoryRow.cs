using System.Buffers.Binary;
using System.Text;

namespace Vfleet.Node.Ledger;

/// <summary>One change, as it is kept. Rows are chained: each hash covers the row and the hash before it.</summary>
public sealed record HistoryRow
{
    /// <summary>Its number, from 1, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The VF; null for a change that is about none.</summary>
    public string? Vf { get; init; }

    /// <summary>The allocation.</summary>
    public string? Allocation { get; init; }

    /// <summary>State before; null where it did not exist or is not about a state.</summary>
    public VfState? From { get; init; }

    /// <summary>State after.</summary>
    public VfState? To { get; init; }

    /// <summary>The front door that did it.</summary>
    public required string FrontDoor { get; init; }

    /// <summary>The user that did it, as far as it is known.</summary>
    public string? User { get; init; }

    /// <summary>The owner's name.</summary>
    public string? Owner { get; init; }

    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Why, in a word or a sentence: <c>allocate</c>, <c>release</c>, <c>drift</c> …</summary>
    public required string Reason { get; init; }

    /// <summary>What exactly, such as settings or differences.</summary>
    public string? Detail { get; init; }

    /// <summary>SHA-256 over the row before and this one, 32 bytes.</summary>
    public byte[] Hash { get; init; } = [];

    /// <summary>The hash this row must have after <paramref name="before"/>.</summary>
    /// <param name="before">Hash of the row before; empty for the first.</param>
    public byte[] HashAfter(ReadOnlySpan<byte> before)
    {
        Sha256 hash = new();
        hash.Append(before);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, Sequence);
        hash.Append(number);
        BinaryPrimitives.WriteInt64BigEndian(number, At.ToUnixTimeMilliseconds());
        hash.Append(number);
        foreach (string? field in (ReadOnlySpan<string?>)
            [Vf, Allocation, From?.Name(), To?.Name(), FrontDoor, User, Owner, Tenant, Reason, Detail])
            Append(hash, field);
        return hash.Finish();
    }

    /// <summary>Length first, so that no two rows have the same bytes; -1 is null.</summary>
    private static void Append(Sha256 hash, string? field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        byte[] bytes = field is null ? [] : Encoding.UTF8.GetBytes(field);
        BinaryPrimitives.WriteInt32BigEndian(length, field is null ? -1 : bytes.Length);
        hash.Append(length);
        hash.Append(bytes);
    }
}
