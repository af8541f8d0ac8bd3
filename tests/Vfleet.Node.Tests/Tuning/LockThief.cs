using Vfleet.Host.Locks;
using Vfleet.Host.Tests;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Tuning;

/// <summary>Takes the lock of a VF as soon as whoever cleans the VF has given it back, and keeps it.</summary>
internal sealed class LockThief(NodeMachine machine, WatchedKernel watched, string name)
{
    private bool _wasHeld;

    /// <summary>The lock, once it is taken.</summary>
    public FileStream? Taken { get; private set; }

    /// <summary>Told of the ledger's steps: the cleaning follows one.</summary>
    public void Stepped(string step)
    {
        if (step == $"after {LedgerStep.Scrubbing}")
            watched.StrikeAt(0, Try);
    }

    /// <summary>Before each operation of the kernel: free, held by whoever cleans, free again.</summary>
    private void Try()
    {
        LockPatience none = new(TimeSpan.Zero, Fault.TimedOut("late"));
        ValueTask<Outcome<FileStream>> trying = StateLock.TakeAsync(machine.Options, name, isShared: false, none, CancellationToken.None);
        FileStream? free = trying.AsTask().GetAwaiter().GetResult().Or(null);
        if (free is not null && _wasHeld)
        {
            Taken = free;
            return;
        }
        _wasHeld |= free is null;
        free?.Dispose();
        watched.StrikeAt(0, Try);
    }
}
