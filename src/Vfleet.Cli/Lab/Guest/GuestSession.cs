using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;
using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Lab.Guest;

/// <summary>One command in the guest and the conversation about it.</summary>
internal sealed class GuestSession
{
    /// <summary>A background process may keep the output open for ever; after the command's end this much silence of it is enough.</summary>
    private static readonly TimeSpan SilenceAfterExit = TimeSpan.FromMilliseconds(800);

    private static readonly TimeSpan ExitPoll = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan TimeToDie = TimeSpan.FromSeconds(1);

    private readonly IGuestPort _port;
    private readonly Process _process;
    private readonly Channel<ReadOnlyMemory<byte>> _stdin = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private volatile bool _abandoned;
    private int _writers;
    private long _lastOutputTicks;

    private GuestSession(IGuestPort port, Process process)
    {
        _port = port;
        _process = process;
    }

    /// <summary>Starts the command, or says over the port why it cannot: then there is no session.</summary>
    internal static GuestSession? Start(IGuestPort port, ReadOnlySpan<byte> json)
    {
        if (StartRequest.Decode(json) is not { } request)
        {
            port.Write(Frame.OfText(FrameType.Failure, "the guest did not understand the command"), () => true);
            return null;
        }

        HostFiles.Refresh();
        try
        {
            GuestSession session = new(port, GuestProcess.Start(request));
            if (!Directory.Exists(request.Cwd))
                port.Write(Frame.OfText(FrameType.Notice, $"{request.Cwd} does not exist in the lab; the command runs in /"), () => true);
            session.Begin();
            return session;
        }
        catch (Win32Exception e)
        {
            port.Write(Frame.OfText(FrameType.Failure, $"cannot start {request.Argv[0]} in the lab: {e.Message}"), () => true);
            return null;
        }
    }

    /// <summary>Takes a frame of the host about the running command.</summary>
    internal void Take(Frame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Stdin:
                _stdin.Writer.TryWrite(frame.Payload);
                break;
            case FrameType.StdinEnd:
                _stdin.Writer.TryComplete();
                break;
            case FrameType.Signal when !_process.HasExited:
                GuestProcess.SignalGroup(_process.Id, frame.Number);
                break;
            default:
                // A frame of ours that came back, or one of a newer host: the command does not depend on it.
                break;
        }
    }

    /// <summary>The host has gone: the command's process group ends, first asked and then killed.</summary>
    internal void Abandon()
    {
        if (_abandoned)
            return;
        _abandoned = true;
        _stdin.Writer.TryComplete();
        _ = Task.Run(EndGroupAsync);
    }

    private async Task EndGroupAsync()
    {
        if (_process.HasExited)
            return;
        GuestProcess.SignalGroup(_process.Id, GuestProcess.SigTerm);
        using CancellationTokenSource deadline = new(TimeToDie);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            GuestProcess.SignalGroup(_process.Id, GuestProcess.SigKill);
        }
    }

    private void Begin()
    {
        Task stdout = Task.Run(() => PumpOutAsync(_process.StandardOutput.BaseStream, FrameType.Stdout));
        Task stderr = Task.Run(() => PumpOutAsync(_process.StandardError.BaseStream, FrameType.Stderr));
        _ = Task.Run(PumpInAsync);
        _ = Task.Run(() => FinishAsync(Task.WhenAll(stdout, stderr)));
    }

    private async Task FinishAsync(Task output)
    {
        await _process.WaitForExitAsync();
        Volatile.Write(ref _lastOutputTicks, Stopwatch.GetTimestamp());
        // Without such a process the output's end is certain, however long this machine takes to get there.
        while (!output.IsCompleted && !(IsSilent() && PipeHolders.OtherThanUs([_process.StandardOutput.BaseStream, _process.StandardError.BaseStream])))
            await Task.WhenAny(output, Task.Delay(ExitPoll));
        Send(Frame.OfNumber(FrameType.Exit, _process.ExitCode));
        _stdin.Writer.TryComplete();
    }

    private async Task PumpOutAsync(Stream source, FrameType type)
    {
        byte[] buffer = new byte[Frame.MaxPayloadBytes];
        int count;
        while ((count = await source.ReadAsync(buffer)) > 0)
        {
            Interlocked.Increment(ref _writers);
            Send(new Frame(type, buffer.AsMemory(0, count)));
            Volatile.Write(ref _lastOutputTicks, Stopwatch.GetTimestamp());
            Interlocked.Decrement(ref _writers);
        }
    }

    /// <summary>Nothing came for a while; output that a slow reader on the host holds up is not silence.</summary>
    private bool IsSilent() => Volatile.Read(ref _writers) == 0
        && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastOutputTicks)) >= SilenceAfterExit;

    private async Task PumpInAsync()
    {
        Stream target = _process.StandardInput.BaseStream;
        bool closed = false;
        await foreach (ReadOnlyMemory<byte> bytes in _stdin.Reader.ReadAllAsync())
        {
            try
            {
                if (!closed)
                    await target.WriteAsync(bytes);
            }
            catch (IOException)
            {
                // The command closed its input or ended. The host still gets its credit, else it would wait for ever.
                closed = true;
            }

            Send(Frame.OfNumber(FrameType.StdinTaken, bytes.Length));
        }

        try
        {
            await target.DisposeAsync();
        }
        catch (IOException)
        {
            // The command closed its end first.
        }
    }

    private void Send(Frame frame) => _port.Write(frame, () => !_abandoned);
}
