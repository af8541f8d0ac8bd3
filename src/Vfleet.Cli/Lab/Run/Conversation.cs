using System.Text;
using Vfleet.Cli.Lab.Guest;
using Vfleet.Cli.Lab.Wire;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Run;

/// <summary>One command in the guest, seen from the host: feeds its input, passes on its output, and returns its exit code.</summary>
internal sealed class Conversation(FrameChannel frames, LabRun run) : IDisposable
{
    /// <summary>What a shell reports of a command that was interrupted.</summary>
    internal const int InterruptedExitCode = 130;

    private const int BrokenPipeExitCode = 128 + GuestProcess.SigPipe;

    /// <summary>Input on its way to the command; more is sent once the guest says that it was taken.</summary>
    private const int InputWindow = 256 * 1024;

    /// <summary>Together below the two seconds that System.CommandLine grants a cancelled command.</summary>
    private static readonly TimeSpan TimeToObey = TimeSpan.FromMilliseconds(1200);

    private readonly SemaphoreSlim _taken = new(0);
    private int _inFlight;

    /// <summary>Runs it; on cancellation the command is interrupted, then killed, and 130 is returned.</summary>
    internal async Task<int> RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource over = new();
        await frames.WriteAsync(new Frame(FrameType.Start, new StartRequest(run.Argv, run.Cwd, run.Env, run.Terminal).Encode()), CancellationToken.None);
        Task input = Task.Run(() => FeedAsync(over.Token), CancellationToken.None);
        Task<int> output = FollowAsync(over.Token);
        Task interrupted = Task.Delay(Timeout.Infinite, cancellation);
        try
        {
            if (await Task.WhenAny(output, interrupted) == output)
                return await output;
            await InterruptAsync(output);
            return InterruptedExitCode;
        }
        finally
        {
            await over.CancelAsync();
            // The input may hang in a read of our own standard input, which nothing can wake: it ends with the process.
            _ = input.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            _ = output.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _taken.Dispose();

    private async Task InterruptAsync(Task<int> output)
    {
        try
        {
            await frames.WriteAsync(Frame.OfNumber(FrameType.Signal, GuestProcess.SigInt), CancellationToken.None);
            if (await Task.WhenAny(output, Task.Delay(TimeToObey)) != output)
                await frames.WriteAsync(Frame.OfNumber(FrameType.Signal, GuestProcess.SigKill), CancellationToken.None);
        }
        catch (IOException)
        {
            // The guest went away, and the command with it.
        }
    }

    private async Task<int> FollowAsync(CancellationToken cancellation)
    {
        while (await frames.ReadAsync(cancellation) is { } frame)
        {
            switch (frame.Type)
            {
                case FrameType.Stdout:
                    if (!await TryPassOnAsync(run.Stdout, frame))
                        return BrokenPipeExitCode;
                    break;
                case FrameType.Stderr:
                    await TryPassOnAsync(run.Stderr, frame);
                    break;
                case FrameType.Notice:
                    await run.Stderr.WriteAsync(Encoding.UTF8.GetBytes($"vfleet: {frame.Text}\n"), cancellation);
                    break;
                case FrameType.StdinTaken:
                    Interlocked.Add(ref _inFlight, -frame.Number);
                    _taken.Release();
                    break;
                case FrameType.Greeting:
                    throw LabException.Internal("the lab's agent failed and lost the command; its console log says why");
                case FrameType.Failure:
                    throw new LabException(new Fault(FaultKind.Internal, frame.Text));
                case FrameType.Exit:
                    return frame.Number;
                default:
                    throw LabException.Internal($"the lab's agent sent {frame.Type}");
            }
        }

        throw LabException.Internal("the lab went away while the command was running");
    }

    /// <summary>False where nobody reads the output any more: closing the channel then ends the command.</summary>
    private static async Task<bool> TryPassOnAsync(Stream target, Frame frame)
    {
        try
        {
            await target.WriteAsync(frame.Payload);
            await target.FlushAsync();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task FeedAsync(CancellationToken cancellation)
    {
        byte[] buffer = new byte[Frame.MaxPayloadBytes];
        int count;
        while (run.Stdin is not null && (count = await run.Stdin.ReadAsync(buffer, cancellation)) > 0)
        {
            while (Volatile.Read(ref _inFlight) + count > InputWindow)
                await _taken.WaitAsync(cancellation);
            Interlocked.Add(ref _inFlight, count);
            await frames.WriteAsync(new Frame(FrameType.Stdin, buffer.AsMemory(0, count)), cancellation);
        }

        await frames.WriteAsync(new Frame(FrameType.StdinEnd, default), cancellation);
    }
}
