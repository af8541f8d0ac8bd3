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

    /// <summary>Reads a stream to its end and keeps how it begins: whoever writes goes on, and what is too much is dropped.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="most">Bytes that are kept at most.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<byte[]> ReadBeginningAsync(Stream stream, int most, CancellationToken cancel)
    {
        using MemoryStream room = new();
        byte[] buffer = new byte[8192];
        int got;
        while ((got = await stream.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0)
            room.Write(buffer, 0, Math.Min(got, most - (int)room.Length));
        return room.ToArray();
    }

    /// <summary>Reads a stream to its end, waiting in place.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="most">Bytes that are read at most.</param>
    /// <returns>Null where there is more.</returns>
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
