using System.Net.Sockets;
using Vfleet.Cli.Lab.Wire;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Run;

/// <summary>A channel to the guest's agent that nobody else uses, greeted and ready for a command.</summary>
internal sealed class LabChannel : IAsyncDisposable
{
    private static readonly TimeSpan FreePoll = TimeSpan.FromMilliseconds(100);

    /// <summary>The agent clears what a former user left behind once it has seen the channel closed for a moment.</summary>
    private static readonly TimeSpan PauseBetweenGreetings = TimeSpan.FromMilliseconds(300);

    private readonly FileStream _lock;

    private LabChannel(FileStream held, FrameChannel frames)
    {
        _lock = held;
        Frames = frames;
    }

    internal FrameChannel Frames { get; }

    /// <summary>Takes the first free channel and greets the agent on it, trying again until <paramref name="deadline"/> has passed; one greeting may remain <paramref name="oneTry"/> without answer.</summary>
    internal static async Task<LabChannel> OpenAsync(
        LabPaths paths, TimeSpan oneTry, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        (FileStream held, int index) = await TakeFreeAsync(paths, deadline, time, cancellation);
        try
        {
            while (true)
            {
                if (await TryGreetAsync(paths.ChannelSocket(index), oneTry, cancellation) is { } frames)
                    return new LabChannel(held, frames);
                if (time.GetElapsedTime(start) > deadline)
                    throw new LabException(Fault.TimedOut("the lab's agent does not answer", remedy: "`vfleet lab reboot`"));
                await Task.Delay(PauseBetweenGreetings, time, cancellation);
            }
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Frames.DisposeAsync();
        await _lock.DisposeAsync();
    }

    private static async Task<(FileStream Held, int Index)> TakeFreeAsync(
        LabPaths paths, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            for (int i = 0; i < LabPaths.ChannelCount; i++)
            {
                if (FileLock.TryTake(paths.ChannelLock(i)) is { } held)
                    return (held, i);
            }

            if (time.GetElapsedTime(start) > deadline)
                throw new LabException(Fault.TimedOut($"all {LabPaths.ChannelCount} channels of the lab are in use"));
            await Task.Delay(FreePoll, time, cancellation);
        }
    }

    private static async Task<FrameChannel?> TryGreetAsync(string socket, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(limit);
        FrameChannel? frames = null;
        try
        {
            frames = await FrameChannel.ConnectAsync(socket, timer.Token);
            if (await frames.GreetAsync(timer.Token))
                return frames;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // QEMU is not there yet, or has just gone: the caller looks at the process and decides.
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // No answer in time; the next greeting may be luckier.
        }
        catch
        {
            await DisposeAsync(frames);
            throw;
        }

        await DisposeAsync(frames);
        return null;
    }

    private static ValueTask DisposeAsync(FrameChannel? frames) => frames?.DisposeAsync() ?? ValueTask.CompletedTask;
}
