using Microsoft.Win32.SafeHandles;
using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Lab.Guest;

/// <summary>A virtio-serial port, which one process may open once; reading and writing go on at the same time.</summary>
internal sealed class GuestPort : IGuestPort
{
    private readonly FileStream _input;
    private readonly FileStream _output;
    private readonly Lock _writing = new();

    internal GuestPort(string path)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        _input = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        _output = new FileStream(handle, FileAccess.Write, bufferSize: 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }

    /// <inheritdoc/>
    public int Read(Span<byte> buffer) => _input.Read(buffer);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
            _output.Write(bytes);
    }

    /// <inheritdoc/>
    public void Write(Frame frame, Func<bool> wanted)
    {
        byte[] bytes = frame.Encode();
        lock (_writing)
        {
            if (wanted())
                _output.Write(bytes);
        }
    }
}
