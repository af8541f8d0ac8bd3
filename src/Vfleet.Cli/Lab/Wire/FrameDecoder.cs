namespace Vfleet.Cli.Lab.Wire;

/// <summary>
/// Turns the bytes of a channel, cut anywhere, into frames. It starts out of step and skips everything up to a
/// <see cref="Greeting"/>; bytes that cannot be a frame put it out of step again.
/// </summary>
internal sealed class FrameDecoder
{
    private byte[] _buffer = new byte[Frame.HeaderBytes + Frame.MaxPayloadBytes];
    private int _start;
    private int _end;

    /// <summary>True after a greeting, until garbage arrives or <see cref="Reset"/> is called.</summary>
    internal bool InStep { get; private set; }

    /// <summary>Forgets everything: the other side has gone.</summary>
    internal void Reset()
    {
        _start = _end = 0;
        InStep = false;
    }

    /// <summary>Takes bytes as they were read.</summary>
    internal void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_end + bytes.Length > _buffer.Length)
            MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>The next frame, if a whole one is there. Its payload is the caller's to keep.</summary>
    internal bool TryRead(out Frame frame)
    {
        frame = default;
        if (InStep && !TryReadInStep(ref frame))
            return false;
        if (frame.Type != FrameType.Greeting)
            return true;
        return TryReadGreeting(ref frame);
    }

    /// <summary>False where more bytes are needed; true with a frame, or with none once the stream is out of step.</summary>
    private bool TryReadInStep(ref Frame frame)
    {
        ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
        if (pending.Length < Frame.HeaderBytes)
            return false;
        if (!Frame.TryReadHeader(pending, out FrameType type, out int length))
        {
            InStep = false;
            return true;
        }

        if (pending.Length < Frame.HeaderBytes + length)
            return false;
        frame = new Frame(type, pending.Slice(Frame.HeaderBytes, length).ToArray());
        _start += Frame.HeaderBytes + length;
        return true;
    }

    private bool TryReadGreeting(ref Frame frame)
    {
        ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
        int at = pending.IndexOf(Greeting.Mark);
        if (at < 0)
        {
            // The mark may have been cut: keep as many bytes as could be its beginning.
            _start = Math.Max(_start, _end - (Greeting.Mark.Length - 1));
            return false;
        }

        _start += at;
        if (_end - _start < Greeting.Length)
            return false;
        frame = new Frame(FrameType.Greeting, _buffer.AsSpan(_start + Greeting.Mark.Length, Greeting.NonceBytes).ToArray());
        _start += Greeting.Length;
        InStep = true;
        return true;
    }

    private void MakeRoom(int more)
    {
        int held = _end - _start;
        byte[] target = held + more > _buffer.Length ? new byte[(held + more) * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, held);
        _buffer = target;
        _start = 0;
        _end = held;
    }
}
