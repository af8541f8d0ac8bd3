using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Lab.Guest;

/// <summary>The guest's end of a channel.</summary>
internal interface IGuestPort : IDisposable
{
    /// <summary>Reads what is there, waiting for the first byte; 0 where nobody is connected on the host.</summary>
    int Read(Span<byte> buffer);

    /// <summary>Writes all bytes; blocks while nobody on the host reads them. May be called from several threads.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Writes a frame, unless <paramref name="wanted"/> says, once it is our turn, that nobody waits for it any more.</summary>
    void Write(Frame frame, Func<bool> wanted);
}
