namespace Vfleet.Cni.Protocol;

/// <summary>Reads what another program writes without trusting it to end.</summary>
internal static class BoundedStream
{
    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="most">Bytes that are read at most.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Null where there is more.</returns>
    public static async Task<byte[]?> ReadAsync(Stream stream, int most, CancellationToken cancel)
    {
        using MemoryStream room = new();
        byte[] buffer = new byte[8192];
        while (true)
        {
            int got = await stream.ReadAsync(buffer, cancel).ConfigureAwait(false);
            if (got == 0)
                return room.ToArray();
            if (!Take(room, buffer.AsSpan(0, got), most))
                return null;
        }
    }

    /// <summary>The same, waiting in place.</summary>
    public static byte[]? Read(Stream stream, int most)
    {
        using MemoryStream room = new();
        byte[] buffer = new byte[8192];
        while (true)
        {
            int got = stream.Read(buffer);
            if (got == 0)
                return room.ToArray();
            if (!Take(room, buffer.AsSpan(0, got), most))
                return null;
        }
    }

    private static bool Take(MemoryStream room, ReadOnlySpan<byte> part, int most)
    {
        if (room.Length + part.Length > most)
            return false;
        room.Write(part);
        return true;
    }
}
