using System.Security.Cryptography;

namespace Vfleet.Cli.Lab.Wire;

/// <summary>
/// The first bytes of a conversation, in both directions: a fixed mark and a nonce of the host's choice that the guest
/// repeats. A channel outlives its users, so both sides throw away what they read until the mark appears: the rest of a
/// conversation that broke off is never taken for an answer.
/// </summary>
internal static class Greeting
{
    internal const int NonceBytes = 16;

    /// <summary>Its first byte is no frame type, so that a receiver waiting for a frame notices it.</summary>
    internal static ReadOnlySpan<byte> Mark => "Vfleet lab, v 1\n"u8;

    internal static int Length => Mark.Length + NonceBytes;

    /// <summary>The nonce of an agent that has just started or lost its command: nobody chose it, so whoever waits for an answer learns of it.</summary>
    internal static ReadOnlySpan<byte> NobodysNonce => new byte[NonceBytes];

    internal static byte[] NewNonce() => RandomNumberGenerator.GetBytes(NonceBytes);

    internal static byte[] Encode(ReadOnlySpan<byte> nonce)
    {
        byte[] bytes = new byte[Length];
        Mark.CopyTo(bytes);
        nonce.CopyTo(bytes.AsSpan(Mark.Length));
        return bytes;
    }
}
