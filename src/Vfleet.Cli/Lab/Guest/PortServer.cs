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
        AnnounceLoss();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!TakeNext(buffer))
                    stop.WaitHandle.WaitOne(IdlePollMilliseconds);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // One conversation that fails must not take the others with it; its host is told, the console log says why.
                Console.Error.WriteLine($"vfleet-lab: {e}");
                Forget();
                AnnounceLoss();
                stop.WaitHandle.WaitOne(IdlePollMilliseconds);
            }
        }
    }

    /// <summary>False where nobody is connected.</summary>
    private bool TakeNext(byte[] buffer)
    {
        int count = port.Read(buffer);
        if (count == 0)
        {
            Forget();
            return false;
        }

        _decoder.Feed(buffer.AsSpan(0, count));
        while (_decoder.TryRead(out Frame frame))
            Take(frame);
        if (!_decoder.InStep)
            Abandon();
        return true;
    }

    /// <summary>Waits on a thread of its own until somebody is connected to hear it.</summary>
    private void AnnounceLoss() =>
        new Thread(() => port.Write(Greeting.Encode(Greeting.NobodysNonce))) { IsBackground = true }.Start();

    private void Forget()
    {
        Abandon();
        _decoder.Reset();
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
