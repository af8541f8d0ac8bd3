using System.Buffers.Binary;
using System.Security.Cryptography;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>The end of history that was pruned.</summary>
/// <param name="Sequence">Number of the last row that was removed.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="At">When it was pruned.</param>
/// <param name="Signature">HMAC-SHA256 over the former, with this machine's key.</param>
public sealed record LedgerCheckpoint(long Sequence, byte[] Hash, DateTimeOffset At, byte[] Signature);

/// <summary>
/// Signs checkpoints with a key of this machine, <c>ledger.key</c> beside the ledger (mode 600), so that rows can be pruned by vfleet and by nobody
/// who has only the ledger's file.
/// </summary>
public sealed class CheckpointSigner
{
    private const int KeyBytes = 32;
    private readonly byte[] _key;

    private CheckpointSigner(byte[] key) => _key = key;

    /// <summary>Reads the key; makes one where there is none.</summary>
    public static Outcome<CheckpointSigner> Open(LedgerOptions options)
    {
        string path = Path.Combine(options.StateDirectory, "ledger.key");
        try
        {
            StateFolder.Make(options.StateDirectory);
            if (!File.Exists(path))
            {
                string temporary = $"{path}.{Environment.ProcessId}.new";
                using (FileStream file = StateFolder.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
                {
                    file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
                    file.Flush(flushToDisk: true);
                }
                // Another process may have been faster; its key counts.
                if (!File.Exists(path))
                    File.Move(temporary, path, overwrite: false);
                else
                    File.Delete(temporary);
            }
            byte[] key = File.ReadAllBytes(path);
            return key.Length == KeyBytes
                ? new CheckpointSigner(key)
                : StateFile.Unreadable(path, $"it has {key.Length} bytes instead of {KeyBytes}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"the ledger's key {path} cannot be read or made")
            {
                Cause = e.Message,
                Target = path,
                Remedy = "run as root, or give a directory of your own with --state",
            };
        }
    }

    /// <summary>A signed checkpoint.</summary>
    public LedgerCheckpoint Sign(long sequence, byte[] hash, DateTimeOffset at) => new(sequence, hash, at, Signature(sequence, hash, at));

    /// <summary>True where the signature is this machine's.</summary>
    public bool IsGenuine(LedgerCheckpoint checkpoint) =>
        CryptographicOperations.FixedTimeEquals(checkpoint.Signature, Signature(checkpoint.Sequence, checkpoint.Hash, checkpoint.At));

    private byte[] Signature(long sequence, byte[] hash, DateTimeOffset at)
    {
        byte[] bytes = new byte[(2 * sizeof(long)) + hash.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, sequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(sizeof(long)), at.ToUnixTimeMilliseconds());
        hash.CopyTo(bytes, 2 * sizeof(long));
        return HMACSHA256.HashData(_key, bytes);
    }
}
