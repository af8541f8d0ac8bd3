using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Lab.Guest;

/// <summary>Reads one port for ever: a greeting begins a conversation, its end or garbage abandons the command of it.</summary>
internal sealed class PortServer(IGuestPort port, Action powerOff)
{
    /// <summary>How soon a new connection is noticed: the port says "nobody there" instead of waiting for one.</summary>
    private const int IdlePollMilliseconds = 50;

    private readonly FrameDecoder _decoder = new();
    private GuestSession? _session;

    /// <summary>Serves until <paramref name="stop"/> is cancelled; a blocked read ends with the process.</summary>
    internal void Serve(CancellationToken stop)
    {
        byte[] buffer = new byte[Frame.MaxPayloadBytes];
        while (!stop.IsCancellationRequested)
        {
            int count = port.Read(buffer);
            if (count == 0)
            {
                Abandon();
                _decoder.Reset();
                stop.WaitHandle.WaitOne(IdlePollMilliseconds);
                continue;
            }

            _decoder.Feed(buffer.AsSpan(0, count));
            while (_decoder.TryRead(out Frame frame))
                Take(frame);
            if (!_decoder.InStep)
                Abandon();
        }
    }

    private void Take(Frame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Greeting:
                Abandon();
                port.Write(Greeting.Encode(frame.Payload.Span));
                break;
            case FrameType.PowerOff:
                powerOff();
                break;
            case FrameType.Start:
                Abandon();
                _session = GuestSession.Start(port, frame.Payload.Span);
                break;
            default:
                _session?.Take(frame);
                break;
        }
    }

    private void Abandon()
    {
        _session?.Abandon();
        _session = null;
    }
}
