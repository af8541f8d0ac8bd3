using System.Security.Cryptography;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Ledger;

/// <summary>Our SHA-256 beside the runtime's.</summary>
public sealed class UnitSha256Tests
{
    /// <summary>Source: FIPS 180-4, the example of "abc".</summary>
    [Fact]
    public void The_standards_example_has_its_hash()
    {
        Sha256 hash = new();
        hash.Append("abc"u8);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Convert.ToHexStringLower(hash.Finish()));
    }

    [Fact]
    public void Every_length_in_any_pieces_has_the_hash_that_the_runtime_gives()
    {
        Random random = new(7);
        for (int length = 0; length < 400; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            Sha256 hash = new();
            for (int at = 0; at < length;)
            {
                int piece = Math.Min(random.Next(0, 100), length - at);
                hash.Append(bytes.AsSpan(at, piece));
                at += piece;
            }
            Assert.Equal(SHA256.HashData(bytes), hash.Finish());
        }
    }
}
